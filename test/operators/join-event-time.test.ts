/**
 * `join` with `as_of: event_time` against DuckDB's ASOF JOIN over the same rows, with disorder, ties, NULL keys and late
 * records. What leaves is compared in its order: however the two sides came, and were cut, edited and resumed, it is
 * that of time.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareRows } from '../../src/operators/compare-rows.ts';
import type { DataType } from '../../src/stream/schema.ts';
import { Oracle } from '../oracle/duckdb.ts';
import { columnOf, type Value } from '../sql/table.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';
import { disordered, drive, type Traffic, type TwoLanes, trafficOf } from '../tools/two-lanes.ts';

const DELAY_MS = 2000;

function lane(name: string, extra: string): string {
  return `
      ${name}:
        listen: 0
        fields: { k: string, g: long, ${extra}, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms }`;
}

function flow(join: string, further = ''): string {
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('trades', 'n: long, v: long')}${lane('quotes', 'm: long, w: long')}
operators:
  quoted: { type: join, left: trades, right: quotes, as_of: event_time, ${join} }
  timed: { type: select, from: quoted, keep: all, fields: { t: _time } }
exits:
  out: { from: timed, for: v }
${further}`;
}

interface Row {
  readonly k: string | null;
  readonly g: number | null;
  readonly v: number;
  readonly n: number;
  /** Milliseconds after START. */
  readonly at: number;
}

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 'a', 'b', 'ü'),
      g: fc.constantFrom(null, 0, 1),
      v: fc.nat(3),
      // Half of them on a grid that retentions lie on as well: many tie, or are exactly as old as they may be.
      at: fc.oneof(
        fc.integer({ min: 0, max: 9000 }),
        fc.nat(18).map((half) => half * 500),
      ),
      behind: fc.constantFrom(0, 0, 0, 500, 1999, 2000, 2001, 5000),
    }),
    { maxLength: 40 },
  )
  .map(disordered);

