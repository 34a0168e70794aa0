/**
 * From the socket to columns, stage by stage, in nanoseconds a line. Several decoders and flows are alive
 * and warm before anything is timed, as in a real process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNdjsonDecoder } from '../dist/codecs/ndjson.js';
import { Engine } from '../dist/engine/engine.js';
import { receive } from '../dist/lanes/receive.js';
import { validateText } from '../dist/rules/validate.js';
import { nodeDisk } from '../dist/store/disk.js';
import { LaneLog } from '../dist/store/lane-log.js';
import { MemoryLog } from '../dist/store/memory-log.js';
import { systemClock } from '../dist/stream/clock.js';
import { bids } from './bids.js';
import { median, print } from './report.js';

const CHUNK = 64 * 1024;
const START = 1_767_225_600_000_000;
/** Flows that are all fed before anything is timed: the kernels have seen more than one kind of program. */
const FLOWS = {
  whole: `  dear: { type: filter, from: bids, where: price > 100000 }
  per: { type: aggregate, from: dear, window: { tumble: 10s }, group_by: auction, fields: { n: count(*), top: max(price) }, having: n >= 20 }`,
  texts: `  some: { type: filter, from: bids, where: "channel = 'channel-7' AND bidder % 2 = 0" }
  per: { type: aggregate, from: some, window: { tumble: 1s }, group_by: channel, fields: { n: count(*), longest: max(length(extra)) } }`,
  rows: `  few: { type: filter, from: bids, where: auction % 100 = 3 }
  per: { type: select, from: few, fields: { auction: auction, euro: price * 0.908, url: url } }`,
};

const flow = (operators) => `version: 1
name: bench
http: false
amqp: { listen: 0 }
vehicles:
  generator:
    lanes:
      bids:
        listen: 0
        fields: { auction: long, bidder: long, price: long, channel: string, url: string, date_time: { type: timestamp, format: epoch_ms }, extra: string }
        event_time: date_time
operators:
${operators}
exits:
  out: { from: per, for: generator }
`;

const FIELDS = [
  ['auction', 'long'],
  ['bidder', 'long'],
  ['price', 'long'],
  ['channel', 'string'],
  ['url', 'string'],
  ['date_time', 'timestamp'],
  ['extra', 'string'],
];

function decoder(used) {
  return createNdjsonDecoder(
    FIELDS.map(([name, kind]) => ({
      name,
      type: { kind },
      source: [name],
      format: 'epoch_ms',
      required: false,
      used: used.includes(name),
    })),
  );
}

/** Puts chunks in and finds their lines, and decodes them if asked. @returns how many lines */
function findAll(bytes, codec, decodes) {
  let lines = 0;
  let from = 0;
  while (from < bytes.length) {
    const chunk = bytes.subarray(from, from + CHUNK);
    codec.room(chunk.length).set(chunk);
    const { count, next } = codec.find(0, chunk.length);
    if (count === 0) break;
    if (decodes) codec.decode(0, count);
    lines += count;
    from += next;
  }
  return lines;
}

/** Sends all bytes over loopback; the receiving side reads as a lane does and looks at nothing. */
function throughSocket(bytes) {
  return new Promise((done) => {
    const server = createServer((socket) => {
      receive(socket, Buffer.allocUnsafeSlow(256 * 1024), () => {});
      socket.on('end', () => {
        socket.end();
        server.close(() => done());
      });
    });
    server.listen(0, '127.0.0.1', () => connect(server.address().port, '127.0.0.1').end(bytes));
  });
}

function openLog(folder) {
  const random = (count) => new Uint8Array(count).fill(7);
  const pipelineId = '0'.repeat(32);
  const segmentBytes = 64 << 20;
  const disk = nodeDisk;
  return LaneLog.open({ disk, clock: systemClock, folder, pipelineId, segmentBytes, random });
}

async function throughLog(log, bytes) {
  await log.replay(
    () => {},
    () => Promise.resolve(),
    0,
  );
  log.start({
    onDurable: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  for (let from = 0; from < bytes.length; from += CHUNK) {
    const chunk = bytes.subarray(from, from + CHUNK);
    log.append({ kind: 'chunk', lane: 1, connection: 1, bytes: chunk });
    if (log.pendingBytes > 4 << 20) await log.flush();
  }
  await log.flush();
  await log.close();
}

/** A hold that counts: what exits encode is counted, where it is kept is another stage. */
class Counted {
  next = 1;
  append({ count }) {
    this.next += count;
  }
}

/** Everything between log and holds, on all bytes. @returns how many records the lane took */
function throughEngine(operators, bytes) {
  const { plan, findings } = validateText(flow(operators), 'bench.yaml');
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join('; '));
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new Counted()]));
  const engine = new Engine({ plan, start: START, holds, seed: 7 });
  const [{ id: lane }] = plan.lanes;
  let lsn = 0;
  const feed = (entry) => engine.feed({ lsn: lsn++, at: START, ...entry });
  feed({ kind: 'opened', lane, connection: 1, peer: 'bench' });
  for (let from = 0; from < bytes.length; from += CHUNK) {
    feed({ kind: 'chunk', lane, connection: 1, bytes: bytes.subarray(from, from + CHUNK) });
  }
  feed({ kind: 'closed', lane, connection: 1, how: 'end' });
  feed({ kind: 'close', lane });
  return engine.account().lanes[0].records;
}

/** @param {{ records?: number, rounds: number }} options */
export async function run({ records = 1_000_000, rounds }) {
  const bytes = bids(records);
  const all = decoder(FIELDS.map(([name]) => name));
  const three = decoder(['auction', 'price', 'date_time']);
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  let logs = 0;
  const stages = {
    'socket alone': () => throughSocket(bytes),
    'log, volatile': () => throughLog(new MemoryLog(systemClock), bytes),
    'log, durable': async () => throughLog(await openLog(join(folder, `log${logs++}`)), bytes),
    'copy in and find lines': async () => findAll(bytes, all, false),
    'find and decode, seven fields used': async () => findAll(bytes, all, true),
    'find and decode, three of seven used': async () => findAll(bytes, three, true),
    'engine whole': async () => throughEngine(FLOWS.whole, bytes),
  };
  for (const operators of Object.values(FLOWS)) {
    const taken = throughEngine(operators, bytes);
    if (taken !== records) throw new Error(`${taken} of ${records} lines became records`);
  }
  const times = Object.fromEntries(Object.keys(stages).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, stage] of Object.entries(stages)) {
      const started = performance.now();
      await stage();
      // The first round only warms everything that is alive.
      if (round >= 0) times[name].push(((performance.now() - started) * 1e6) / records);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  print(
    'ingest',
    Object.entries(times).map(([stage, all]) => ({ stage, ns_per_line: Math.round(median(all)) })),
    { records, rounds, bytes_per_line: Math.round(bytes.length / records) },
  );
}
