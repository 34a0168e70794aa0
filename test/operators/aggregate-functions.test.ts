/**
 * Aggregates that choose, collect and measure, through the whole engine against DuckDB: random records of two lanes
 * with disorder, ties, NULLs, NaN, texts beyond the first plane and late ones, cut into chunks anywhere, the flow
 * made anew in between.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';

const DELAY_MS = 2000;
/** What stands for NaN in a line, as JSON has no such number. */
const NAN = 99;

interface Row {
  readonly lane: 'north' | 'south';
  readonly k: string | null;
  readonly b: boolean | null;
  readonly n: number | null;
  readonly d: number | null;
  readonly t: string | null;
  /** Milliseconds after the start. */
  readonly at: number;
}

const nullable = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { freq: 5 });

const row: fc.Arbitrary<Row> = fc.record({
  lane: fc.constantFrom('north' as const, 'south' as const),
  k: fc.constantFrom(null, 'a', 'b'),
  b: nullable(fc.boolean()),
  n: nullable(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53))),
  d: nullable(fc.constantFrom(0, -0.5, 0.1, 1.25, 1e9, NAN)),
  // By UTF-16 the last would come before the one that is before it.
  t: nullable(fc.constantFrom('', 'a', 'ab', 'ü', '\uffff', '\u{1f600}')),
  at: fc.oneof(
    fc.nat(9000),
    // Ties are the rule, within a lane and between the two.
    { arbitrary: fc.nat(9).map((second) => second * 1000), weight: 4 },
  ),
});
const rows = fc.array(row, { minLength: 1, maxLength: 80 });
const cuts = fc.array(fc.integer({ min: 40, max: 900 }), { minLength: 1, maxLength: 6 });

/** By the name of a field: as an author writes it, and as DuckDB does. */
const FIELDS: Readonly<Record<string, readonly [string, string]>> = {
  least: ['min_by(t, n)', choice('t', 'n', 'ASC')],
  most: ['max_by(t, n)', choice('t', 'n', 'DESC')],
  most_d: ['max_by(n, d)', choice('n', 'd', 'DESC')],
  least_t: ['min_by(d, t)', choice('d', 't', 'ASC')],
  most_b: ['max_by(b, b)', choice('b', 'b', 'DESC')],
  when_most: ['max_by(_time, d)', choice('ms', 'd', 'DESC')],
  first_t: ['first(t)', 'first(t ORDER BY ms, lane, seq)'],
  first_d: ['first(d)', 'first(d ORDER BY ms, lane, seq)'],
  last_t: ['last(t)', 'first(t ORDER BY ms DESC, lane DESC, seq DESC)'],
  last_n: ['last(n)', 'first(n ORDER BY ms DESC, lane DESC, seq DESC)'],
  last_b: ['last(b)', 'first(b ORDER BY ms DESC, lane DESC, seq DESC)'],
  all_t: ['collect_list(t)', list('t ORDER BY ms, lane, seq', 't')],
  all_n: ['collect_list(n)', list('n ORDER BY ms, lane, seq', 'n')],
  all_b: ['collect_list(b)', list('b ORDER BY ms, lane, seq', 'b')],
  set_t: ['collect_set(t)', list('DISTINCT t ORDER BY t', 't')],
  set_d: ['collect_set(d)', list('DISTINCT d ORDER BY d', 'd')],
  set_b: ['collect_set(b)', list('DISTINCT b ORDER BY b', 'b')],
  different_t: ['count(DISTINCT t)', 'count(DISTINCT t)'],
  different_n: ['count(DISTINCT n)', 'count(DISTINCT n)'],
  different_d: ['count(DISTINCT d)', 'count(DISTINCT d)'],
  every: ['bool_and(b)', 'bool_and(b)'],
  some: ['bool_or(b)', 'bool_or(b)'],
  lowest_t: ['min(t)', 'min(t)'],
  lowest_time: ['min(_time)', 'min(ms)'],
  median: ['percentile(d, 0.5)', 'quantile_cont(d, 0.5)'],
  high: ['percentile(d, 0.9)', 'quantile_cont(d, 0.9)'],
  lowest_n: ['percentile(n, 0)', 'min(n)::DOUBLE'],
  f_first: [
    'first(t) FILTER (WHERE n > 0)',
    'first(t ORDER BY ms, lane, seq) FILTER (WHERE n > 0)',
  ],
  f_all: ['collect_list(n) FILTER (WHERE b)', list('n ORDER BY ms, lane, seq', 'n', 'AND b')],
  f_set: ['collect_set(t) FILTER (WHERE b)', list('DISTINCT t ORDER BY t', 't', 'AND b')],
  f_count: ['count(*) FILTER (WHERE n > 0)', 'count(*) FILTER (WHERE n > 0)'],
  f_sum: ['sum(d) FILTER (WHERE d < 2)', 'sum(d) FILTER (WHERE d < 2)'],
  f_different: ['count(DISTINCT n) FILTER (WHERE b)', 'count(DISTINCT n) FILTER (WHERE b)'],
  f_max: ['max(t) FILTER (WHERE NOT b)', 'max(t) FILTER (WHERE NOT b)'],
  var_one: ['var_samp(d) FILTER (WHERE d < 2)', 'var_samp(d) FILTER (WHERE d < 2)'],
  dev: ['stddev_samp(d) FILTER (WHERE d < 9)', 'stddev_samp(d) FILTER (WHERE d < 9)'],
  dev_all: ['stddev_pop(at_n)', 'stddev_pop(at_n)'],
  var_all: ['var_pop(at_n)', 'var_pop(at_n)'],
};

