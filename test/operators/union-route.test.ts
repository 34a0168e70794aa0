/** `union` and `route` inside the engine against DuckDB over the same rows, cut anywhere and rewired on the way. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { validateText } from '../../src/rules/validate.ts';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';

interface Row {
  readonly k: string | null;
  readonly n: number | null;
  /** Milliseconds after START. */
  readonly at: number;
}

const DELAY = 2_000_000;
const VEHICLES = `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      north:
        listen: 0
        fields: { k: string, n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s }
      south:
        listen: 0
        fields: { at: { type: timestamp, format: epoch_ms }, n: long, k: string }
        event_time: { field: at, max_delay: 2s }
`;
const UNION = `${VEHICLES}operators:
  both: { type: union, from: [north, south] }
  per: { type: aggregate, from: both, window: { tumble: 5s }, group_by: k, fields: { c: count(*), s: sum(n) } }
exits:
  all: { from: both, for: v, fields: [k, n] }
  per: { from: per, for: v }
`;

function routes(match: string): string {
  return `${VEHICLES}operators:
  by: { type: route, from: north, match: ${match}, routes: { large: n > 2, even: n % 2 = 0, named: k = 'a' } }
  per: { type: aggregate, from: by.even, window: { tumble: 5s }, group_by: k, fields: { c: count(*) } }
exits:
  large: { from: by.large, for: v, fields: [k, n] }
  even: { from: by.even, for: v, fields: [k, n] }
  named: { from: by.named, for: v, fields: [k, n] }
  others: { from: by.rest, for: v, fields: [k, n] }
  per: { from: per, for: v }
  souths: { from: south, for: v }
`;
}

const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    k: fc.constantFrom(null, 'a', 'b', 'ü'),
    n: fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 6 })),
    at: fc.nat(20_000),
  }),
  { maxLength: 50 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

function lines(all: readonly Row[]): string[] {
  return all.map(({ k, n, at }) => JSON.stringify({ k, n, at: START / 1000 + at }));
}

/** Both lanes, a chunk of each in turn. */
function run(
  text: string,
  north: readonly Row[],
  south: readonly Row[],
  cuts: number[],
): EngineRun {
  const flow = new EngineRun(text).open();
  const left = cutLines('north', lines(north), cuts);
  const right = cutLines('south', lines(south), cuts);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    for (const chunk of [left[i], right[i]]) if (chunk !== undefined) flow.chunk(chunk);
  }
  flow.close();
  expect(flow.account().gaps).toEqual([]);
  const again = new EngineRun(text);
  again.replay(flow.log);
  for (const { name } of flow.plan.exits) expect(again.bytes(name)).toEqual(flow.bytes(name));
  return flow;
}

async function tables(north: readonly Row[], south: readonly Row[]): Promise<void> {
  const columns = { k: 'VARCHAR', n: 'BIGINT', t: 'BIGINT' };
  const time = ({ at }: Row): number => at * 1000;
  const table = (name: string, all: readonly Row[]): Promise<void> =>
    oracle.table(
      name,
      columns,
      all.map(({ k, n, at }) => ({ k, n, t: at })),
    );
  await table('north', north);
  await table('south', south);
  await table('north_on_time', onTime(north, time, DELAY));
  await table('south_on_time', onTime(south, time, DELAY));
}

async function same(flow: EngineRun, exit: string, sql: string): Promise<void> {
  expect([exit, multiset(flow.messages(exit))]).toEqual([exit, multiset(await oracle.rows(sql))]);
}

describe('union', () => {
  test('is UNION ALL, fields by name, and its time is the slowest input', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, sizes, async (north, south, cuts) => {
        const flow = run(UNION, north, south, cuts);
        await tables(north, south);
        const all = (suffix: string): string =>
          `SELECT k, n, t FROM north${suffix} UNION ALL BY NAME SELECT k, n, t FROM south${suffix}`;
        await same(flow, 'all', `SELECT k, n FROM (${all('')})`);
        await same(
          flow,
          'per',
          `SELECT k, count(*) AS c, sum(n)::BIGINT AS s FROM (${all('_on_time')}) GROUP BY k, t // 5000`,
        );
      }),
      { numRuns: share(60) },
    );
  });

  test.each<[string, string, RegExp]>([
    [
      'other fields',
      'n: long, k: string, more: long',
      /"south" has a field "more", which "north" lacks/,
    ],
    ['a field that is missing', 'k: string', /"south" has no field "n", as "north" has/],
    ['another type', 'n: double, k: string', /"n" is double in "south" and long in "north"/],
  ])('of streams with %s is refused', (_, fields, words) => {
    const text = UNION.replace('epoch_ms }, n: long, k: string', `epoch_ms }, ${fields}`);
    const [finding] = validateText(text, 'test.yaml').findings;
    expect(finding).toMatchObject({ rule: 'type-mismatch', severity: 'error' });
    expect(finding.message).toMatch(words);
  });

  test('of a stream with itself is refused, as every record would count twice', () => {
    const text = UNION.replace('[north, south]', '[north, north]');
    const found = validateText(text, 'test.yaml').findings.find(
      ({ severity }) => severity === 'error',
    );
    expect(found).toMatchObject({ rule: 'duplicate-name', message: '"north" is read already' });
  });
});

describe('route', () => {
  test.each(['first', 'all'])('with match: %s gives each stream what CASE would', async (match) => {
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (north, cuts) => {
        const flow = run(routes(match), north, [], cuts);
        await tables(north, []);
        const large = 'coalesce(n > 2, false)';
        const even = 'coalesce(n % 2 = 0, false)';
        const named = `coalesce(k = 'a', false)`;
        const not = (...others: string[]): string =>
          match === 'all' ? '' : others.map((other) => ` AND NOT ${other}`).join('');
        await same(flow, 'large', `SELECT k, n FROM north WHERE ${large}`);
        await same(flow, 'even', `SELECT k, n FROM north WHERE ${even}${not(large)}`);
        await same(flow, 'named', `SELECT k, n FROM north WHERE ${named}${not(large, even)}`);
        await same(
          flow,
          'others',
          `SELECT k, n FROM north WHERE NOT (${large} OR ${even} OR ${named})`,
        );
        await same(
          flow,
          'per',
          `SELECT k, count(*) AS c FROM north_on_time WHERE ${even}${not(large)} GROUP BY k, t // 5000`,
        );
      }),
      { numRuns: share(60) },
    );
  });

  test('its bare name is no stream, and a misspelt route says which are there', () => {
    for (const [from, hint] of [
      ['by', undefined],
      ['by.evn', 'did you mean "by.even"?'],
    ] as const) {
      const text = routes('first').replace('from: by.even, window', `from: ${from}, window`);
      const finding = validateText(text, 'test.yaml').findings.find(
        ({ rule }) => rule === 'dangling-reference',
      );
      expect(finding).toBeDefined();
      if (hint !== undefined) expect(finding?.hint).toBe(hint);
    }
  });
});
