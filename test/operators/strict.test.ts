/** `strict` of a select through the whole engine against DuckDB: who passes, and what the dead letter has of the others. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { select } from '../../src/operators/select.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';
import { inputOf, OperatorWorld } from '../tools/operator-world.ts';

const LANE = `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { n: long, t: string, a: long, b: double, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s }
`;
const FLOW = `${LANE}operators:
  some: { type: filter, from: in, where: n % 7 <> 3 }
  read:
    type: select
    from: some
    fields:
      n: n
      number: CAST(t AS BIGINT)
      ratio: a / b
      both: a + CAST(t AS BIGINT)
      loose: CAST(t AS DOUBLE)
    strict: [ratio, both, number]
exits:
  out: { from: read, for: v }
`;

interface Row {
  readonly n: number;
  readonly t: string | null;
  readonly a: number | null;
  readonly b: number | null;
  readonly at: number;
}

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      t: fc.constantFrom(null, '7', '-12', 'x', ''),
      a: fc.constantFrom(null, 0, 3, 2 ** 53 - 1),
      b: fc.constantFrom(null, 0, 0.5),
      at: fc.nat(5000),
    }),
    { maxLength: 50 },
  )
  .map((all) => all.map((row, n) => ({ ...row, n })));
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

function drive(text: string, all: readonly Row[], cuts: readonly number[]): EngineRun {
  const run = new EngineRun(text).open();
  const lines = all.map((row) => JSON.stringify({ ...row, at: START / 1000 + row.at }));
  for (const chunk of cutLines('in', lines, cuts)) run.chunk(chunk);
  run.close();
  expect(run.account().gaps).toEqual([]);
  return run;
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

describe('strict fields of a select', () => {
  test('send a record to the dead letter when one is NULL although all that it reads is there', async () => {
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (all, cuts) => {
        const run = drive(FLOW, all, cuts);
        const columns = { n: 'BIGINT', t: 'VARCHAR', a: 'BIGINT', b: 'DOUBLE', at: 'BIGINT' };
        await oracle.table(
          'T',
          columns,
          all.map((row) => ({ ...row })),
        );
        // DuckDB divides by 0 and adds beyond 2^53.
        const known = `WITH computed AS (SELECT *, TRY_CAST(t AS BIGINT) AS number,
            CASE WHEN b <> 0 THEN a / b END AS ratio, a + TRY_CAST(t AS BIGINT) AS whole,
            CASE WHEN abs(whole) <= 9007199254740991 THEN whole END AS both_ FROM T WHERE n % 7 <> 3),
          judged AS (SELECT *, CASE
            WHEN ratio IS NULL AND a IS NOT NULL AND b IS NOT NULL THEN 'ratio is NULL, though a and b are not'
            WHEN both_ IS NULL AND a IS NOT NULL AND t IS NOT NULL THEN 'both is NULL, though a and t are not'
            WHEN number IS NULL AND t IS NOT NULL THEN 'number is NULL, though t is not' END AS why FROM computed)`;
        const passing = await oracle.rows(
          `${known} SELECT n, number, ratio, both_ AS both FROM judged WHERE why IS NULL ORDER BY n`,
        );
        const dead = await oracle.rows(
          `${known} SELECT n, t, a, b, "at", why FROM judged WHERE why IS NOT NULL ORDER BY n`,
        );
        expect(run.messages('out').map(({ loose, ...one }) => one)).toEqual(passing);
        const letters = run.messages('dead_letter');
        const byRecord = (a: { n: number }, b: { n: number }): number => a.n - b.n;
        const found = letters.map(({ bytes, line, detail, reason, element, size, id }) => {
          const record = JSON.parse(String(bytes));
          expect([reason, element, id, size]).toEqual([
            'strict-null',
            'read',
            null,
            String(bytes).length,
          ]);
          expect(line).toBe(record.n + 1);
          const [why, where] = String(detail).split('; ');
          expect(where).toBe(`line ${record.n + 1} of lane in`);
          return { ...record, at: Date.parse(record.at) - START / 1000, why };
        });
        expect(found.sort(byRecord)).toEqual(dead);
        const [, read] = ['some', 'read'].map((name) =>
          run.account().operators.find((one) => one.name === name),
        );
        const received = passing.length + dead.length;
        expect(read).toMatchObject({ received, taken: passing.length, dead: dead.length });
        const again = new EngineRun(FLOW);
        again.replay(run.log);
        expect(again.bytes('dead_letter')).toEqual(run.bytes('dead_letter'));
      }),
      { numRuns: share(60) },
    );
  });

  test('of records that have waited have no line, and count _late_by as what may be missing', () => {
    const text = `${LANE}operators:
  once: { type: dedupe, from: in, key: n, within: 1s, keep: earliest }
  read: { type: select, from: once, fields: { t: CAST(t AS BIGINT) }, strict: [t] }
  tardy: { type: select, from: in, fields: { n: n, by: _late_by + _late_by, c: CAST(t AS BIGINT) }, strict: [by, c] }
exits:
  out: { from: read, for: v }
  tardy: { from: tardy, for: v, fields: [n] }
`;
    const all = [0, 5000, 100].map((at, n) => ({
      n,
      t: n === 1 ? 'x' : '1',
      a: null,
      b: null,
      at,
    }));
    expect(onTime(all, ({ at }) => at * 1000, 2_000_000).length).toBe(2);
    const run = drive(text, all, [50]);
    expect(run.messages('tardy')).toEqual([{ n: 0 }, { n: 2 }]);
    const letters = run
      .messages('dead_letter')
      .map(({ element, line, detail }) => [element, line, detail]);
    expect(letters).toEqual([
      ['tardy', 2, 'c is NULL, though t is not; line 2 of lane in'],
      ['read', null, 't is NULL, though t is not'],
    ]);
  });

  test.each([
    ['a field that is not there', ['m'], 'unknown-column', 'strict.0'],
    ['a field that is handed on', ['m2', 'n'], 'value-not-allowed', 'strict.1'],
    ['a field twice', ['m2', 'm2'], 'duplicate-name', 'strict.1'],
  ])('name no %s', (_, strict, rule, path) => {
    const spec = { keep: ['n'], fields: { m2: 'CAST(k AS BIGINT)' }, strict };
    const world = new OperatorWorld(select, spec, inputOf({ k: STRING, n: LONG }));
    expect(world.findings).toEqual([{ rule, path }]);
  });
});
