/**
 * All kinds of aggregates in `over`, through the whole engine against DuckDB, which is given each frame as a group of
 * its own: random records with disorder, ties, NULLs and late ones, cut into chunks anywhere, edited in between and
 * replayed.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { onTime } from '../tools/engine-run.ts';
import { replayed, runLines, START } from '../tools/one-lane-run.ts';

const DELAY_MS = 2000;

interface Row {
  readonly k: string | null;
  readonly b: boolean | null;
  readonly n: number | null;
  readonly d: number | null;
  readonly t: string | null;
  /** Milliseconds after the start. */
  readonly at: number;
}

const nullable = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { freq: 5 });

/** Time goes on, and records are mostly on time; many have the same. */
const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 'a', 'b'),
      b: nullable(fc.boolean()),
      n: nullable(fc.integer({ min: -3, max: 3 })),
      d: nullable(fc.constantFrom(0, -0.5, 0.1, 1.25, 1e9)),
      // By UTF-16 the last would come before the one that is before it.
      t: nullable(fc.constantFrom('', 'a', 'ab', 'ü', '\uffff', '\u{1f600}')),
      after: fc.oneof(fc.nat(300), fc.nat(2000)),
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
const cuts = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 6 });

/** By the name of a field: as an author writes it, and as DuckDB does. */
const FIELDS: Readonly<Record<string, readonly [string, string]>> = {
  least: ['min_by(t, n)', choice('t', 'n', 'ASC')],
  most: ['max_by(t, n)', choice('t', 'n', 'DESC')],
  most_computed: ['max_by(n * 2, n - id)', choice('n * 2', 'n - id', 'DESC')],
  least_t: ['min_by(d, t)', choice('d', 't', 'ASC')],
  when_most: ['max_by(_time, d)', choice('ms', 'd', 'DESC')],
  first_t: ['first(t)', 'first(t ORDER BY ms, id)'],
  first_b: ['first(b)', 'first(b ORDER BY ms, id)'],
  first_computed: ['first(n * 2)', 'first(n * 2 ORDER BY ms, id)'],
  last_d: ['last(d)', 'first(d ORDER BY ms DESC, id DESC)'],
  last_t: ['last(t)', 'first(t ORDER BY ms DESC, id DESC)'],
  all_t: ['collect_list(t)', list('t ORDER BY ms, id', 't')],
  all_n: ['collect_list(n)', list('n ORDER BY ms, id', 'n')],
  all_b: ['collect_list(b)', list('b ORDER BY ms, id', 'b')],
  set_t: ['collect_set(t)', list('DISTINCT t ORDER BY t', 't')],
  set_d: ['collect_set(d)', list('DISTINCT d ORDER BY d', 'd')],
  different_t: ['count(DISTINCT t)', 'count(DISTINCT t)'],
  different_n: ['count(DISTINCT n)', 'count(DISTINCT n)'],
  different_computed: ['count(DISTINCT abs(n))', 'count(DISTINCT abs(n))'],
  every: ['bool_and(b)', 'bool_and(b)'],
  some: ['bool_or(n > 2)', 'bool_or(n > 2)'],
  highest_time: ['max(_time)', 'max(ms)'],
  lowest_n: ['percentile(n, 0)', 'min(n)::DOUBLE'],
  f_count: ['count(*) FILTER (WHERE n > 0)', 'count(*) FILTER (WHERE n > 0)'],
  f_plain: ['sum(n) FILTER (WHERE b)', 'sum(n) FILTER (WHERE b)'],
  f_max: ['max(t) FILTER (WHERE NOT b)', 'max(t) FILTER (WHERE NOT b)'],
  f_last: [
    'last(t) FILTER (WHERE n > 0)',
    'first(t ORDER BY ms DESC, id DESC) FILTER (WHERE n > 0)',
  ],
  f_all: ['collect_list(n) FILTER (WHERE b)', list('n ORDER BY ms, id', 'n', 'AND b')],
  f_different: ['count(DISTINCT n) FILTER (WHERE b)', 'count(DISTINCT n) FILTER (WHERE b)'],
  f_least: ['min_by(n, d) FILTER (WHERE b OR n > 0)', choice('n', 'd', 'ASC', 'AND (b OR n > 0)')],
  // Of a range, others of the record's time may be behind it in line.
  beside: [
    'CASE WHEN id = last(id) THEN -1 ELSE count(DISTINCT d) END',
    'CASE WHEN own_id = first(id ORDER BY ms DESC, id DESC) THEN -1 ELSE count(DISTINCT d) END',
  ],
  median: ['percentile(d, 0.5)', 'quantile_cont(d, 0.5)'],
  high: ['percentile(n, 0.9)', 'quantile_cont(n, 0.9)'],
  dev: ['stddev_samp(d) FILTER (WHERE d < 9)', 'stddev_samp(d) FILTER (WHERE d < 9)'],
  dev_all: ['stddev_pop(n)', 'stddev_pop(n)'],
  var_one: ['var_samp(n * 0.5)', 'var_samp(n * 0.5)'],
  f_sum: ['sum(d) FILTER (WHERE d < 2)', 'sum(d) FILTER (WHERE d < 2)'],
};

/** Doubles that depend on the order in which they were added. */
const CLOSE = new Set(['median', 'high', 'dev', 'dev_all', 'var_one', 'f_sum']);

function choice(value: string, key: string, way: 'ASC' | 'DESC', also = ''): string {
  return `first(${value} ORDER BY ${key} ${way}, ${value} IS NULL, ${value} ${way}) FILTER (WHERE ${key} IS NOT NULL ${also})`;
}