/** Doubles that depend on the order in which they were added. */
const CLOSE = new Set(['f_sum', 'var_one', 'dev', 'dev_all', 'var_all', 'median', 'high']);

function choice(value: string, key: string, way: 'ASC' | 'DESC'): string {
  return `first(${value} ORDER BY ${key} ${way}, ${value} IS NULL, ${value} ${way}) FILTER (WHERE ${key} IS NOT NULL)`;
}

function list(what: string, value: string, also = ''): string {
  return `coalesce(list(${what}) FILTER (WHERE ${value} IS NOT NULL ${also}), [])`;
}

const SUMMARY = Object.entries(FIELDS)
  .map(([name, [, sql]]) => `${sql} AS ${name}`)
  .join(', ');

function flow(operator: string, bounds: boolean): string {
  const lane = (name: string): string => `      ${name}:
        listen: 0
        fields: { k: string, b: boolean, n: long, d: double, t: string, at_n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms, idle_timeout: never }
`;
  const fields = Object.entries(FIELDS).map(([name, [text]]) => `      ${name}: "${text}"\n`);
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
${lane('north')}${lane('south')}operators:
  both: { type: union, from: [south, north] }
  known:
    type: select
    from: both
    keep: all
    fields: { d: "CASE WHEN d = ${NAN} THEN CAST('NaN' AS DOUBLE) ELSE d END" }
  per:
    type: aggregate
    from: known
${operator}
    group_by: k
    fields:
${bounds ? '      start: window_start\n      until: window_end\n' : ''}${fields.join('')}
exits:
  out: { from: per, for: v }
`;
}

const COLUMNS = {
  lane: 'VARCHAR',
  k: 'VARCHAR',
  b: 'BOOLEAN',
  n: 'BIGINT',
  d: 'DOUBLE',
  t: 'VARCHAR',
  at_n: 'BIGINT',
  ms: 'BIGINT',
  seq: 'BIGINT',
};

function ofLane(all: readonly Row[], lane: Row['lane']) {
  const own = all.filter((one) => one.lane === lane);
  const numbered = own.map((one, seq) => ({
    ...one,
    seq,
    at_n: one.at,
    ms: START / 1000 + one.at,
  }));
  return { numbered, timely: onTime(numbered, ({ at }) => at * 1000, DELAY_MS * 1000) };
}

/** @param wait ms between chunks */
function drive(
  text: string,
  all: readonly Row[],
  sizes: readonly number[],
  wait: number,
): EngineRun {
  const run = new EngineRun(text).open();
  const [north, south] = (['north', 'south'] as const).map((lane) => {
    const lines = ofLane(all, lane).numbered.map(({ k, b, n, d, t, at_n, ms }) =>
      JSON.stringify({ k, b, n, d, t, at_n, at: ms }),
    );
    return cutLines(lane, lines, sizes);
  });
  for (let i = 0; i < Math.max(north.length, south.length); i++) {
    for (const chunk of [north[i], south[i]]) if (chunk !== undefined) run.chunk(chunk);
    if (wait > 0) run.wait(wait * 1000);
  }
  run.close();
  expect(run.account().gaps).toEqual([]);
  return run;
}

type Plain = Record<string, unknown>;

/** Times in milliseconds, NaN as a text, which JSON has no number for. */
function plainValue(value: unknown): unknown {
  if (value instanceof Date) return +value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && Number.isNaN(value)) return 'NaN';
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
  const id = ({ k, start }: Plain): string => JSON.stringify([k, start]);
  const byId = new Map(wanted.map((one) => [id(one), one]));
  for (const one of found) {
    const other = byId.get(id(one)) ?? {};
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

/** Records that are no farther apart than a gap, numbered by key. */
function sessions(gapMs: number): string {
  return `WITH gaps AS (SELECT *, ms - lag(ms) OVER (PARTITION BY k ORDER BY ms, lane, seq) > ${gapMs} AS new FROM records),
  numbered AS (SELECT *, count(*) FILTER (WHERE new) OVER
    (PARTITION BY k ORDER BY ms, lane, seq ROWS UNBOUNDED PRECEDING) AS session FROM gaps)`;
}

const HOPS = `WITH hops AS (SELECT *, unnest(range((ms - 3000) // 2000 * 2000 + 2000, ms + 1, 2000)) AS start FROM records)
  SELECT k, start, start + 3000 AS until, ${SUMMARY} FROM hops GROUP BY k, start`;

describe('aggregates against DuckDB', () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await Oracle.open();
  });
  afterAll(() => oracle.close());

  async function wantedOf(all: readonly Row[], sql: string): Promise<Plain[]> {
    const timely = (['north', 'south'] as const).flatMap((lane) => ofLane(all, lane).timely);
    await oracle.table(
      'records',
      COLUMNS,
      timely.map((one) => ({ ...one, d: one.d === NAN ? Number.NaN : one.d })),
    );
    return plain(await oracle.rows(sql));
  }

  test.each([
    [
      'a window',
      '    window: { tumble: 3s }',
      `SELECT k, ms // 3000 * 3000 AS start, ms // 3000 * 3000 + 3000 AS until, ${SUMMARY} FROM records GROUP BY k, start`,
    ],
    ['windows that overlap', '    window: { hop: 3s, every: 2s }', HOPS],
    [
      'sessions',
      '    window: { session: 800ms }',
      `${sessions(800)} SELECT k, min(ms) AS start, max(ms) + 800 AS until, ${SUMMARY} FROM numbered GROUP BY k, session`,
    ],
  ])('of %s', async (_, operator, sql) => {
    const text = flow(operator, true);
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, sizes) => {
        const run = drive(text, all, sizes, 0);
        const found = plain(run.messages('out'));
        const wanted = await wantedOf(all, sql);
        expect(multiset(without(found))).toEqual(multiset(without(wanted)));
        expectClose(found, wanted);
        const again = new EngineRun(text);
        again.replay(run.log);
        expect(again.bytes('out')).toEqual(run.bytes('out'));
      }),
      { numRuns: share(45) },
    );
  });

  test('of running groups: the last of each key', async () => {
    const text = flow('    retention: 1500ms\n    every: 700ms', false);
    const sql = `${sessions(1500)} SELECT k, ${SUMMARY} FROM numbered GROUP BY k, session
      QUALIFY row_number() OVER (PARTITION BY k ORDER BY session DESC) = 1`;
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (all, sizes) => {
        const run = drive(text, all, sizes, 300);
        const last = new Map(plain(run.messages('out')).map((one) => [one['k'], one]));
        const found = [...last.values()];
        const wanted = await wantedOf(all, sql);
        expect(multiset(without(found))).toEqual(multiset(without(wanted)));
        expectClose(found, wanted);
      }),
      { numRuns: share(45) },
    );
  });
});