const traffic = trafficOf(rows);
const LANES: TwoLanes<Row> = {
  left: {
    lane: 'trades',
    line: ({ k, g, v, n, at }) => JSON.stringify({ k, g, n, v, at: START / 1000 + at }),
  },
  right: {
    lane: 'quotes',
    line: ({ k, g, v, n, at }) => JSON.stringify({ k, g, m: n, w: v, at: START / 1000 + at }),
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
  /** Milliseconds; null: for ever. */
  readonly retention: number | null;
  readonly where: boolean;
}

const rules: fc.Arbitrary<Rules> = fc.record({
  kind: fc.constantFrom('inner' as const, 'left' as const),
  keys: fc.constantFrom(['k' as const], ['g' as const], ['k' as const, 'g' as const]),
  retention: fc.constantFrom(null, 1, 500, 1000, 60_000),
  where: fc.boolean(),
});

function textOf({ kind, keys, retention, where }: Rules): string {
  const condition = where ? ', where: w >= v' : '';
  const unmatched = kind === 'inner' ? ', unmatched_to: single' : '';
  return flow(
    `kind: ${kind}, key: [${keys.join(', ')}], retention: ${retention === null ? 'forever' : `${retention}ms`}, fields: { n: n, m: m, w: w, r: quotes._time }, late_to: { left: late_l, right: late_r }${condition}${unmatched}`,
    `  ll: { from: late_l, for: v }\n  lr: { from: late_r, for: v }\n${kind === 'inner' ? '  alone: { from: single, for: v }\n' : ''}`,
  );
}

async function wanted({ left, right }: Traffic<Row>, { keys, retention, where }: Rules) {
  const columns = { k: 'VARCHAR', g: 'BIGINT', n: 'BIGINT', v: 'BIGINT', at: 'BIGINT' };
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
  const equal = keys.map((name) => `L.${name} = V.${name}`).join(' AND ');
  const alive = retention === null ? 'TRUE' : `L.at < V.at + ${retention}`;
  return oracle.rows(`WITH V AS (
      SELECT * FROM R QUALIFY row_number() OVER (PARTITION BY ${keys.join(', ')}, "at" ORDER BY n DESC) = 1
    ), M AS (
      SELECT L.n AS n, V.n AS m, V.v AS w, V.at AS r FROM L ASOF JOIN V ON ${equal} AND L.at >= V.at
      WHERE ${alive} AND ${where ? 'V.v >= L.v' : 'TRUE'}
    )
    SELECT L.n AS n, M.m AS m, M.w AS w, M.r AS r, L.at AS t FROM L LEFT JOIN M ON L.n = M.n ORDER BY L.at, L.n`);
}

function seen(run: EngineRun): unknown[] {
  const since = (time: unknown) => Number(time) - START / 1000;
  return run
    .messages('out')
    .map(({ n, m, w, r, t }) => ({ n, m, w, r: r === null ? null : Number(r), t: Number(t) }))
    .map((row) => ({ ...row, r: row.r === null ? null : since(row.r), t: since(row.t) }));
}

describe('join as of event time', () => {
  test('gives what DuckDB gives, in order of time, and the log gives it again', async () => {
    await fc.assert(
      fc.asyncProperty(traffic, rules, async (all, by) => {
        const text = textOf(by);
        const run = drive(new EngineRun(text), LANES, all);
        const found = await wanted(all, by);
        const kept = by.kind === 'left' ? found : found.filter(({ m }) => m !== null);
        expect(seen(run)).toEqual(kept);
        if (by.kind === 'inner') {
          const alone = found.filter(({ m }) => m === null).map(({ n }) => n);
          expect(run.messages('alone').map(({ n }) => n)).toEqual(alone);
        }
        const { left, right } = all;
        expect(run.messages('ll').length).toBe(left.length - timely(left).length);
        expect(run.messages('lr').length).toBe(right.length - timely(right).length);
        expect(run.account().operators.find(({ type }) => type === 'join')?.openRows).toBe(0);
        const again = new EngineRun(text);
        again.replay(run.log);
        expect(again.bytes('out')).toEqual(run.bytes('out'));
      }),
      { numRuns: share(240) },
    );
  });

  test('a version counts from its own time until just before it is as old as it may be', () => {
    const run = new EngineRun(flow('key: k, retention: 500ms, fields: { n: n, m: m }')).open();
    const put = (name: string, record: object) => {
      for (const chunk of cutLines(name, [JSON.stringify(record)], [1000])) run.chunk(chunk);
    };
    put('quotes', { k: 'a', m: 1, at: START / 1000 + 1000 });
    [999, 1000, 1499, 1500].forEach((at, n) => {
      put('trades', { k: 'a', n, at: START / 1000 + at });
    });
    run.close();
    expect(run.messages('out').map(({ n }) => n)).toEqual([1, 2]);
  });

  test('after a bounded run begins with nothing, as its lanes do', () => {
    const text = textOf({ kind: 'left', keys: ['k'], retention: null, where: false });
    fc.assert(
      fc.property(traffic, traffic, (first, second) => {
        const run = drive(new EngineRun(text), LANES, first);
        const before = run.messages('out').length;
        run.restart();
        drive(run, LANES, second);
        expect(seen(run).slice(before)).toEqual(seen(drive(new EngineRun(text), LANES, second)));
      }),
      { numRuns: share(60) },
    );
  });

  test('passes on how far time has come: a window behind it closes with all of its records', () => {
    const text =
      `${flow('kind: left, key: k, retention: 1s, fields: { n: n, m: m }')}  windows: { from: per, for: v }
`.replace(
        'exits:',
        '  per: { type: aggregate, from: quoted, window: { tumble: 2s }, fields: { c: count(*), m: count(m) } }\nexits:',
      );
    fc.assert(
      fc.property(traffic, (all) => {
        const run = drive(new EngineRun(text), LANES, all);
        const counts = new Map<number, { c: number; m: number }>();
        for (const { t, m } of run.messages('out')) {
          const start = Math.floor(Number(t) / 2000);
          const { c, m: matched } = counts.get(start) ?? { c: 0, m: 0 };
          counts.set(start, { c: c + 1, m: matched + (m === null ? 0 : 1) });
        }
        const each = [...counts].sort(([a], [b]) => a - b).map(([, count]) => count);
        expect(run.messages('windows')).toEqual(each);
      }),
      { numRuns: share(60) },
    );
  });

  test('of versions of one time takes the one with the greater number of its line, then the greater record', () => {
    const text = `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('trades', 'n: long')}${lane('east', 'm: long')}${lane('west', 'm: long')}
operators:
  quotes: { type: union, from: [east, west] }
  quoted: { type: join, left: trades, right: quotes, key: k, as_of: event_time, retention: forever, fields: { n: n, m: m } }
exits:
  out: { from: quoted, for: v }
`;
    interface Tied {
      readonly lane: string;
      readonly k: string;
      readonly g: number | null;
      readonly m: number;
      readonly at: number;
    }
    const tied: fc.Arbitrary<Tied> = fc.record({
      lane: fc.constantFrom('east', 'west'),
      k: fc.constantFrom('a', 'b'),
      g: fc.constantFrom(null, -1, 5),
      m: fc.nat(9),
      at: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(tied, { maxLength: 20 }), (all) => {
        const run = new EngineRun(text).open();
        const put = (name: string, record: object) => {
          for (const chunk of cutLines(name, [JSON.stringify(record)], [1000])) run.chunk(chunk);
        };
        const numbers = new Map([
          ['east', 0],
          ['west', 0],
        ]);
        const versions = all.map(({ lane: name, at, ...values }) => {
          put(name, { ...values, at: START / 1000 + at });
          numbers.set(name, Number(numbers.get(name)) + 1);
          return { ...values, at, seq: Number(numbers.get(name)) };
        });
        const asks = ['a', 'b'].flatMap((k) => [0, 1, 2].map((at) => ({ k, at })));
        asks.forEach(({ k, at }, n) => {
          put('trades', { k, n, at: START / 1000 + at });
        });
        run.close();
        const ranks = ({ at, seq, g, m }: (typeof versions)[number]) => [
          at,
          seq,
          g ?? Number.NEGATIVE_INFINITY,
          m,
        ];
        const result = asks.flatMap(({ k, at }, n) => {
          const [best] = versions
            .filter((one) => one.k === k && one.at <= at)
            .sort((a, b) => {
              const [x, y] = [ranks(a), ranks(b)];
              const differs = x.findIndex((one, i) => one !== y[i]);
              return differs < 0 ? 0 : y[differs] - x[differs];
            });
          return best === undefined ? [] : [[at, n, best.m]];
        });
        result.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(run.messages('out').map(({ n, m }) => [n, m])).toEqual(
          result.map(([, n, m]) => [n, m]),
        );
      }),
      { numRuns: share(150) },
    );
  });

  test('of results that have no numbers takes the greater record', () => {
    const text = `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('trades', 'n: long')}${lane('quotes', 'm: long')}
operators:
  levels: { type: aggregate, from: quotes, window: { tumble: 1s }, group_by: [k, g, m], fields: { c: count(*) } }
  quoted: { type: join, left: trades, right: levels, key: k, as_of: event_time, retention: 1m, fields: { n: n, m: m } }
exits:
  out: { from: quoted, for: v }
`;
    const run = new EngineRun(text).open();
    const put = (name: string, ...all: object[]) => {
      const lines = all.map((record) => JSON.stringify({ k: 'a', at: START / 1000, ...record }));
      for (const chunk of cutLines(name, lines, [1000])) run.chunk(chunk);
    };
    put(
      'quotes',
      { g: 2, m: 1 },
      { g: 2, m: 7 },
      { g: 2, m: 3 },
      { g: null, m: 9 },
      { g: 1, m: 8 },
    );
    put('trades', { n: 1, at: START / 1000 + 5000 });
    run.close();
    expect(run.messages('out')).toEqual([{ n: 1, m: 7 }]);
  });

  test('keeps one version of a key and who still waits, also where all is of one key', () => {
    const text = flow('key: k, retention: forever, fields: { n: n, m: m }');
    const run = new EngineRun(text).open();
    const records = 20_000;
    const size = 1000;
    let most = 0;
    for (let first = 0; first < records; first += size) {
      const at = (i: number) => START / 1000 + first + i;
      const each = (make: (i: number) => object) =>
        Array.from({ length: size }, (_, i) => JSON.stringify({ k: 'a', at: at(i), ...make(i) }));
      for (const [name, lines] of [
        ['quotes', each((i) => ({ m: first + i }))],
        ['trades', each((i) => ({ n: first + i }))],
      ] as const) {
        for (const chunk of cutLines(name, lines, [1 << 20])) run.chunk(chunk);
      }
      most = Math.max(most, run.account().operators[0].openRows);
    }
    // Two seconds of delay on two sides, and segments that are forgotten whole.
    expect(most).toBeLessThan(2 * (DELAY_MS + size + 1024) + 1);
    run.close();
    expect(run.messages('out').map(({ n, m }) => [n, m])).toEqual(
      Array.from({ length: records }, (_, n) => [n, n]),
    );
  });

  test('in silence lets what waits leave when time has passed, then asks for no more time', () => {
    const run = new EngineRun(flow('key: k, retention: 1m, fields: { n: n, m: m }')).open();
    const put = (name: string, record: object) => {
      for (const chunk of cutLines(name, [JSON.stringify(record)], [1000])) run.chunk(chunk);
    };
    put('quotes', { k: 'a', m: 1, at: START / 1000 });
    put('trades', { k: 'a', n: 1, at: START / 1000 + 5 });
    expect(run.messages('out')).toEqual([]);
    let ticks = 0;
    for (; run.due() !== Number.POSITIVE_INFINITY; ticks++) run.wait(run.due() - run.now);
    expect(run.messages('out').length).toBe(1);
    expect(run.account().operators[0].openRows).toBe(0);
    expect(ticks).toBeLessThan(10);
  });
});

describe('the order of records', () => {
  test('is field by field, with NULL first', () => {
    const order = (type: DataType, ...values: Value[]): void => {
      const column = columnOf(type, values);
      for (let a = 0; a < values.length; a++) {
        for (let b = 0; b < values.length; b++) {
          expect(Math.sign(compareRows([column], a, b))).toBe(Math.sign(a - b));
        }
      }
    };
    const string = { kind: 'string' } as const;
    order(
      { kind: 'double' },
      null,
      Number.NEGATIVE_INFINITY,
      -1,
      0,
      2,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    );
    order({ kind: 'boolean' }, null, false, true);
    order(string, null, '', 'a', 'aa', 'b', 'z', 'ü', '😀');
    order({ kind: 'array', element: string }, null, [], [null], ['a'], ['a', 'a'], ['b']);
    const fields = [
      { name: 'x', type: string, nullable: true },
      { name: 'y', type: string, nullable: true },
    ];
    order(
      { kind: 'struct', fields },
      null,
      { x: null, y: 'z' },
      { x: 'a', y: null },
      { x: 'a', y: 'b' },
    );
    const zeros = columnOf({ kind: 'double' }, [0, -0]);
    expect(compareRows([zeros], 0, 1)).toBe(0);
  });
});
