/**
 * Windows that overlap, sessions and running groups through the whole engine against DuckDB: random records
 * with disorder, ties, NULL keys and late ones, cut into chunks anywhere.
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

// Sums of these doubles are exact in any order.
const row: fc.Arbitrary<Row> = fc.record({
  k: fc.constantFrom(null, 'a', 'b', 'ü', ''),
  n: fc.oneof(
    fc.constant(null),
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53),
  ),
  d: fc.oneof(fc.constant(null), fc.constantFrom(0, -0.5, 1.25, 1024)),
  at: fc.oneof(
    fc.nat(12_000),
    fc.nat(12).map((second) => second * 1000),
  ),
});
const rows = fc.array(row, { minLength: 1, maxLength: 60 });
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 });
const waits = fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 4 });

function flow(operator: string): string {
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
  some: { type: filter, from: in, where: n IS NULL OR n > -4 OR n < -9 }
  per:
    type: aggregate
    from: some
${operator}
    group_by: k
    fields:
FIELDS      c: count(*)
      s: sum(n)
      few: count(d)
      least: min(n)
      first: min(k)
      most: max(d)
      any: max(n > 0)
      mean: avg(d)
exits:
  out: { from: per, for: v }
`;
}

const BOUNDS = '      start: window_start\n      until: window_end\n';

/** What the fields are called in SQL; a sum outside of the range of longs is NULL. */
const SUMMARY = `count(*) AS c,
  CASE WHEN abs(sum(n)) <= 9007199254740991 THEN sum(n) END AS s,
  count(d) AS few, min(n) AS least, min(k) AS first, max(d) AS most, max(n > 0) AS any, avg(d) AS mean`;

/** Records that are no farther apart than a gap, numbered by key. */
function sessions(gapMs: number): string {
  return `WITH known AS (SELECT * FROM records WHERE NOT late AND (n IS NULL OR n > -4 OR n < -9)),
  gaps AS (SELECT *, ms - lag(ms) OVER (PARTITION BY k ORDER BY ms, seq) > ${gapMs} AS new FROM known),
  numbered AS (SELECT *, count(*) FILTER (WHERE new) OVER
    (PARTITION BY k ORDER BY ms, seq ROWS UNBOUNDED PRECEDING) AS session FROM gaps)`;
}

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

