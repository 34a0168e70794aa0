/**
 * filter -> 10 s windows by key -> exit, volatile and durable, beside a naive Node program over the same
 * lines in the same run, each to a receiver in this process. Its answer must be the right one before a figure counts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import rhea from 'rhea';
import { answer, DEAR, FEWEST, WINDOW_MS, writeBids } from './bids.js';
import { median, print } from './report.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const TICKS_PER_SECOND = 100;

const topology = (durability) => `
version: 1
name: bench
http: false
amqp: { listen: 0 }
state: { durability: ${durability} }
vehicles:
  generator:
    lanes:
      bids:
        listen: 0
        fields: { auction: long, bidder: long, price: long, channel: string, url: string, date_time: { type: timestamp, format: epoch_ms }, extra: string }
        event_time: date_time
        at_end: finish
operators:
  dear: { type: filter, from: bids, where: price > ${DEAR} }
  per: { type: aggregate, from: dear, window: { tumble: ${WINDOW_MS / 1000}s }, group_by: auction, fields: { n: count(*), top: max(price) }, having: n >= ${FEWEST} }
exits:
  out: { from: per, for: generator }
`;

/** User and system time of a process so far, in seconds. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resolves with the first match of `pattern` in what a process prints. */
function printed(child, pattern) {
  let text = '';
  return new Promise((done, fail) => {
    const look = (data) => {
      text += data;
      const match = pattern.exec(text);
      if (match !== null) done(match);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => fail(new Error(`it ended with ${code}: ${text}`)));
  });
}

/** Attaches to `out` and takes results until `wanted` have come. @returns when attached, a promise of them */
function receive(port, wanted) {
  const container = rhea.create_container({ id: 'bench' });
  const connection = container.connect({ host: '127.0.0.1', port, reconnect: false });
  const taken = new Promise((done, fail) => {
    let results = 0;
    let sum = 0;
    container.on('message', ({ message }) => {
      results++;
      sum += message.body.top;
      if (results < wanted) return;
      done({ results, sum });
      connection.close();
    });
    container.on('disconnected', () => fail(new Error('the exit is gone')));
  });
  return new Promise((attached) => {
    container.on('receiver_open', () => attached({ taken }));
    connection.open_receiver({ source: 'out', credit_window: 2000 });
  });
}

/** From the first byte sent to the last result taken. */
async function measure({ child, port, amqp }, file, wanted) {
  const { taken } = await receive(Number(amqp), wanted.results);
  const before = cpuSeconds(child.pid);
  const started = performance.now();
  spawn(process.execPath, [here('load.js'), port, file], { stdio: 'ignore' });
  const { results, sum } = await taken;
  const wall = (performance.now() - started) / 1000;
  const cpu = cpuSeconds(child.pid) - before;
  if (results !== wanted.results || sum !== wanted.sum) {
    throw new Error(`the answer is ${results}, ${sum}; right is ${wanted.results}, ${wanted.sum}`);
  }
  return { wall, cpu };
}

/** Starts a subject, measures it and ends it. */
async function subject(args, ready, file, wanted) {
  const child = spawn(process.execPath, args);
  const [, port, amqp] = await printed(child, ready);
  try {
    return await measure({ child, port, amqp }, file, wanted);
  } finally {
    child.kill('SIGKILL');
  }
}

function naive(file, wanted) {
  return subject([here('naive.js')], /ready (\d+) (\d+)\n/, file, wanted);
}

async function product(file, durability, wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const flow = join(folder, 'flow.yaml');
  writeFileSync(flow, topology(durability));
  const flags = ['--disallow-code-generation-from-strings', here('../bin/roundabout.js')];
  const args = [...flags, 'run', flow, '--state-dir', join(folder, 'state')];
  const ready = /bids\s+listens\s+127\.0\.0\.1:(\d+)[\s\S]*amqp\s+\S+:(\d+)[\s\S]*ready/;
  try {
    return await subject(args, ready, file, wanted);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {{ records: number, rounds: number }} options */
export async function run({ records, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const file = join(folder, 'bids.ndjson');
  await writeBids(file, records);
  const wanted = answer(records);
  const subjects = { naive: [], volatile: [], durable: [] };
  for (let round = 0; round < rounds; round++) {
    subjects.naive.push(await naive(file, wanted));
    subjects.volatile.push(await product(file, 'memory', wanted));
    subjects.durable.push(await product(file, 'disk', wanted));
  }
  rmSync(folder, { recursive: true, force: true });
  const perCpu = (name) => median(subjects[name].map(({ cpu }) => records / cpu));
  const perWall = (name) => median(subjects[name].map(({ wall }) => records / wall));
  print(
    'aggregate',
    Object.keys(subjects).map((name) => ({
      subject: name,
      records_per_cpu_second: Math.round(perCpu(name)),
      records_per_second: Math.round(perWall(name)),
      ratio_to_naive: Number((perCpu(name) / perCpu('naive')).toFixed(2)),
    })),
    { records, rounds, ...wanted },
  );
}
