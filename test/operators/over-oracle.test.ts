/**
 * Records beside the last ones of their group, through the whole engine against DuckDB's window functions: random
 * records with disorder, ties, NULL keys and late ones, cut into chunks anywhere, edited in between and replayed.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { type OneLaneRun, replayed, runLines, START } from '../tools/one-lane-run.ts';

const DELAY_MS = 2000;

interface Row {
  readonly k: string | null;
  readonly n: number | null;
  readonly d: number | null;
  /** Milliseconds after the start. */
  readonly at: number;
}

/** Time goes on, and records are mostly on time; many have the same. Sums of these doubles are exact in any order. */
const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 'a', 'b', 'ü'),
      n: fc.option(fc.integer({ min: -3, max: 3 })),
      d: fc.constantFrom(null, 0, -0.5, 1.25, 1024),
      after: fc.oneof(fc.nat(300), fc.nat(3000)),
      behind: fc.oneof(fc.constant(0), fc.nat(2500)),
      coarse: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) => {
    let now = 0;
    return all.map(({ after, behind, coarse, ...one }) => {
      now += after;
      const at = Math.max(0, now - behind);
      return { ...one, at: coarse ? Math.floor(at / 1000) * 1000 : at };
    });
  });
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });

function flow(fields: string, keep = 'all'): string {
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, n: long, d: double, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms, idle_timeout: never }
operators:
  some: { type: filter, from: in, where: n IS NULL OR n > -3 }
  last:
    type: over
    from: some
${fields}
    keep: ${keep}
    fields:
      c: count(*)
      s: sum(n)
      few: count(d)
      twice: sum(n * 2)
      least: min(n)
      most: max(d)
      first: min(k)
      beside: n - sum(n)
exits:
  out: { from: last, for: v }
`;
}

const RESULTS = `count(*) OVER frame AS c, sum(n) OVER frame AS s, count(d) OVER frame AS few,
  sum(n * 2) OVER frame AS twice, min(n) OVER frame AS least, max(d) OVER frame AS most, min(k) OVER frame AS first,
  n - sum(n) OVER frame AS beside`;
const KNOWN = 'SELECT * FROM records WHERE NOT late AND (n IS NULL OR n > -3)';

function lineOf(one: Row): string {
  return JSON.stringify({ ...one, at: START / 1000 + one.at });
}

/** Late iff time <= newest - delay - 1 us, tested before it counts. */
function withLateness(all: readonly Row[]) {
  let newest = Number.NEGATIVE_INFINITY;
  return all.map((one, seq) => {
    const late = one.at * 1000 <= newest - DELAY_MS * 1000 - 1;
    if (!late) newest = Math.max(newest, one.at * 1000);
    return { ...one, ms: START / 1000 + one.at, seq, late };
  });
}

const COLUMNS = {
  k: 'VARCHAR',
  n: 'BIGINT',
  d: 'DOUBLE',
  ms: 'BIGINT',
  seq: 'BIGINT',
  late: 'BOOLEAN',
};

/** Timestamps as milliseconds. */
function plain(run: OneLaneRun): Record<string, unknown>[] {
  return run.messages.map(({ body }) =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, value instanceof Date ? +value : value]),
    ),
  );
}

describe('records beside the last ones, against DuckDB', () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await Oracle.open();
  });
  afterAll(() => oracle.close());

  async function sameAs(
    text: string,
    sql: string,
    all: readonly Row[],
    where: readonly number[],
  ): Promise<void> {
    const run = runLines(text, all.map(lineOf), where);
    await oracle.table('records', COLUMNS, withLateness(all));
    expect(multiset(plain(run))).toEqual(multiset(await oracle.rows(sql)));
    expect(run.engine.account().gaps).toEqual([]);
    expect(replayed(text, run.log)).toEqual(run.bytes);
    // The same results in the same order, however the log was cut.
    expect(plain(runLines(text, all.map(lineOf), [100_000]))).toEqual(plain(run));
  }

  test.each([
    ['1s', 1000],
    ['3s', 3000],
    ['forever', 1e12],
  ])('so many of a group, with a retention of %s', async (retention, gap) => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        cuts,
        fc.constantFrom(1, 2, 3, 7, 100),
        fc.boolean(),
        async (all, where, count, grouped) => {
          const by = grouped ? '    group_by: k\n' : '';
          const text = flow(`${by}    rows: ${count}\n    retention: ${retention}`);
          const part = grouped ? 'PARTITION BY k' : '';
          const sql = `WITH known AS (${KNOWN}),
            gaps AS (SELECT *, ms - lag(ms) OVER (${part} ORDER BY ms, seq) > ${gap} AS new FROM known),
            numbered AS (SELECT *, count(*) FILTER (WHERE new) OVER
              (${part} ORDER BY ms, seq ROWS UNBOUNDED PRECEDING) AS session FROM gaps)
            SELECT k, n, d, ms AS at, ${RESULTS} FROM numbered
            WINDOW frame AS (PARTITION BY session${grouped ? ', k' : ''} ORDER BY ms, seq
              ROWS BETWEEN ${count - 1} PRECEDING AND CURRENT ROW)`;
          await sameAs(text, sql, all, where);
        },
      ),
      { numRuns: share(30) },
    );
  });

  test.each([
    ['1ms', 1],
    ['1s', 1000],
    ['5s', 5000],
  ])('those of the last %s', async (range, ms) => {
    await fc.assert(
      fc.asyncProperty(rows, cuts, fc.boolean(), async (all, where, grouped) => {
        const by = grouped ? "    group_by: { low: k < 'b' }\n" : '';
        const text = flow(`${by}    range: ${range}`, '[n, d]');
        const sql = `WITH known AS (${KNOWN})
          SELECT ${grouped ? "k < 'b' AS low," : ''} n, d, ${RESULTS} FROM known
          WINDOW frame AS (${grouped ? "PARTITION BY k < 'b'" : ''} ORDER BY ms
            RANGE BETWEEN ${ms} PRECEDING AND CURRENT ROW)`;
        await sameAs(text, sql, all, where);
      }),
      { numRuns: share(30) },
    );
  });

  test('results of windows, which have one time, in the order of their fields', async () => {
    const text = flow('    group_by: low\n    rows: 3\n    retention: 1h')
      .replace('from: some\n', 'from: per\n')
      .replace(
        'operators:\n',
        `operators:
  per:
    type: aggregate
    from: some
    window: { tumble: 2s }
    group_by: { k: k, low: k < 'b' }
    fields: { n: count(*), d: max(d), at: window_end }
`,
      );
    const sql = `WITH known AS (${KNOWN}), results AS
      (SELECT k, k < 'b' AS low, count(*) AS n, max(d) AS d, ms // 2000 * 2000 + 2000 AS "at" FROM known GROUP BY ALL)
      SELECT k, low, n, d, "at", ${RESULTS} FROM results
      WINDOW frame AS (PARTITION BY low ORDER BY "at", k NULLS FIRST ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, where) => {
        await sameAs(text, sql, all, where);
      }),
      { numRuns: share(30) },
    );
  });
});
