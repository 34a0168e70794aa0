/**
 * filter -> 10 s windows by key -> exit, volatile and durable, beside a naive Node program over the same
 * lines in the same run, each to a receiver in this process. Its answer must be the right one before a figure counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answer, DEAR, FEWEST, WINDOW_MS, writeBids } from './bids.js';
import { compare } from './compare.js';

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

/** @param {{ records?: number, rounds: number }} options */
export async function run({ records = 1_000_000, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const file = join(folder, 'bids.ndjson');
  await writeBids(file, records);
  const wanted = answer(records);
  const work = { files: [file], value: 'top', wanted };
  await compare('aggregate', {
    naive: 'naive.js',
    ready: /ready (\d+) (\d+)\n/,
    topology,
    lanes: ['bids'],
    work,
    records,
    rounds,
    about: wanted,
  });
  rmSync(folder, { recursive: true, force: true });
}
