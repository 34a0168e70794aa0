/**
 * `join` with `per: left` against DuckDB, which groups the partners of each left record by hand: with and without an end
 * of its own, with disorder, ties, NULL keys, NULL ends and late records.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';
import { disordered, drive, type Traffic, type TwoLanes, trafficOf } from '../tools/two-lanes.ts';

const DELAY_MS = 2000;
const ZERO = START / 1000;

function flow(join: string, further = '', exits = ''): string {
  const lane = (name: string, extra: string): string => `
      ${name}:
        listen: 0
        fields: { k: string, g: long, ${extra}, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms }`;
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('auctions', 'n: long, v: long, expires: { type: timestamp, format: epoch_ms }')}${lane('bids', 'm: long, w: long')}
operators:
  closed: { type: join, left: auctions, right: bids, per: left, ${join} }
  timed: { type: select, from: closed, keep: all, fields: { t: _time } }
${further}exits:
  out: { from: timed, for: v }
${exits}`;
}

interface Row {
  readonly k: string | null;
  readonly g: number | null;
  readonly v: number | null;
  readonly n: number;
  /** Milliseconds after START, as the next. */
  readonly at: number;
  readonly expires: number | null;
}

const time = fc.oneof(
  fc.integer({ min: 0, max: 9000 }),
  fc.nat(18).map((half) => half * 500),
);
const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 'a', 'b', 'ü'),
      g: fc.constantFrom(null, 0, 1),
      v: fc.constantFrom(null, 0, 1, 2, 3),
      at: time,
      expires: fc.option(time, { freq: 4 }),
      behind: fc.constantFrom(0, 0, 0, 500, 1999, 2000, 2001, 5000),
    }),
    { maxLength: 35 },
  )
  .map(disordered);

const traffic = trafficOf(rows);
const LANES: TwoLanes<Row> = {
  left: {
    lane: 'auctions',
    line: ({ k, g, n, v, at, expires }) => {
      const end = expires === null ? null : ZERO + expires;
      return JSON.stringify({ k, g, n, v, at: ZERO + at, expires: end });
    },
  },
  right: {
    lane: 'bids',
    line: ({ k, g, n, v, at }) => JSON.stringify({ k, g, m: n, w: v, at: ZERO + at }),
  },
};