describe('which record an aggregate chooses', () => {
  function fieldsOf(operators: string, exit: string, lines: readonly object[]): Plain[] {
    const text = `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, n: long, t: string, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 10s }
operators:
${operators}
exits:
  out: { from: ${exit}, for: v }
`;
    const run = new EngineRun(text).open();
    for (const chunk of cutLines(
      'in',
      lines.map((line) => JSON.stringify(line)),
      [30],
    )) {
      run.chunk(chunk);
    }
    run.close();
    return plain(run.messages('out'));
  }

  const at = (ms: number): number => START / 1000 + ms;

  test('of equal keys the least value for min_by, the greatest for max_by, and NULL only if there is no other', () => {
    const operators = `  per:
    type: aggregate
    from: in
    window: { tumble: 1m }
    group_by: k
    fields: { least: "min_by(t, n)", most: "max_by(t, n)", own: "max_by(n, t)" }`;
    const lines = [
      { k: 'ties', n: 1, t: 'm' },
      { k: 'ties', n: 1, t: null },
      { k: 'ties', n: 1, t: 'a' },
      { k: 'ties', n: 1, t: 'z' },
      { k: 'nothing', n: 2, t: null },
      { k: 'nothing', n: null, t: 'no key' },
    ].map((line) => ({ ...line, at: at(0) }));
    expect(fieldsOf(operators, 'per', lines)).toEqual([
      { k: 'ties', least: 'a', most: 'z', own: 1 },
      { k: 'nothing', least: null, most: null, own: null },
    ]);
  });

  test('among records of one line the order in which they stand there', () => {
    const operators = `  words: { type: explode, from: in, each: "split(t, ' ')", as: word }
  per:
    type: aggregate
    from: words
    window: { tumble: 1m }
    fields: { first: first(word), last: last(word), all: collect_list(word) }`;
    const lines = [
      { t: 'd z c', at: at(5) },
      { t: 'y b x', at: at(1) },
      { t: 'a q', at: at(5) },
    ];
    expect(fieldsOf(operators, 'per', lines)).toEqual([
      { first: 'y', last: 'q', all: ['y', 'b', 'x', 'd', 'z', 'c', 'a', 'q'] },
    ]);
  });

  test('behind an operator with state, where lines are gone, the least and the greatest of one time', () => {
    const operators = `  per: { type: aggregate, from: in, window: { tumble: 1s }, group_by: k, fields: { n: sum(n) } }
  again:
    type: aggregate
    from: per
    window: { tumble: 1m }
    fields: { first: first(n), last: last(n), all: collect_list(n) }`;
    const lines = [
      { k: 'a', n: 7, at: at(0) },
      { k: 'b', n: 3, at: at(1) },
      { k: 'c', at: at(2) },
      { k: 'a', n: 5, at: at(1000) },
      { k: 'b', n: 9, at: at(1001) },
    ];
    expect(fieldsOf(operators, 'again', lines)).toEqual([{ first: 3, last: 9, all: [3, 7, 5, 9] }]);
  });
});
