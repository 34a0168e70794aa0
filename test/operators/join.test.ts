/**
 * `join` inside the engine against DuckDB over the same rows: every kind and bound, with disorder, ties, NULL
 * keys and late records, cut into chunks anywhere, and once more from the log.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';

const DELAY = 2_000_000;

interface Row {
  readonly k: string | null;
  readonly g: number | null;
  readonly n: number;
  readonly v: number | null;
  /** Milliseconds after START. */
  readonly at: number;
}

const LANES = `
  a:
    lanes:
      orders:
        listen: 0
        fields: { k: string, g: long, n: long, v: double, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s }
  b:
    lanes:
      payments:
        listen: 0
        fields: { k: string, g: long, m: long, w: double, ts: { type: timestamp, format: epoch_ms } }
        event_time: { field: ts, max_delay: 2s }
`;

function flow(join: string, further = ''): string {
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:${LANES}operators:
  pairs: { type: join, left: orders, right: payments, ${join} }
  timed: { type: select, from: pairs, keep: all, fields: { t: unix_ms } }
exits:
  out: { from: timed, for: a }
${further}`.replace('t: unix_ms', 't: _time');
}

const KEYS = {
  one: ['k', 'L.k = R.k'],
  two: ['[k, g]', 'L.k = R.k AND L.g = R.g'],
  long: ['{ left: g, right: g }', 'L.g = R.g'],
} as const;

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, 'a', 'b', 'ü', ''),
      g: fc.constantFrom(null, 0, 1, 2 ** 53 - 1),
      v: fc.oneof(fc.constant(null), fc.integer({ min: -2, max: 4 })),
      // Half of them on a grid that the bounds lie on as well: much is exactly as far apart as it may be.
      at: fc.oneof(
        fc.integer({ min: 0, max: 12_000 }),
        fc.nat(24).map((half) => half * 500),
      ),
      behind: fc.constantFrom(0, 0, 0, 500, 1999, 2000, 2001, 6000),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    // In order of time but for delays, so that most are on time and some are not.
    [...all]
      .sort((a, b) => a.at - b.at)
      .map(({ behind, at, ...row }, n) => ({ ...row, at: Math.max(0, at - behind), n })),
  );

const duration = fc.constantFrom(0, 1, 500, 1000, 4000, 60_000);
const traffic = fc.record({
  left: rows,
  right: rows,
  sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
  turns: fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
});
type Traffic = typeof traffic extends fc.Arbitrary<infer T> ? T : never;

function lineOf({ k, g, n, v, at }: Row, side: 'left' | 'right'): string {
  const time = START / 1000 + at;
  return JSON.stringify(
    side === 'left' ? { k, g, n, v, at: time } : { k, g, m: n, w: v, ts: time },
  );
}

/** Feeds both lanes, chunk by chunk in turns. */
function drive(run: EngineRun, { left, right, sizes, turns }: Traffic, closes = true): EngineRun {
  run.open();
  const a = cutLines(
    'orders',
    left.map((row) => lineOf(row, 'left')),
    sizes,
  );
  const b = cutLines(
    'payments',
    right.map((row) => lineOf(row, 'right')),
    [...sizes].reverse(),
  );
  for (let turn = 0; a.length + b.length > 0; turn++) {
    const next = turns[turn % turns.length] ? (a.shift() ?? b.shift()) : (b.shift() ?? a.shift());
    if (next !== undefined) run.chunk(next);
  }
  if (closes) run.close();
  expect(run.account().gaps).toEqual([]);
  return run;
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

async function load({ left, right }: Traffic): Promise<void> {
  const columns = { k: 'VARCHAR', g: 'BIGINT', n: 'BIGINT', v: 'DOUBLE', at: 'BIGINT' };
  const timely = (all: readonly Row[]): Row[] => onTime(all, ({ at }) => at * 1000, DELAY);
  const plain = (all: readonly Row[]) => timely(all).map((row) => ({ ...row }));
  await oracle.table('L', columns, plain(left));
  await oracle.table('R', columns, plain(right));
}

/** Times as milliseconds after START. */
function plain(found: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return found.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value instanceof Date || Object.prototype.toString.call(value) === '[object Date]'
          ? Number(value) - START / 1000
          : value,
      ]),
    ),
  );
}

const FULL = 'L.k AS k, L.g AS g, L.n AS n, L.v AS v, L.at AS at';

/** The default output of each kind, by hand. */
function sqlOf(kind: string, key: keyof typeof KEYS, condition: string): string {
  if (kind === 'semi' || kind === 'anti') {
    const not = kind === 'anti' ? 'NOT' : '';
    return `SELECT ${FULL}, L.at AS t FROM L WHERE ${not} EXISTS (SELECT 1 FROM R WHERE ${condition})`;
  }
  const isKey = { one: ['k'], two: ['k', 'g'], long: ['g'] }[key];
  const merged = ['k', 'g'].map((name) =>
    isKey.includes(name) ? `coalesce(L.${name}, R.${name}) AS ${name}` : `L.${name} AS ${name}`,
  );
  return `SELECT ${merged.join(', ')}, L.n AS n, L.v AS v, L.at AS at, R.n AS m, R.v AS w, R.at AS ts,
    coalesce(L.at, R.at) AS t FROM L ${kind} JOIN R ON ${condition}`;
}

describe('join', () => {
  const kinds = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
  test.each(kinds)('%s gives what DuckDB gives, and the log gives it again', async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        traffic,
        fc.record({
          key: fc.constantFrom('one' as const, 'two' as const, 'long' as const),
          before: duration,
          after: duration,
          where: fc.boolean(),
        }),
        async (all, { key, before, after, where }) => {
          const [name, equal] = KEYS[key];
          const within = `{ before: ${before}ms, after: ${after}ms }`;
          const condition = where ? ', where: w >= v' : '';
          const fields = key === 'one' ? { g: 'left.g' } : key === 'long' ? { k: 'left.k' } : {};
          // With both names as keys nothing clashes, so all may leave as it is.
          const out =
            ['semi', 'anti'].includes(kind) || key === 'two'
              ? ''
              : `, fields: ${yaml({ k: 'k', g: 'g', n: 'n', v: 'v', at: 'at', m: 'm', w: 'w', ts: 'ts', ...fields })}`;
          const text = flow(`kind: ${kind}, key: ${name}, within: ${within}${condition}${out}`);
          const run = drive(new EngineRun(text), all);
          await load(all);
          const bounds = `R.at - L.at BETWEEN ${-before} AND ${after}`;
          const residual = where ? ' AND R.v >= L.v' : '';
          const sql = sqlOf(kind, key, `${equal} AND ${bounds}${residual}`);
          expect(multiset(plain(run.messages('out')))).toEqual(multiset(await oracle.rows(sql)));
          expect(run.account().operators[0].openRows).toBe(0);
          // A later process reads the log, and goes on where this one is now.
          const again = new EngineRun(text);
          again.replay(run.log);
          expect(again.bytes('out')).toEqual(run.bytes('out'));
          const seeded = new EngineRun(text, 9);
          seeded.replay(run.log);
          expect(plain(seeded.messages('out'))).toEqual(plain(run.messages('out')));
        },
      ),
      { numRuns: share(60) },
    );
  });
});

function yaml(fields: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(fields)
    .map(([name, text]) => `${name}: ${text}`)
    .join(', ')} }`;
}