function timely(all: readonly Row[]): Row[] {
  return onTime(all, ({ at }) => at * 1000, DELAY_MS * 1000);
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

interface Rules {
  readonly kind: 'inner' | 'left';
  readonly keys: readonly ('k' | 'g')[];
  readonly before: number;
  readonly after: number;
  readonly until: boolean;
  readonly where: boolean;
}

const rules: fc.Arbitrary<Rules> = fc.record({
  kind: fc.constantFrom('inner' as const, 'left' as const),
  keys: fc.constantFrom(['k' as const], ['g' as const], ['k' as const, 'g' as const]),
  before: fc.constantFrom(0, 1, 500, 3000),
  after: fc.constantFrom(0, 1, 500, 2000, 60_000),
  until: fc.boolean(),
  where: fc.boolean(),
});

function textOf({ kind, keys, before, after, until, where }: Rules): string {
  const within = until
    ? `{ until: expires, after: ${after}ms }`
    : `{ before: ${before}ms, after: ${after}ms }`;
  const fields =
    '{ n: n, v: v, c: count(*), s: sum(w), x: max(m), d: sum(w * v), z: coalesce(min(m), -1) + n }';
  const single = kind === 'inner';
  return flow(
    `kind: ${kind}, key: [${keys.join(', ')}], within: ${within}, fields: ${fields.replace('coalesce(min(m), -1) + n', '"coalesce(min(m), -1) + n"')}, late_to: { left: late_l, right: late_r }${where ? ', where: w >= v' : ''}${single ? ', unmatched_to: single' : ''}`,
    single ? '  apart: { type: select, from: single, fields: { n: n, t: _time } }\n' : '',
    `  ll: { from: late_l, for: v }\n  lr: { from: late_r, for: v }\n${single ? '  alone: { from: apart, for: v }\n' : ''}`,
  );
}

async function wanted({ left, right }: Traffic<Row>, by: Rules) {
  const columns = {
    k: 'VARCHAR',
    g: 'BIGINT',
    n: 'BIGINT',
    v: 'BIGINT',
    at: 'BIGINT',
    expires: 'BIGINT',
  };
  await oracle.table(
    'L',
    columns,
    timely(left).map((row) => ({ ...row })),
  );
  await oracle.table(
    'R',
    columns,
    timely(right).map((row) => ({ ...row })),
  );
  const { keys, before, after, until, where } = by;
  const equal = keys.map((name) => `E.${name} = R.${name}`).join(' AND ');
  const end = until
    ? `least(greatest(at, coalesce(expires, at + ${after})), at + ${after})`
    : `at + ${after}`;
  const first = until ? 0 : before;
  return oracle.rows(`WITH E AS (SELECT *, ${end.replaceAll('at ', '"at" ').replaceAll('(at,', '("at",')} AS t FROM L)
    SELECT E.n AS n, E.v AS v, count(R.n) AS c, CAST(sum(R.v) AS BIGINT) AS s, max(R.n) AS x, CAST(sum(R.v * E.v) AS BIGINT) AS d,
      coalesce(min(R.n), -1) + E.n AS z, E.t AS t
    FROM E LEFT JOIN R ON ${equal} AND R."at" BETWEEN E."at" - ${first} AND E.t ${where ? 'AND R.v >= E.v' : ''}
    GROUP BY E.n, E.v, E.t`);
}

function plain(found: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return found.map((row) => ({ ...row, t: Number(row['t']) - ZERO }));
}

describe('join per left record', () => {
  test('gives what DuckDB gives, and the log gives it again', async () => {
    await fc.assert(
      fc.asyncProperty(traffic, rules, async (all, by) => {
        const text = textOf(by);
        const run = drive(new EngineRun(text), LANES, all);
        const found = await wanted(all, by);
        const kept = by.kind === 'left' ? found : found.filter(({ c }) => c !== 0);
        expect(multiset(plain(run.messages('out')))).toEqual(multiset(kept));
        if (by.kind === 'inner') {
          const alone = found.filter(({ c }) => c === 0).map(({ n, t }) => ({ n, t }));
          expect(multiset(plain(run.messages('alone')))).toEqual(multiset(alone));
        }
        const { left, right } = all;
        expect(run.messages('ll').length).toBe(left.length - timely(left).length);
        expect(run.messages('lr').length).toBe(right.length - timely(right).length);
        expect(run.account().operators.find(({ type }) => type === 'join')?.openRows).toBe(0);
        const again = new EngineRun(text);
        again.replay(run.log);
        expect(again.bytes('out')).toEqual(run.bytes('out'));
      }),
      { numRuns: share(200) },
    );
  });

  test('passes on how far time has come: a window behind it closes with all of its records', () => {
    fc.assert(
      fc.property(traffic, rules, (all, { kind, after, until, before }) => {
        const within = until
          ? `{ until: expires, after: ${after}ms }`
          : `{ before: ${before}ms, after: ${after}ms }`;
        const text = flow(
          `kind: ${kind}, key: k, within: ${within}, fields: { n: n, c: count(*) }`,
          '  per: { type: aggregate, from: closed, window: { tumble: 2s }, fields: { r: count(*), c: sum(c) } }\n',
          '  windows: { from: per, for: v }\n',
        );
        const run = drive(new EngineRun(text), LANES, all);
        const sums = new Map<number, { r: number; c: number }>();
        for (const { t, c } of run.messages('out')) {
          const start = Math.floor(Number(t) / 2000);
          const { r, c: sum } = sums.get(start) ?? { r: 0, c: 0 };
          sums.set(start, { r: r + 1, c: sum + Number(c) });
        }
        const each = [...sums].sort(([a], [b]) => a - b).map(([, sum]) => sum);
        expect(run.messages('windows')).toEqual(each);
      }),
      { numRuns: share(100) },
    );
  });

  test('after a bounded run begins with nothing, as its lanes do', () => {
    const text = textOf({
      kind: 'left',
      keys: ['k'],
      before: 500,
      after: 500,
      until: false,
      where: false,
    });
    fc.assert(
      fc.property(traffic, traffic, (first, second) => {
        const run = drive(new EngineRun(text), LANES, first);
        const before = run.messages('out').length;
        run.restart();
        drive(run, LANES, second);
        const alone = drive(new EngineRun(text), LANES, second);
        expect(run.messages('out').slice(before)).toEqual(alone.messages('out'));
      }),
      { numRuns: share(40) },
    );
  });

  test('waits no longer than its time, though nothing comes, then asks for no more time', () => {
    const text = flow(
      'kind: left, key: k, within: { until: expires, after: 1h }, fields: { n: n, c: count(*) }',
    );
    const run = new EngineRun(text).open();
    const put = (lane: string, record: object) => {
      for (const chunk of cutLines(lane, [JSON.stringify(record)], [1000])) run.chunk(chunk);
    };
    put('bids', { k: 'a', m: 1, at: ZERO + 1 });
    put('auctions', { k: 'a', n: 1, at: ZERO, expires: ZERO + 5000 });
    expect(run.messages('out')).toEqual([]);
    put('bids', { k: 'b', m: 2, at: ZERO + 5000 + DELAY_MS + 1 });
    expect(run.messages('out')).toEqual([{ n: 1, c: 1, t: new Date(ZERO + 5000) }]);
    // The end of this one lies where the bids have been already.
    put('auctions', { k: 'b', n: 3, at: ZERO + 4000, expires: ZERO });
    put('auctions', { k: 'b', n: 2, at: ZERO + 8000, expires: null });
    expect(run.messages('out').map(({ n, c }) => [n, c])).toEqual([
      [1, 1],
      [3, 0],
    ]);
    let ticks = 0;
    for (; run.due() !== Number.POSITIVE_INFINITY; ticks++) run.wait(run.due() - run.now);
    expect(run.messages('out').length).toBe(3);
    expect(run.account().operators[0].openRows).toBe(0);
    expect(ticks).toBeLessThan(12);
  });

  test('takes the partners of one record together however many there are', () => {
    const run = new EngineRun(
      flow('key: k, within: 1m, fields: { n: n, c: count(*), s: sum(m) }'),
    ).open();
    const bids = 10_000;
    const lines = Array.from({ length: bids }, (_, m) =>
      JSON.stringify({ k: 'a', m, at: ZERO + m }),
    );
    for (const chunk of cutLines('bids', lines, [1 << 16])) run.chunk(chunk);
    const opens = [0, 1].map((n) => JSON.stringify({ k: 'a', n, at: ZERO + n }));
    for (const chunk of cutLines('auctions', opens, [1 << 16])) run.chunk(chunk);
    run.close();
    const s = (bids * (bids - 1)) / 2;
    expect(run.messages('out').map(({ n, c, s: sum }) => [n, c, sum])).toEqual([
      [0, bids, s],
      [1, bids, s],
    ]);
  });
});