function list(what: string, value: string, also = ''): string {
  return `coalesce(list(${what}) FILTER (WHERE ${value} IS NOT NULL ${also}), [])`;
}

const SUMMARY = Object.entries(FIELDS)
  .map(([name, [, sql]]) => `${sql} AS ${name}`)
  .join(', ');

function flow(frame: string): string {
  const fields = Object.entries(FIELDS).map(([name, [text]]) => `      ${name}: "${text}"\n`);
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { id: long, k: string, b: boolean, n: long, d: double, t: string, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms, idle_timeout: never }
operators:
  last:
    type: over
    from: in
    group_by: k
${frame}
    keep: [id]
    fields:
${fields.join('')}
exits:
  out: { from: last, for: v }
`;
}

const COLUMNS = {
  id: 'BIGINT',
  k: 'VARCHAR',
  b: 'BOOLEAN',
  n: 'BIGINT',
  d: 'DOUBLE',
  t: 'VARCHAR',
  ms: 'BIGINT',
};

/** Each record's frame as a group. @param within whether a record is in the frame of `own` */
function framesSql(gapMs: number, within: string): string {
  return `WITH gaps AS (SELECT *, ms - lag(ms) OVER line > ${gapMs} AS new FROM records WINDOW line AS (PARTITION BY k ORDER BY ms, id)),
    numbered AS (SELECT *, count(*) FILTER (WHERE new) OVER line AS session, row_number() OVER line AS place FROM gaps
      WINDOW line AS (PARTITION BY k ORDER BY ms, id ROWS UNBOUNDED PRECEDING)),
    own AS (SELECT id AS own_id, k AS own_k, ms AS own_ms, session AS own_session, place AS own_place FROM numbered)
    SELECT own_k AS k, own_id AS id, ${SUMMARY} FROM own
    JOIN numbered ON k IS NOT DISTINCT FROM own_k AND ${within} GROUP BY own_k, own_id`;
}

type Plain = Readonly<Record<string, unknown>>;

/** Times in milliseconds. */
function plainValue(value: unknown): unknown {
  if (value instanceof Date) return +value;
  return Array.isArray(value) ? value.map(plainValue) : value;
}

function plain(all: readonly Plain[]): Plain[] {
  return all.map((one) =>
    Object.fromEntries(Object.entries(one).map(([name, value]) => [name, plainValue(value)])),
  );
}

function without(all: readonly Plain[]): Plain[] {
  return all.map((one) => Object.fromEntries(Object.entries(one).filter(([n]) => !CLOSE.has(n))));
}

function expectClose(found: readonly Plain[], wanted: readonly Plain[]): void {
  const byId = new Map(wanted.map((one) => [one['id'], one]));
  for (const one of found) {
    const other = byId.get(one['id']) ?? {};
    for (const name of CLOSE) {
      const [a, b] = [one[name], other[name]];
      if (typeof a === 'number' && typeof b === 'number') {
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));
      } else {
        expect([name, a]).toEqual([name, b]);
      }
    }
  }
}

describe('aggregates of the last records, against DuckDB', () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await Oracle.open();
  });
  afterAll(() => oracle.close());

  const inRows = (count: number): string =>
    `session = own_session AND place BETWEEN own_place - ${count - 1} AND own_place`;

  test.each([
    ['three', '    rows: 3\n    retention: 1500ms', framesSql(1500, inRows(3))],
    ['so many', '    rows: 100\n    retention: forever', framesSql(1e12, inRows(100))],
    ['a second', '    range: 1s', framesSql(1e12, 'ms BETWEEN own_ms - 1000 AND own_ms')],
    ['five seconds', '    range: 5s', framesSql(1e12, 'ms BETWEEN own_ms - 5000 AND own_ms')],
  ])('%s', async (_, frame, sql) => {
    const text = flow(frame);
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, sizes) => {
        const known = all.map((one, id) => ({ ...one, id, ms: START / 1000 + one.at }));
        const lines = known.map(({ ms, ...one }) => JSON.stringify({ ...one, at: ms }));
        const run = runLines(text, lines, sizes);
        await oracle.table(
          'records',
          COLUMNS,
          onTime(known, ({ at }) => at * 1000, DELAY_MS * 1000),
        );
        const found = plain(run.messages.map(({ body }) => body));
        const wanted = plain(await oracle.rows(sql));
        expect(multiset(without(found))).toEqual(multiset(without(wanted)));
        expectClose(found, wanted);
        expect(run.engine.account().gaps).toEqual([]);
        expect(replayed(text, run.log)).toEqual(run.bytes);
      }),
      { numRuns: share(20) },
    );
  });
});

test('records of one line are in the order in which they stand there', () => {
  const text = `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { t: string, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 10s }
operators:
  words: { type: explode, from: in, each: "split(t, ' ')", as: word }
  last:
    type: over
    from: words
    rows: 3
    retention: 1h
    fields: { word: word, all: collect_list(word) }
exits:
  out: { from: last, for: v }
`;
  const lines = ['d z c', 'a'].map((t) => JSON.stringify({ t, at: START / 1000 }));
  expect(runLines(text, lines, [20]).messages.map(({ body }) => body)).toEqual([
    { word: 'd', all: ['d'] },
    { word: 'z', all: ['d', 'z'] },
    { word: 'c', all: ['d', 'z', 'c'] },
    { word: 'a', all: ['z', 'c', 'a'] },
  ]);
});
