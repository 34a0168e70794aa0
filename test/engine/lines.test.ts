/** Lines in chunks: what becomes of a line does not depend on where the network cut it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BadRecord } from '../../src/engine/bad-record.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { LogEntry } from '../../src/stream/entry.ts';
import { assignIds } from '../../src/topology/canonical.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { share } from '../tools/campaign.ts';
import { topologyOf } from '../tools/flow-world.ts';

const LIMIT = 8;
const topology = topologyOf(`version: 1
name: lines
http: false
amqp: { listen: 0 }
vehicles: { v: { lanes: { in: { listen: 0, codec: text } } } }
exits: { out: { from: in, for: v } }
`);
const planned = planTopology(
  topology,
  assignIds(topology, (bytes) => new Uint8Array(bytes)),
);
const plan = {
  ...planned,
  lanes: planned.lanes.map((lane) => ({ ...lane, maxLineBytes: LIMIT })),
};

interface Outcome {
  readonly lines: number;
  readonly records: number;
  readonly empty: number;
  readonly torn: number;
  readonly bad: readonly (readonly [line: number, reason: string, size: number, bytes: string])[];
}

function read(chunks: readonly Uint8Array[], how: 'end' | 'reset'): Outcome {
  const bad: [number, string, number, string][] = [];
  const holds = new Map([...plan.exits, plan.deadLetter].map(({ id }) => [id, counting()]));
  const onBad = (_: unknown, { line, reason, size, bytes }: BadRecord): void => {
    bad.push([line, reason, size, Buffer.from(bytes).toString('latin1')]);
  };
  const engine = new Engine({ plan, start: 1, holds, seed: 1, onBad });
  const [{ id: lane }] = plan.lanes;
  const feed = (entry: object): void => engine.feed({ lsn: 1, at: 1, ...entry } as LogEntry);
  feed({ kind: 'opened', lane, connection: 1, peer: 'test' });
  for (const bytes of chunks) feed({ kind: 'chunk', lane, connection: 1, bytes });
  feed({ kind: 'closed', lane, connection: 1, how });
  const account = engine.account();
  expect(account.gaps).toEqual([]);
  const [{ lines, records, empty, torn }] = account.lanes;
  return { lines, records, empty, torn, bad };
}

function counting() {
  return {
    next: 1,
    append({ count }: { readonly count: number }) {
      this.next += count;
    },
  };
}

/** Cuts the text where `cuts` say, again and again. */
function cut(text: string, cuts: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text, 'latin1');
  const chunks: Uint8Array[] = [];
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = from + cuts[i % cuts.length];
    chunks.push(new Uint8Array(bytes.subarray(from, to)));
    from = to;
  }
  return chunks;
}

/** Line by line, from the whole text. */
function reference(text: string, how: 'end' | 'reset'): Outcome {
  const parts = text.split('\n');
  const rest = parts.pop() ?? '';
  let torn = 0;
  const whole = parts;
  const over = (line: string): boolean => line.replace(/\r$/, '').length > LIMIT;
  if (rest !== '' && (how === 'end' || over(rest))) whole.push(rest);
  else if (rest !== '') torn++;
  const all = whole.map((line) => line.replace(/\r$/, ''));
  const bad = all.flatMap((line, i) =>
    line.length > LIMIT
      ? [[i + 1, 'line-too-long', line.length, line.slice(0, LIMIT)] as const]
      : [],
  );
  const empty = all.filter((line) => line === '').length;
  const records = all.length - bad.length - empty;
  return { lines: all.length + torn, records, empty, torn, bad };
}

const text = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'bcd', 'efghijkl', 'mnopqrst\r'), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));
const how = fc.constantFrom('end' as const, 'reset' as const);

describe('a line', () => {
  test('is the same line however it is cut into chunks', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, how, cuts, (whole, end, where) => {
        expect(read(cut(whole, where), end)).toEqual(reference(whole, end));
      }),
      { numRuns: share(3000) },
    );
  });

  test('as long as may be is a record, though a chunk ends between its CR and LF', () => {
    for (const chunks of [['12345678\r', '\n'], ['12345678', '\r\n'], ['12345678\r\n']]) {
      const { records, bad } = read(
        chunks.map((one) => Buffer.from(one)),
        'end',
      );
      expect({ records, bad }).toEqual({ records: 1, bad: [] });
    }
  });
});
