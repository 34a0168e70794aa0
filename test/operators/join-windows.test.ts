/** `join` with `window: same` against DuckDB, which computes both sides' windows and pairs them by key and window. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';

const DELAY_MS = 1000;
/** Of what begins is told in milliseconds since then; windows are aligned to it. */
const ZERO = START / 1000;

function flow(window: string, join: string, further = '', exits = ''): string {
  const lane = (name: string): string => `
      ${name}:
        listen: 0
        fields: { k: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms }`;
  const side = (name: string, from: string, field: string): string =>
    `  ${name}: { type: aggregate, from: ${from}, window: ${window}, group_by: k, fields: { ${field}: count(*) } }\n`;
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('a')}${lane('b')}
operators:
${side('views', 'a', 'v')}${side('clicks', 'b', 'c')}  rate: { type: join, left: views, right: clicks, key: k, window: same, ${join} }
${further}exits:
  out: { from: rate, for: v }
${exits}`;
}

interface Row {
  readonly k: number | null;
  readonly at: number;
}
interface Traffic {
  readonly a: readonly Row[];
  readonly b: readonly Row[];
  readonly sizes: readonly number[];
  readonly turns: readonly boolean[];
}

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 1, 2),
      at: fc.nat(20).map((half) => half * 500),
      behind: fc.constantFrom(0, 0, 500, 1000, 3000),
    }),
    { maxLength: 25 },
  )
  .map((all) =>
    [...all]
      .sort((x, y) => x.at - y.at)
      .map(({ k, at, behind }) => ({ k, at: Math.max(0, at - behind) })),
  );
const traffic: fc.Arbitrary<Traffic> = fc.record({
  a: rows,
  b: rows,
  sizes: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
  turns: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
});

function drive(run: EngineRun, { a, b, sizes, turns }: Traffic): EngineRun {
  run.open();
  const chunks = (lane: string, all: readonly Row[]) =>
    cutLines(
      lane,
      all.map(({ k, at }) => JSON.stringify({ k, at: ZERO + at })),
      sizes,
    );
  const [left, right] = [chunks('a', a), chunks('b', b)];
  for (let turn = 0; left.length + right.length > 0; turn++) {
    const [first, second] = turns[turn % turns.length] ? [left, right] : [right, left];
    const next = first.shift() ?? second.shift();
    if (next !== undefined) run.chunk(next);
  }
  run.close();
  expect(run.account().gaps).toEqual([]);
  return run;
}

function timely(all: readonly Row[]): Row[] {
  return onTime(all, ({ at }) => at * 1000, DELAY_MS * 1000);
}

const BOUNDS = 's: window_start, e: window_end, t: _time';

/** Times as milliseconds after START. */
function plain(found: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return found.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        ['s', 'e', 't'].includes(name) ? Number(value) - ZERO : value,
      ]),
    ),
  );
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

describe('join of the same window', () => {
  const kinds = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
  test.each(kinds)('%s gives what DuckDB gives', async (kind) => {
    const ofLeft = kind === 'semi' || kind === 'anti';
    const windows = fc.constantFrom([2000, 2000], [2000, 500], [1500, 1000]);
    await fc.assert(
      fc.asyncProperty(traffic, windows, fc.boolean(), async (all, [size, every], where) => {
        const window =
          size === every ? `{ tumble: ${size}ms }` : `{ hop: ${size}ms, every: ${every}ms }`;
        const fields = `{ k: k, v: v, ${ofLeft ? '' : 'c: c, '}s: window_start, e: window_end }`;
        const text = flow(
          window,
          `kind: ${kind}, fields: ${fields}${where ? ', where: c >= v' : ''}`,
        );
        const run = drive(new EngineRun(text), all);
        for (const [name, side] of [
          ['A', all.a],
          ['B', all.b],
        ] as const) {
          await oracle.table(
            name,
            { k: 'BIGINT', at: 'BIGINT' },
            timely(side).map((row) => ({ ...row })),
          );
        }
        const counts = (table: string, field: string) =>
          `SELECT k, s, s + ${size} AS e, count(*) AS ${field} FROM ${table}, range(-${size} * 10, 20000, ${every}) AS w(s)
             WHERE s <= "at" AND "at" < s + ${size} GROUP BY k, s`;
        const condition = `L.k = R.k AND L.s = R.s${where ? ' AND R.c >= L.v' : ''}`;
        const not = kind === 'anti' ? 'NOT' : '';
        const select = ofLeft
          ? `SELECT k, v, s, e FROM L WHERE ${not} EXISTS (SELECT 1 FROM R WHERE ${condition})`
          : `SELECT coalesce(L.k, R.k) AS k, v, c, coalesce(L.s, R.s) AS s, coalesce(L.e, R.e) AS e FROM L ${kind} JOIN R ON ${condition}`;
        const sql = `WITH L AS (${counts('A', 'v')}), R AS (${counts('B', 'c')}) ${select}`;
        expect(multiset(plain(run.messages('out')))).toEqual(multiset(await oracle.rows(sql)));
        const join = run.account().operators.find(({ type }) => type === 'join');
        expect(join?.openRows).toBe(0);
        const again = new EngineRun(text);
        again.replay(run.log);
        expect(again.bytes('out')).toEqual(run.bytes('out'));
      }),
      { numRuns: share(30) },
    );
  });

  test('takes sessions for the same only if they also begin together', () => {
    const text = flow('{ session: 1s }', 'kind: left, fields: { k: k, v: v, c: c }');
    const at = (...times: number[]): Row[] => times.map((time) => ({ k: 1, at: time }));
    const run = drive(new EngineRun(text), {
      a: at(0, 500, 5000, 5500, 9000),
      b: at(500, 5000, 5500, 9000),
      sizes: [1000],
      turns: [true, false],
    });
    const wanted = [
      { k: 1, v: 2, c: null },
      { k: 1, v: 2, c: 2 },
      { k: 1, v: 1, c: 1 },
    ];
    expect(multiset(run.messages('out'))).toEqual(multiset(wanted));
  });

  test('passes its windows on, to what groups by them and to those it names for the unmatched', () => {
    fc.assert(
      fc.property(traffic, (all) => {
        const text = flow(
          '{ tumble: 2s }',
          'unmatched_to: single, where: c <= v, fields: { v: v, c: c }',
          `  per: { type: aggregate, from: rate, window: same, fields: { n: count(*), ${BOUNDS.replace(', t: _time', '')} } }
  left_over: { type: aggregate, from: single, window: same, fields: { n: count(*), s: window_start, e: window_end } }
  timed: { type: select, from: rate, fields: { ${BOUNDS} } }
`,
          '  windows: { from: per, for: v }\n  singles: { from: left_over, for: v }\n  each: { from: timed, for: v }\n',
        );
        const run = drive(new EngineRun(text), all);
        const counts = new Map<number, number>();
        for (const { s, e, t } of plain(run.messages('each'))) {
          expect(Number(e) - Number(s)).toBe(2000);
          // The last microsecond of the window, in whole milliseconds.
          expect(t).toBe(Number(e) - 1);
          counts.set(Number(s), (counts.get(Number(s)) ?? 0) + 1);
        }
        const wanted = [...counts].sort(([x], [y]) => x - y);
        expect(plain(run.messages('windows')).map(({ s, n }) => [s, n])).toEqual(wanted);
        const total = (exit: string) =>
          run.messages(exit).reduce((sum, { n }) => sum + Number(n), 0);
        const views = run.account().operators.find(({ name }) => name === 'views');
        expect(total('windows') + total('singles')).toBe(views?.gave);
      }),
      { numRuns: share(90) },
    );
  });
});
