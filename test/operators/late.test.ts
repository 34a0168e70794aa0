/** Late records at aggregates: each is counted, in no result, and on the stream that the author has named. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from '../tools/campaign.ts';
import { runLines, START } from '../tools/one-lane-run.ts';

const DELAY_MS = 500;

function flow(aggregate: string, from: string): string {
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms }
operators:
  per: { type: aggregate, from: in, ${aggregate}, group_by: k, fields: { c: count(*) }, late_to: behind }
  more: { type: select, from: behind, fields: { k: k, n: n, by: _late_by } }
exits:
  out: { from: ${from}, for: v }
  z: { from: ${from === 'per' ? 'more' : 'per'}, for: v }
`;
}

const rows = fc.array(
  fc.record({ k: fc.constantFrom('a', 'b'), n: fc.nat(99), at: fc.nat(6000) }),
  { minLength: 1, maxLength: 60 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });

describe('late records', () => {
  test.each([
    'window: { tumble: 1s }',
    'window: { hop: 3s, every: 2s }',
    'window: { session: 1s }',
    'retention: 1s',
    'retention: forever',
  ])('of %s leave on their own stream, with how late they are', (aggregate) => {
    fc.assert(
      fc.property(rows, cuts, (all, where) => {
        let newest = Number.NEGATIVE_INFINITY;
        const late: unknown[] = [];
        for (const { k, n, at } of all) {
          // Its lane would have had to wait so much longer.
          const by = (newest - at - DELAY_MS) * 1000;
          if (by > 0) late.push({ k, n, by });
          else newest = Math.max(newest, at);
        }
        const lines = all.map((row) => JSON.stringify({ ...row, at: START / 1000 + row.at }));
        const run = runLines(flow(aggregate, 'more'), lines, where);
        expect(run.messages.map(({ body }) => ({ ...body }))).toEqual(late);
        const { operators, gaps } = run.engine.account();
        expect(gaps).toEqual([]);
        expect(operators.find(({ name }) => name === 'per')?.late).toBe(late.length);
      }),
      { numRuns: share(60) },
    );
  });

  test('are in no result', () => {
    const rest = [
      '{"k":"a","n":1,"at":AT9}',
      '{"k":"a","n":2,"at":AT1}',
      '{"k":"a","n":3,"at":AT9}',
    ];
    const lines = rest.map((line) =>
      line.replace(/AT(\d)/, (_, second) => String(START / 1000 + Number(second) * 1000)),
    );
    const run = runLines(flow('window: { session: 20s }', 'per'), lines, [1000]);
    expect(run.messages.map(({ body }) => body['c'])).toEqual([2]);
  });

  test.each([
    ['counted', 'type: aggregate, from: slow, retention: forever, fields: { found: count(*) }', 2],
    [
      'ranked',
      'type: top, from: slow, retention: forever, order_by: _late_by, limit: 1, rank: found',
      1,
    ],
    [
      'looked up',
      'type: join, left: in, right: slow, key: k, as_of: arrival, retention: forever, unmatched_to: none, fields: { found: right.n }',
      2,
    ],
  ])('are %s like any other by what reads their own stream', (_, reader, found) => {
    const lines = [
      '{"k":"a","n":1,"at":AT9}',
      '{"k":"a","n":3,"at":AT2}',
      '{"k":"a","n":2,"at":AT1}',
      '{"k":"a","n":4,"at":AT9}',
    ].map((line) =>
      line.replace(/AT(\d)/, (_, second) => String(START / 1000 + Number(second) * 1000)),
    );
    const text = flow('retention: 1s', 'more')
      .replace('late_to: behind }', 'late_to: z1 }')
      .replace('event_time: {', 'late_to: behind\n        event_time: {')
      .replace(
        'exits:',
        `  slow: { type: filter, from: behind, where: n > 0 }\n  reader: { ${reader} }\nexits:`,
      )
      .replace('out: { from: more', 'out: { from: reader');
    const run = runLines(text, lines, [25], [1_000_000]);
    expect(run.messages.at(-1)?.body['found']).toBe(found);
    expect(run.engine.account().operators.find(({ name }) => name === 'reader')?.late).toBe(0);
  });
});
