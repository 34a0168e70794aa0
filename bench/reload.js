/**
 * How long an edit keeps lanes from being read: 30 edits of a running join, at 5,000 lines a second, with two
 * receivers attached, once with 1 MB of records kept and once with 256 MB. Every pair must have been received, none
 * twice, before a figure counts.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import rhea from 'rhea';
import { askEdit } from '../dist/runner/control.js';
import { median, print } from './report.js';
import { product } from './subject.js';

const EDITS = 30;
const PAIRS_PER_SECOND = 2_500;
/** Between edits. */
const REST_MS = 300;
const STEP_MS = 10;
const NOTE_BYTES = 1_000;
const START_MS = 1_767_225_600_000;

/** @param {number} edit its number shows in a condition that every pair meets */
const topology = (edit) => `
version: 1
name: bench
http: false
amqp: { listen: 0 }
vehicles:
  generator:
    lanes:
      orders:
        listen: 0
        fields: { order_id: long, amount: long, at: { type: timestamp, format: epoch_ms }, note: string }
        event_time: { field: at, max_delay: 0s }
      payments:
        listen: 0
        fields: { order_id: long, paid: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 0s }
operators:
  paid: { type: join, left: orders, right: payments, key: order_id, within: { after: 1h }, fields: { order_id: order_id, amount: amount, paid: paid, note: note } }
  some: { type: filter, from: paid, where: paid > ${-1 - edit} }
exits:
  out: { from: some, for: generator }
`;

/** Attaches; counts up each order that comes. @param {Map<number, number>} taken times by order */
function receiver(port, name, taken) {
  const container = rhea.create_container({ id: name });
  const connection = container.connect({ host: '127.0.0.1', port, reconnect: false });
  container.on('message', ({ message: { body } }) => {
    taken.set(body.order_id, (taken.get(body.order_id) ?? 0) + 1);
  });
  container.on('disconnected', () => {});
  return new Promise((attached) => {
    container.on('receiver_open', () => attached(connection));
    connection.open_receiver({ source: 'out', credit_window: 1000 });
  });
}

const order = (id, at, note) =>
  `${JSON.stringify({ order_id: id, amount: id % 1000, at, note })}\n`;
const payment = (id, at) => `${JSON.stringify({ order_id: id, paid: id % 1000, at })}\n`;

/** Sends orders that nobody pays. */
async function fill(socket, count) {
  const note = 'x'.repeat(NOTE_BYTES);
  for (let id = 1; id <= count; id++) {
    if (!socket.write(order(-id, START_MS, note))) {
      await new Promise((drained) => socket.once('drain', drained));
    }
  }
}

/** Sends pairs at their pace until told to stop. */
function drive([orders, payments]) {
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * PAIRS_PER_SECOND);
    const [some, others] = [[], []];
    for (; sent < due; sent++) {
      const at = START_MS + 1 + Math.floor((sent * 1000) / PAIRS_PER_SECOND);
      some.push(order(sent, at, 'x'));
      others.push(payment(sent, at));
    }
    orders.write(some.join(''));
    payments.write(others.join(''));
  }, STEP_MS);
  return {
    stop() {
      clearInterval(timer);
      return sent;
    },
  };
}

/** Memory that a process has, in MiB: what is said to be kept must show in it. */
function residentMib(pid) {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024,
  );
}

async function until(condition) {
  while (!condition()) await sleep(STEP_MS);
}

/** @returns the pauses of all edits in milliseconds */
async function edits(ports, { folder, flow, kept }) {
  const taken = new Map();
  const amqp = Number(ports[2]);
  const receivers = [await receiver(amqp, 'one', taken), await receiver(amqp, 'two', taken)];
  const sockets = [0, 1].map((i) => connect(Number(ports[i]), '127.0.0.1'));
  await fill(sockets[0], kept);
  const driven = drive(sockets);
  await until(() => taken.size > 0);
  const pauses = [];
  for (let edit = 1; edit <= EDITS; edit++) {
    await sleep(REST_MS);
    writeFileSync(`${flow}.new`, topology(edit));
    renameSync(`${flow}.new`, flow);
    const { result, failure } = await askEdit(join(folder, 'state'), {
      dryRun: false,
      allowReset: [],
    });
    if (result?.kind !== 'committed') throw new Error(failure?.message ?? `it is ${result?.kind}`);
    pauses.push(result.pausedMs);
  }
  const sent = driven.stop();
  await until(() => taken.size === sent);
  const twice = [...taken.values()].filter((times) => times !== 1).length;
  if (twice > 0) throw new Error(`${twice} pairs came more than once`);
  for (const one of receivers) one.close();
  for (const socket of sockets) socket.destroy();
  return pauses;
}

/** @param {{ records?: number, rounds: number }} options `records`: bytes of notes kept, in place of both sizes */
export async function run({ records, rounds }) {
  const sizes = records === undefined ? [2 ** 20, 2 ** 28] : [records];
  const rows = [];
  for (const bytes of sizes) {
    const pauses = [];
    const resident = [];
    const kept = Math.round(bytes / NOTE_BYTES);
    for (let round = 0; round < rounds; round++) {
      const measure = async ({ pid }, ports, work) => {
        const all = await edits(ports, work);
        resident.push(residentMib(pid));
        return all;
      };
      pauses.push(...(await product(topology(0), ['orders', 'payments'], { kept, measure })));
    }
    pauses.sort((a, b) => a - b);
    const p99 = pauses[Math.ceil(pauses.length * 0.99) - 1];
    const milliseconds = (value) => Number(value.toFixed(1));
    rows.push({
      state_mib: bytes / 2 ** 20,
      resident_mib: median(resident),
      edits: pauses.length,
      p50_ms: milliseconds(median(pauses)),
      p99_ms: milliseconds(p99),
      longest_ms: milliseconds(Math.max(...pauses)),
    });
  }
  print('reload', rows, { rounds, lines_per_second: 2 * PAIRS_PER_SECOND });
}
