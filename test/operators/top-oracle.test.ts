/**
 * The first records of windows and of running groups through the whole engine against DuckDB: random records with
 * disorder, ties, NULL, NaN and late ones, cut into chunks anywhere, the flow edited in between and replayed.
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
  readonly s: string | null;
  /** Milliseconds after the start. */
  readonly at: number;
}

/** Time goes on, and records are mostly on time; many have the same. */
const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 'a', 'b', 'ü'),
      n: fc.option(fc.integer({ min: -2, max: 2 })),
      d: fc.constantFrom(null, -0.5, -0, 0, 1.25, 1e300),
      s: fc.constantFrom(null, '', 'a', 'aa', 'ab', 'é', '𝄞', '\uffff'),
      after: fc.nat(300),
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
const waits = fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 4 });
const limit = fc.integer({ min: 1, max: 4 });

/** Where `d` is negative there is no number. */
const NAN = "CASE WHEN d < 0 THEN CAST('NaN' AS DOUBLE) ELSE d END";

/** Orders as an author writes them, and as DuckDB does. */
const ORDERS = [
  ['n DESC', 'n DESC NULLS LAST'],
  ['n', 'n NULLS FIRST'],
  ['s DESC, n', 's DESC NULLS LAST, n NULLS FIRST'],
  ['s ASC NULLS LAST', 's NULLS LAST'],
  [`${NAN} DESC NULLS FIRST, n > 0`, `${NAN} DESC NULLS FIRST, n > 0 NULLS FIRST`],
  [`abs(n), ${NAN}`, `abs(n) NULLS FIRST, ${NAN} NULLS FIRST`],
  ['length(s) DESC, at DESC', 'length(s) DESC NULLS LAST, ms DESC'],
] as const;

function flow(fields: string): string {
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, n: long, d: double, s: string, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms, idle_timeout: never }
operators:
  some: { type: filter, from: in, where: n IS NULL OR n > -2 }
  first:
    type: top
    from: some
${fields}
exits:
  out: { from: first, for: v }
