/** The seed of the hashes of keys says where a group lies, and shows in nothing that leaves. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import type { Bodies, Hold } from '../../src/stream/port.ts';
import { assignIds } from '../../src/topology/canonical.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { share } from '../tools/campaign.ts';
import { topologyOf } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const topology = topologyOf(`version: 1
name: seeds
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { s: string, n: long, d: double, b: boolean, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s }
operators:
  texts: { type: aggregate, from: in, window: { tumble: 1s }, group_by: [s, b], fields: { c: count(*), d: sum(d) } }
  numbers: { type: aggregate, from: in, window: { batch: 1s }, group_by: [n, d], fields: { c: count(*), s: max(s) } }
  again: { type: aggregate, from: texts, window: { tumble: 3s }, group_by: c, fields: { d: max(d), m: count(b) } }
exits:
  texts: { from: texts, for: v }
  numbers: { from: numbers, for: v, format: json }
  again: { from: again, for: v }
`);
const plan = planTopology(
  topology,
  assignIds(topology, (bytes) => new Uint8Array(bytes)),
);

class BytesHold implements Hold {
  next = 1;
  #bytes = Buffer.alloc(0);

  append({ count, bytes }: Bodies): void {
    this.next += count;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  get hex(): string {
    return this.#bytes.toString('hex');
  }
}

/** @returns the bytes of each exit's hold after these lines, in chunks of `chunk` bytes */
function holdsOf(seed: number, lines: readonly string[], chunk: number): readonly string[] {
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, new BytesHold()]));
  const engine = new Engine({ plan, start: START, holds, seed });
  const [{ id: lane }] = plan.lanes;
  let lsn = 0;
  let at = START;
  const feed = (entry: object): void => engine.feed({ lsn: lsn++, at, ...entry } as LogEntry);
  feed({ kind: 'opened', lane, connection: 1, peer: 'test' });
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let from = 0; from < bytes.length; from += chunk) {
    feed({ kind: 'chunk', lane, connection: 1, bytes: bytes.subarray(from, from + chunk) });
    at += 100_000;
  }
  feed({ kind: 'closed', lane, connection: 1, how: 'end' });
  feed({ kind: 'close', lane });
  return plan.exits.map(({ id }) => holds.get(id)?.hex ?? '');
}

const lines = fc.array(
  fc
    .record({
      s: fc.option(fc.oneof(fc.string({ maxLength: 3 }), fc.nat(400).map(String))),
      n: fc.option(fc.oneof(fc.integer(), fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53, 2 ** 32))),
      d: fc.option(fc.oneof(fc.constantFrom(0, -0, 0.5), fc.double({ noNaN: true }))),
      b: fc.option(fc.boolean()),
      at: fc.nat(9000).map((ms) => START / 1000 + ms),
    })
    .map((record) => JSON.stringify(record)),
  { minLength: 1, maxLength: 300, size: 'max' },
);

test('two seeds give the same holds, byte for byte', () => {
  const seed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const filled = new Set<number>();
  fc.assert(
    fc.property(lines, seed, seed, fc.integer({ min: 200, max: 9000 }), (all, one, two, chunk) => {
      const holds = holdsOf(one, all, chunk);
      for (const [exit, hex] of holds.entries()) if (hex !== '') filled.add(exit);
      expect(holdsOf(two, all, chunk)).toEqual(holds);
    }),
    { numRuns: share(200) },
  );
  expect(filled.size).toBe(plan.exits.length);
});
