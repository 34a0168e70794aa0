/**
 * A lane -> exit, one record a message, taken by a receiver in a process of its own, volatile and durable, beside a
 * naive Node program with rhea in the same run. Every id must come once and in order before a figure counts.
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { random } from './bids.js';
import { compare } from './compare.js';
import { takenElsewhere } from './subject.js';

const START_MS = 1_767_225_600_000;

const topology = (durability) => `
version: 1
name: bench
http: false
amqp: { listen: 0 }
state: { durability: ${durability} }
vehicles:
  generator:
    lanes:
      orders:
        listen: 0
        fields: { id: long, amount: long, customer: long, at: { type: timestamp, format: epoch_ms }, note: string }
exits:
  out: { from: orders, for: generator }
`;

/** Orders as lines of JSON, about 100 bytes each. */
async function writeOrders(file, count) {
  const next = random(11);
  const stream = createWriteStream(file);
  for (let id = 0; id < count; id++) {
    const amount = 1 + Math.floor(next() * 1e6);
    const customer = 1000 + (id % 5000);
    const note = 'x'.repeat(20 + Math.floor(next() * 20));
    stream.write(`${JSON.stringify({ id, amount, customer, at: START_MS + id, note })}\n`);
  }
  stream.end();
  await finished(stream);
}

/** @param {{ records?: number, rounds: number }} options */
export async function run({ records = 200_000, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const file = join(folder, 'orders.ndjson');
  await writeOrders(file, records);
  const work = { files: [file], take: (port) => takenElsewhere(port, records) };
  await compare('passthrough', {
    naive: 'naive-passthrough.js',
    ready: /ready (\d+) (\d+)\n/,
    topology,
    lanes: ['orders'],
    work,
    records,
    rounds,
    noun: 'messages',
  });
  rmSync(folder, { recursive: true, force: true });
}