`;
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
  s: 'VARCHAR',
  ms: 'BIGINT',
  seq: 'BIGINT',
  late: 'BOOLEAN',
};
const KNOWN = 'SELECT * FROM records WHERE NOT late AND (n IS NULL OR n > -2)';

/** Timestamps as milliseconds. */
function plain(run: OneLaneRun): Record<string, unknown>[] {
  return run.messages.map(({ body }) =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, value instanceof Date ? +value : value]),
    ),
  );
}

describe('tops against DuckDB', () => {
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

  const WINDOWS = [
    ['{ tumble: 3s, offset: 700ms }', 3000, 3000, 700],
    ['{ hop: 5s, every: 3s }', 5000, 3000, 0],
    ['{ hop: 4s, every: 1s }', 4000, 1000, 0],
  ] as const;

  test.each(
    WINDOWS.flatMap((window) => (['break', 'keep'] as const).map((ties) => ({ window, ties }))),
  )('$window.0, ties: $ties', async ({ window: [window, size, every, offset], ties }) => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        cuts,
        limit,
        fc.constantFrom(...ORDERS),
        fc.boolean(),
        async (all, where, count, [order, sqlOrder], grouped) => {
          const by = grouped ? '    group_by: k\n' : '';
          const text = flow(
            `    window: ${window}\n${by}    order_by: ${order}\n    limit: ${count}\n    ties: ${ties}\n    rank: place`,
          );
          const ranked = `OVER (PARTITION BY start${grouped ? ', k' : ''} ORDER BY ${sqlOrder}${
            ties === 'break' ? ', ms, seq' : ''
          })`;
          const sql = `WITH known AS (${KNOWN}), hops AS (SELECT *,
              unnest(range((ms - ${size} - ${offset}) // ${every} * ${every} + ${every} + ${offset}, ms + 1, ${every})) AS start
            FROM known) SELECT k, n, d, s, ms AS at,
            ${ties === 'break' ? 'row_number()' : 'rank()'} ${ranked} AS place FROM hops QUALIFY place <= ${count}`;
          const run = runLines(text, all.map(lineOf), where);
          await sameAs(text, sql, all, run, plain(run));
          // The same results in the same order, however the log was cut.
          expect(plain(runLines(text, all.map(lineOf), [100_000]))).toEqual(plain(run));
        },
      ),
      { numRuns: share(24) },
    );
  });

  test.each([
    ['1s', 1000],
    ['3s', 3000],
    ['forever', 1e9],
  ])('running, with a retention of %s: the last of each group and rank', async (retention, gap) => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        cuts,
        waits,
        limit,
        fc.constantFrom(...ORDERS),
        async (all, where, pauses, count, [order, sqlOrder]) => {
          const text = flow(
            `    retention: ${retention}\n    every: 700ms\n    group_by: k\n    order_by: ${order}\n    limit: ${count}\n    rank: place`,
          );
          const sql = `WITH known AS (${KNOWN}),
            gaps AS (SELECT *, ms - lag(ms) OVER (PARTITION BY k ORDER BY ms, seq) > ${gap} AS new FROM known),
            numbered AS (SELECT *, count(*) FILTER (WHERE new) OVER
              (PARTITION BY k ORDER BY ms, seq ROWS UNBOUNDED PRECEDING) AS session FROM gaps)
            SELECT k, n, d, s, ms AS at,
              row_number() OVER (PARTITION BY k, session ORDER BY ${sqlOrder}, ms, seq) AS place FROM numbered
            QUALIFY place <= ${count} AND session = max(session) OVER (PARTITION BY k)`;
          const run = runLines(text, all.map(lineOf), where, pauses);
          const last = new Map(
            plain(run).map((one) => [JSON.stringify([one['k'], one['place']]), one]),
          );
          await oracle.table('records', COLUMNS, withLateness(all));
          // A new beginning may have fewer ranks than what it follows: those stay as they were.
          const newest = await oracle.rows(sql);
          const ranks = new Set(newest.map(({ k, place }) => JSON.stringify([k, place])));
          const found = [...last].flatMap(([rank, one]) => (ranks.has(rank) ? [one] : []));
          await sameAs(text, sql, all, run, found);
        },
      ),
      { numRuns: share(24) },
    );
  });

  test.each([
    ['hops', '{ hop: 4s, every: 2s }', 4000],
    ['sessions', '{ session: 1s }', 0],
  ])('of each window of an aggregate by %s: query 5 of Nexmark', async (_, window, size) => {
    const text = flow(
      `    window: same\n    group_by: { low: k < 'b' }\n    order_by: c DESC\n    limit: 1\n    ties: keep\n    rank: place`,
    )
      .replace('from: some\n', 'from: per\n')
      .replace(
        'operators:\n',
        `operators:\n  per:\n    type: aggregate\n    from: some\n    window: ${window}\n    group_by: k\n    fields: { c: count(*), start: window_start, until: window_end }\n`,
      );
    const sql = `WITH known AS (${KNOWN}),
      gaps AS (SELECT *, ms - lag(ms) OVER (PARTITION BY k ORDER BY ms, seq) > 1000 AS new FROM known),
      numbered AS (SELECT *, count(*) FILTER (WHERE new) OVER
        (PARTITION BY k ORDER BY ms, seq ROWS UNBOUNDED PRECEDING) AS session FROM gaps),
      starting AS (SELECT *, unnest(range((ms - ${size}) // 2000 * 2000 + 2000, ms + 1, 2000)) AS session FROM known),
      results AS (SELECT k, count(*) AS c,
        CASE WHEN ${size} > 0 THEN session ELSE min(ms) END AS start,
        CASE WHEN ${size} > 0 THEN session + ${size} ELSE max(ms) + 1000 END AS until
        FROM ${size > 0 ? 'starting' : 'numbered'} GROUP BY k, session)
      SELECT *, rank() OVER (PARTITION BY start, until, k < 'b' ORDER BY c DESC) AS place FROM results QUALIFY place = 1`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, where) => {
        const run = runLines(text, all.map(lineOf), where);
        await sameAs(text, sql, all, run, plain(run));
        expect(plain(runLines(text, all.map(lineOf), [100_000]))).toEqual(plain(run));
      }),
      { numRuns: share(24) },
    );
  });

  test('leaves by window, then by group in order of first arrival, then by rank', () => {
    const all: Row[] = ['b', 'a', 'b', 'a', 'a', 'b'].map((k, i) => ({
      k,
      n: i % 3,
      d: null,
      s: null,
      at: 1000 - i,
    }));
    const run = runLines(
      flow(
        '    window: { tumble: 10s }\n    group_by: k\n    order_by: n DESC\n    limit: 2\n    rank: place',
      ),
      all.map(lineOf),
      [100_000],
    );
    expect(plain(run).map(({ k, n, place }) => [k, n, place])).toEqual([
      ['b', 2, 1],
      ['b', 2, 2],
      ['a', 1, 1],
      ['a', 1, 2],
    ]);
  });
});
