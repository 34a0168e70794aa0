/** Parameters: constants that expressions name, and flags give other values to. */
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';
import { assignIds, fromCanonical, toCanonical } from '../../src/topology/canonical.ts';
import { changesOf, isChange } from '../../src/topology/changes.ts';
import { planTopology } from '../../src/topology/planner.ts';

function file(params: string): string {
  return `version: 1
name: params
params:
  ${params}
vehicles:
  shop:
    lanes:
      orders:
        listen: 7001
        fields: { id: long, region: string, amount: double, at: timestamp }
        event_time: at
operators:
  large: { type: filter, from: orders, where: amount > params.limit }
  counts:
    type: aggregate
    from: large
    window: { tumble: 10s }
    group_by: [region]
    fields: { n: count(*), sum: sum(amount * params.factor) }
exits:
  counts: { from: counts, for: shop }
`;
}

const BOTH = 'limit: 100\n  factor: { type: double, value: 2, description: twice }';

function read(text: string, sets: Readonly<Record<string, string>> = {}) {
  return validateText(text, 'params.yaml', { sets: new Map(Object.entries(sets)) });
}

function version(text: string, sets: Readonly<Record<string, string>> = {}) {
  const { topology, findings } = read(text, sets);
  if (topology === undefined) throw new Error(JSON.stringify(findings));
  const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
  return { topology, ids, plan: planTopology(topology, ids) };
}

function problems(params: string, sets: Readonly<Record<string, string>> = {}): string[] {
  return read(file(params), sets).findings.map(
    ({ rule, at, message }) => `${rule} ${at.line}:${at.column} ${message}`,
  );
}

describe('a parameter', () => {
  test('has the type of its literal, or the one it says', () => {
    const more =
      '\n  rate: 1.0\n  word: it\'s\n  on_sale: true\n  since: { type: timestamp, value: "2026-01-01" }';
    const { params } = version(file(BOTH + more)).topology;
    const found = [...params].map(([name, { type, value }]) => `${name} ${type.kind} ${value}`);
    expect(found).toEqual([
      'factor double 2',
      'limit long 100',
      'on_sale boolean true',
      'rate double 1',
      'since timestamp 1767225600000000',
      "word string it's",
    ]);
  });

  test('is folded into the expression like the literal', () => {
    const { plan } = version(file(BOTH));
    const literal = version(
      file(BOTH).replace('params.limit', '100').replace('params.factor', '2D'),
    ).plan;
    expect(plan.stages.map(({ checked }) => checked)).toEqual(
      literal.stages.map(({ checked }) => checked),
    );
  });

  test('is part of what is committed, and the plan made from that is the same', () => {
    const { topology, ids, plan } = version(file(BOTH), { limit: '7' });
    const back = fromCanonical(toCanonical(topology, ids));
    expect(back.topology).toEqual(topology);
    expect(planTopology(back.topology, back.ids)).toEqual(plan);
  });

  test.each<[string, string, Record<string, string>, string[]]>([
    [
      'edited where a condition names it',
      BOTH.replace('100', '50'),
      {},
      ['operator large rewired: params.limit 100 -> 50'],
    ],
    [
      'given another value by a flag',
      BOTH,
      { limit: '5' },
      ['operator large rewired: params.limit 100 -> 5'],
    ],
    [
      'edited where state was computed with it',
      BOTH.replace('value: 2', 'value: 3'),
      {},
      [
        'operator counts rewired: params.factor 2D -> 3D; an aggregate begins anew: NULL in windows that are open',
      ],
    ],
    ['added where nothing names it', `${BOTH}\n  spare: 1`, {}, []],
  ])('%s is an edit of what uses it', (_, params, sets, expected) => {
    const changes = changesOf(version(file(BOTH)), version(file(params), sets)).filter(isChange);
    const words = changes.map(
      ({ kind, name, fate, details }) => `${kind} ${name} ${fate}: ${details.join('; ')}`,
    );
    expect(words).toEqual(expected);
  });
});

test('an aggregate of running groups that is computed anew counts from the edit on', () => {
  const text = file(BOTH).replace('window: { tumble: 10s }', 'retention: 1d');
  const edited = text.replace('value: 2', 'value: 3');
  const [change] = changesOf(version(text), version(edited)).filter(isChange);
  expect(change.details.at(-1)).toBe(
    'an aggregate begins anew: in groups there are it counts from here on',
  );
});

test('a parameter that turns an order round forgets the records that were first by the old value', () => {
  const top =
    '  first: { type: top, from: large, window: { tumble: 10s }, order_by: amount * params.factor, limit: 1 }\n';
  const text = file(BOTH)
    .replace('exits:', `${top}exits:`)
    .replace(/$/, '  first: { from: first, for: shop }\n');
  const turned = text.replace('value: 2', 'value: -2');
  const changes = changesOf(version(text), version(turned)).filter(isChange);
  expect(changes.find(({ name }) => name === 'first')).toMatchObject({
    fate: 'reset',
    losesState: true,
    details: ['other records may be the first ones', 'params.factor 2D -> -2'],
  });
});

describe('what is wrong with parameters', () => {
  test.each<[string, string, Record<string, string>, string[]]>([
    [
      'a name that is not there',
      'limt: 100\n  factor: 2.0',
      {},
      ['unknown-column 14:63 there is no parameter "limit" here'],
    ],
    [
      'a value of another type than it says',
      'limit: 100\n  factor: { type: double, value: "two" }',
      {},
      ['type-mismatch 5:34 a double is needed here, not "two"'],
    ],
    [
      'a type that holds several values',
      'limit: { type: array<long>, value: 1 }\n  factor: 2.0',
      {},
      ['value-not-allowed 4:18 a parameter has one value'],
    ],
    [
      'a type that does not fit where it is named',
      "limit: 'many'\n  factor: 2.0",
      {},
      ["type-mismatch 14:47 a double can't be compared with a string"],
    ],
    [
      'a flag with a value of another type',
      BOTH,
      { limit: '5.5' },
      ['type-mismatch 4:10 --set gives "limit" the value "5.5", which is no long'],
    ],
    [
      'a flag for a parameter that is not there',
      BOTH,
      { limmit: '5' },
      ['dangling-reference 3:1 --set names a parameter "limmit", which the file does not have'],
    ],
    ['a list', 'limit: [1]\n  factor: 2.0', {}, ['wrong-type']],
  ])('%s', (_, params, sets, expected) => {
    const found = problems(params, sets);
    expect(found).toHaveLength(expected.length);
    found.forEach((one, i) => {
      expect(one).toContain(expected[i]);
    });
  });
});