describe('aggregates against DuckDB', () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await Oracle.open();
  });
  afterAll(() => oracle.close());

  async function sameAs(
    text: string,
    sql: string,
    all: readonly Row[],
    run: OneLaneRun,
    found: readonly Record<string, unknown>[],
  ): Promise<void> {
    await oracle.table('records', COLUMNS, withLateness(all));
    expect(multiset(found)).toEqual(multiset(await oracle.rows(sql)));
    expect(run.engine.account().gaps).toEqual([]);
    expect(run.messages.map(({ id }) => id)).toEqual(run.messages.map((_, i) => i + 1));
    expect(replayed(text, run.log)).toEqual(run.bytes);
  }

  test.each([
    ['that divide', 6000, 2000, 0],
    ['that do not divide', 5000, 3000, 700],
    ['hardly longer than they are apart', 3001, 3000, 0],
    ['as far apart as they are long', 2500, 2500, 400],
    ['many at once', 4000, 700, 300],
  ])('hops %s', async (_, size, every, offset) => {
    const text = flow(
      `    window: { hop: ${size}ms, every: ${every}ms, offset: ${offset}ms }`,
    ).replace('FIELDS', BOUNDS);
    const sql = `WITH hops AS (SELECT *,
        unnest(range((ms - ${size} - ${offset}) // ${every} * ${every} + ${every} + ${offset}, ms + 1, ${every})) AS start
      FROM records WHERE NOT late AND (n IS NULL OR n > -4 OR n < -9))
      SELECT k, start, start + ${size} AS until, ${SUMMARY} FROM hops GROUP BY k, start`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, where) => {
        const run = runLines(text, all.map(lineOf), where);
        await sameAs(text, sql, all, run, plain(run));
        // The same results in the same order, however the log was cut.
        expect(plain(runLines(text, all.map(lineOf), [100_000]))).toEqual(plain(run));
      }),
      { numRuns: share(8) },
    );
  });

  test.each([0.001, 500, 1000, 2500])('sessions of %d ms', async (gap) => {
    const text = flow(`    window: { session: ${gap * 1000}us }`).replace('FIELDS', BOUNDS);
    const sql = `${sessions(gap)} SELECT k, min(ms) AS start, max(ms) + ${Math.floor(gap)} AS until, ${SUMMARY}
      FROM numbered GROUP BY k, session`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, where) => {
        const run = runLines(text, all.map(lineOf), where);
        await sameAs(text, sql, all, run, plain(run));
        expect(plain(runLines(text, all.map(lineOf), [100_000]))).toEqual(plain(run));
      }),
      { numRuns: share(20) },
    );
  });

  const AGAIN = `  again:
    type: aggregate
    from: some_of
    window: same
    fields: { start: window_start, until: window_end, keys: count(*), records: sum(c), most: max(c), last: max(k) }
exits:
  out: { from: again, for: v }
`;

  test.each([
    ['hops', '{ hop: 5s, every: 2s }', 'starting', 5000],
    ['sessions', '{ session: 1s }', 'numbered', 0],
  ])('%s taken together again: the same window', async (_, window, table, size) => {
    const text = flow(`    window: ${window}`)
      .replace('FIELDS', BOUNDS)
      .replace(/exits:[\s\S]*/, `  some_of: { type: filter, from: per, where: c < 9 }\n${AGAIN}`);
    const sql = `${sessions(1000)}, starting AS (SELECT *,
        unnest(range((ms - ${size} - 0) // 2000 * 2000 + 2000, ms + 1, 2000)) AS session FROM known),
      results AS (SELECT k, count(*) AS c,
        CASE WHEN ${size} > 0 THEN session ELSE min(ms) END AS start,
        CASE WHEN ${size} > 0 THEN session + ${size} ELSE max(ms) + 1000 END AS until
        FROM ${table} GROUP BY k, session)
      SELECT start, until, count(*) AS keys, sum(c) AS records, max(c) AS most, max(k) AS last
        FROM results WHERE c < 9 GROUP BY start, until`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, where) => {
        const run = runLines(text, all.map(lineOf), where);
        await sameAs(text, sql, all, run, plain(run));
        expect(plain(runLines(text, all.map(lineOf), [100_000]))).toEqual(plain(run));
      }),
      { numRuns: share(10) },
    );
  });

  test('a whole table of no more groups than there may be: the last snapshot', async () => {
    const text = flow(
      '    retention: forever\n    every: 700ms\n    emit: complete\n    max_groups: 3',
    ).replace('FIELDS', '');
    const sql = `WITH known AS (SELECT *, min(seq) OVER (PARTITION BY k) AS came
        FROM records WHERE NOT late AND (n IS NULL OR n > -4 OR n < -9)),
      admitted AS (SELECT * FROM known QUALIFY dense_rank() OVER (ORDER BY came) <= 3)
      SELECT k, ${SUMMARY} FROM admitted GROUP BY k`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, waits, async (all, where, pauses) => {
        const run = runLines(text, all.map(lineOf), where, pauses);
        const lastTime = run.messages[run.messages.length - 1]?.left;
        const found = plain(run).filter((_, i) => run.messages[i].left === lastTime);
        await sameAs(text, sql, all, run, found);
        const account = run.engine.account();
        expect(account.deadLetters).toBe(account.operators[1].dead);
      }),
      { numRuns: share(20) },
    );
  });

  test.each([
    ['1s', 1000],
    ['4s', 4000],
    ['forever', 1e9],
  ])('running groups with a retention of %s: the last of each key', async (retention, gap) => {
    const text = flow(`    retention: ${retention}\n    every: 700ms`).replace('FIELDS', '');
    const sql = `${sessions(gap)} SELECT k, ${SUMMARY} FROM numbered GROUP BY k, session
      QUALIFY row_number() OVER (PARTITION BY k ORDER BY session DESC) = 1`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, waits, async (all, where, pauses) => {
        const run = runLines(text, all.map(lineOf), where, pauses);
        const last = new Map(plain(run).map((one) => [one['k'], one]));
        await sameAs(text, sql, all, run, [...last.values()]);
      }),
      { numRuns: share(20) },
    );
  });
});
