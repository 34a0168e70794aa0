/**
 * An interval join of two lanes -> exit, volatile and durable, beside a naive Node program over the same lines
 * in the same run, each to a receiver in this process. Its answer must be the right one before a figure counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './compare.js';
import { WITHIN_MS, writeOrders } from './orders.js';

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
        fields: { order_id: long, amount: long, customer: long, at: { type: timestamp, format: epoch_ms }, note: string }
        event_time: { field: at, max_delay: 0s }
      payments:
        listen: 0
        fields: { order_id: long, paid: long, method: string, at: { type: timestamp, format: epoch_ms }, note: string }
        event_time: { field: at, max_delay: 0s }
operators:
  underpaid:
    type: join
    left: orders
    right: payments
    key: order_id
    within: { after: ${WITHIN_MS / 1000}s }
    where: paid < amount
    fields: { order_id: order_id, amount: amount, paid: paid }
exits:
  out: { from: underpaid, for: generator }
`;

/** @param {{ records?: number, rounds: number }} options records in all, half on either side */
export async function run({ records = 1_000_000, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const [orders, payments] = ['orders', 'payments'].map((name) => join(folder, `${name}.ndjson`));
  const wanted = await writeOrders({ orders, payments }, records / 2);
  const work = { files: [orders, payments], value: 'amount', wanted };
  await compare('join', {
    naive: 'naive-join.js',
    ready: /ready (\d+) (\d+) (\d+)\n/,
    topology,
    lanes: ['orders', 'payments'],
    work,
    records,
    rounds,
    about: wanted,
  });
  rmSync(folder, { recursive: true, force: true });
}
