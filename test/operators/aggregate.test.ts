/** `aggregate` on batches, against a reference that goes row by row. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from '../../src/operators/aggregate.ts';
import { BATCH_ROWS_MAX } from '../../src/stream/batch.ts';
import { type DataType, DOUBLE, LONG, STRING } from '../../src/stream/schema.ts';
import { share } from '../tools/campaign.ts';
import { type Emitted, inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const TYPES = { k: STRING, n: LONG, d: DOUBLE };
const SIZE = 10_000_000;
const OFFSET = 3_000_000;

function open(spec: object, types: Readonly<Record<string, DataType>> = TYPES, also = {}) {
  const fields = spec as Readonly<Record<string, unknown>>;
  return new OperatorWorld(aggregate, fields, inputOf(types, also));
}

const TUMBLE = { window: { tumble: '10s', offset: '3s' } };
const SUMMARY = {
  ...TUMBLE,
  group_by: ['k'],
  fields: {
    until: 'window_end',
    count: 'count(*)',
    some: 'count(n)',
    sum: 'sum(n)',
    least: 'min(d)',
    most: 'max(k)',
    mean: 'avg(n)',
    share: 'sum(n) / count(*) + 1',
  },
};

const row: fc.Arbitrary<Row> = fc.record({
  values: fc.record({
    k: fc.constantFrom(null, 'a', 'b', 'ü', '', 'long enough to be no short text'),
    n: fc.option(fc.integer({ min: -50, max: 50 }), { freq: 4 }),
    d: fc.option(fc.constantFrom(0.5, -1.5, Number.NaN, 1e10), { freq: 4 }),
  }),
  at: fc.integer({ min: 0, max: 45_000_000 }),
  late: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
  skipped: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
});
const rows = fc.array(row, { maxLength: 80 });
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

function batchesOf(all: readonly Row[], sizes: readonly number[]): Row[][] {
  const batches: Row[][] = [];
  for (let from = 0, i = 0; from < all.length; i++) {
    const size = sizes[i % sizes.length];
    batches.push(all.slice(from, from + size));
    from += size;
  }
  return batches;
}

/** What leaves in the end: windows by end, groups in order of first arrival, numbered in each window. */
function reference(all: readonly Row[]): Emitted[] {
  const windows = new Map<number, Map<unknown, Row[]>>();
  for (const one of all.filter(({ late, skipped }) => !late && !skipped)) {
    const start = Math.floor((one.at - OFFSET) / SIZE) * SIZE + OFFSET;
    const groups = windows.get(start) ?? new Map<unknown, Row[]>();
    windows.set(start, groups);
    const { k } = one.values;
    groups.set(k, [...(groups.get(k) ?? []), one]);
  }
  return [...windows]
    .sort(([a], [b]) => a - b)
    .flatMap(([start, groups]) =>
      [...groups.values()].map((own, sequence) => resultOf(own, start, sequence)),
    );
}

function resultOf(own: readonly Row[], start: number, sequence: number): Emitted {
  const longs = own.flatMap(({ values: { n } }) => (n === null ? [] : [Number(n)]));
  const doubles = own.flatMap(({ values: { d } }) => (d === null ? [] : [Number(d)]));
  const numbers = doubles.filter((d) => !Number.isNaN(d));
  const sum = longs.length === 0 ? null : longs.reduce((a, b) => a + b + 0, 0);
  const end = start + SIZE;
  const { k } = own[0].values;
  const least = numbers.length > 0 ? Math.min(...numbers) : Number.NaN;
  return {
    values: {
      k,
      until: end,
      count: own.length,
      some: longs.length,
      sum,
      least: doubles.length === 0 ? null : least,
      most: k,
      mean: sum === null ? null : sum / longs.length,
      share: sum === null ? null : sum / own.length + 1,
    },
    at: end - 1,
    sequence,
    late: false,
    start,
    end,
  };
}

describe('aggregate by event time', () => {
  test('gives what a row-wise reference gives, however rows are cut into batches', () => {
    fc.assert(
      fc.property(rows, cuts, (all, sizes) => {
        const world = open(SUMMARY);
        for (const batch of batchesOf(all, sizes)) world.feed(batch);
        expect(world.emitted).toEqual([]);
        world.moveTo(Number.POSITIVE_INFINITY);
        expect(world.emitted).toEqual(reference(all));
        expect(world.dropped).toEqual({
          late: all.filter(({ late, skipped }) => late && !skipped).length,
          filtered: 0,
        });
      }),
      { numRuns: share(400) },
    );
  });

  test('gives the same results when watermarks come between batches', () => {
    fc.assert(
      fc.property(rows, cuts, fc.array(fc.nat(50_000_000)), (all, sizes, marks) => {
        const world = open(SUMMARY);
        const ordered = [...marks].sort((a, b) => a - b);
        const onTime: Row[] = [];
        let passed = Number.NEGATIVE_INFINITY;
        batchesOf(all, sizes).forEach((batch, i) => {
          // What the watermark has passed would be late.
          const fitting = batch.filter(({ at, late }) => late || at > passed);
          onTime.push(...fitting);
          if (fitting.length > 0) world.feed(fitting);
          passed = Math.max(passed, ordered[i] ?? passed);
          expect(world.moveTo(passed)).toBe(passed);
          const due = reference(onTime).filter(({ at }) => at <= passed);
          expect(world.emitted).toEqual(due);
        });
      }),
      { numRuns: share(300) },
    );
  });

  test('closes a window exactly when the watermark reaches its last microsecond', () => {
    const world = open({ ...TUMBLE, fields: { n: 'count(*)' } });
    world.feed([{ values: {}, at: 3_000_000 }]);
    world.feed([{ values: {}, at: 12_999_999 }]);
    world.moveTo(12_999_998);
    expect(world.emitted).toEqual([]);
    world.moveTo(12_999_999);
    expect(world.emitted.map(({ values, at }) => [values['n'], at])).toEqual([[2, 12_999_999]]);
    expect(world.closingMark(3_000_000)).toBe(12_999_999);
    expect(world.closingMark(12_999_999)).toBe(12_999_999);
    expect(world.closingMark(13_000_000)).toBe(22_999_999);
  });

  test('takes a batch whose every row has a window of its own', () => {
    const world = open({ window: { tumble: '1s' }, group_by: 'n', fields: { c: 'count(*)' } });
    const all = Array.from({ length: BATCH_ROWS_MAX }, (_, i) => ({
      values: { n: i },
      at: ((i * 2_654_435_761) % BATCH_ROWS_MAX) * 1_000_000,
    }));
    world.feed(all);
    world.feed(all);
    world.moveTo(Number.POSITIVE_INFINITY);
    expect(world.emitted.map(({ at }) => at)).toEqual(all.map((_, i) => (i + 1) * 1_000_000 - 1));
    expect(new Set(world.emitted.map(({ values }) => values['c']))).toEqual(new Set([2]));
    expect(new Set(world.emitted.map(({ values }) => values['n'])).size).toBe(all.length);
  });

  test('cuts many results into batches, in order of first arrival, with fields and having intact', () => {
    const world = open({
      window: { tumble: '1h' },
      group_by: ['n', 'k'],
      fields: { twice: 'n * 2', top: 'max(k)', c: 'count(*)' },
      having: 'twice % 4 = 0 AND sum(n) >= c',
    });
    const all = Array.from({ length: 20_000 }, (_, n) => ({
      values: { n, k: `k${n % 7}` },
      at: n,
    }));
    for (let from = 0; from < all.length; from += 1000) world.feed(all.slice(from, from + 1000));
    world.moveTo(Number.POSITIVE_INFINITY);
    expect(Math.max(...world.batches)).toBeLessThanOrEqual(BATCH_ROWS_MAX);
    expect(world.batches.length).toBe(5);
    const wanted = all.filter(({ values: { n } }) => n % 2 === 0 && n >= 1);
    expect(world.emitted.map(({ values }) => values)).toEqual(
      wanted.map(({ values: { n, k } }) => ({ n, k, twice: n * 2, top: k, c: 1 })),
    );
    expect(world.emitted.map(({ sequence }) => sequence)).toEqual(
      wanted.map(({ values: { n } }) => n),
    );
  });

  test('groups by computed keys, and by the records as they are when there are no aggregates', () => {
    const world = open({
      window: { tumble: '1h' },
      group_by: { even: 'n % 2 = 0', size: "CASE WHEN n > 10 THEN 'large' END" },
      fields: {},
    });
    world.feed([1, 2, 3, 20, 21, 40].map((n) => ({ values: { n }, at: n })));
    world.moveTo(Number.POSITIVE_INFINITY);
    expect(world.emitted.map(({ values }) => values)).toEqual([
      { even: false, size: null },
      { even: true, size: null },
      { even: true, size: 'large' },
      { even: false, size: 'large' },
    ]);
  });

  test('computes an aggregate once, whoever asks for it', () => {
    const world = open({
      ...TUMBLE,
      fields: { a: 'sum(n)', b: 'sum(n) / count(*)', c: 'COUNT(*)' },
      having: 'sum(n) > 0',
    });
    expect(world.checked?.calls.map(({ text }) => text)).toEqual(['sum(n)', 'count(*)']);
    expect(world.reads(0, 1, 2)).toEqual([1]);
  });
});

describe('aggregate by arrival', () => {
  const BATCH = { window: { batch: '2s' }, group_by: 'k', fields: { c: 'count(*)' } };

  test('goes by the time of arrival, whatever the records say, and nothing is late', () => {
    const world = open(BATCH);
    world.feed([{ values: { k: 'a' }, at: 99_000_000, late: true }], 1_000_000);
    world.feed([{ values: { k: 'a' }, at: 5, late: false }], 1_999_999);
    world.feed([{ values: { k: 'b' }, at: 5, late: true }], 2_000_000);
    expect(world.moveTo(Number.NEGATIVE_INFINITY, 1_999_999)).toBe(1_999_998);
    expect(world.emitted).toEqual([]);
    expect(world.moveTo(Number.NEGATIVE_INFINITY, 2_000_000)).toBe(1_999_999);
    world.moveTo(Number.NEGATIVE_INFINITY, 4_000_000);
    expect(
      world.emitted.map(({ values, at, start, end }) => [values['k'], values['c'], at, start, end]),
    ).toEqual([
      ['a', 2, 1_999_999, 0, 2_000_000],
      ['b', 1, 3_999_999, 2_000_000, 4_000_000],
    ]);
    expect(world.dropped).toEqual({ late: 0, filtered: 0 });
    expect(world.closingMark(5)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('needs records that come straight from a lane', () => {
    expect(open(BATCH, TYPES, { stateless: false }).findings).toEqual([
      { rule: 'window-shape', path: 'window.batch' },
    ]);
  });
});

describe('what an aggregate may be', () => {
  test.each([
    ['no window', { fields: { c: 'count(*)' } }, ['unbounded-state ']],
    [
      'two windows',
      { window: { tumble: '1s', batch: '1s' }, group_by: 'k' },
      ['window-shape window'],
    ],
    ['only an offset', { window: { offset: '1s' }, group_by: 'k' }, ['window-shape window']],
    [
      'a window of no time',
      { window: { tumble: '0s' }, group_by: 'k' },
      ['window-shape window.tumble'],
    ],
    ['no field at all', { window: { tumble: '1s' }, fields: {} }, ['missing-field ']],
    [
      'keys that are none',
      { ...TUMBLE, group_by: ['k', 'm', 'x'] },
      ['unknown-column group_by.1', 'unknown-column group_by.2'],
    ],
    ['a key twice', { ...TUMBLE, group_by: ['k', 'k'] }, ['duplicate-name group_by.1']],
    [
      'a key of no single value',
      { ...TUMBLE, group_by: { a: "split(k, ',')" } },
      ['type-mismatch group_by.a'],
    ],
    [
      'a field named as a key',
      { ...TUMBLE, group_by: 'k', fields: { k: 'count(*)' } },
      ['duplicate-name fields.k'],
    ],
    [
      'a field that is no key',
      { ...TUMBLE, group_by: 'k', fields: { m: 'n + 1' } },
      ['unknown-column fields.m'],
    ],
    [
      'a field of another',
      { ...TUMBLE, fields: { c: 'count(*)', m: 'c + 1' } },
      ['unknown-column fields.m'],
    ],
    ['a sum of texts', { ...TUMBLE, fields: { m: 'sum(k)' } }, ['type-mismatch fields.m']],
    [
      'an aggregate inside another',
      { ...TUMBLE, fields: { m: 'sum(count(*))' } },
      ['not-allowed-here fields.m'],
    ],
    [
      'a condition that is none',
      { ...TUMBLE, group_by: 'k', having: 'count(*)' },
      ['type-mismatch having'],
    ],
    [
      'several at once',
      { window: { tumble: '0s' }, group_by: 'k', fields: { a: 'x', b: 'sum(k)' } },
      ['window-shape window.tumble', 'unknown-column fields.a', 'type-mismatch fields.b'],
    ],
  ] as const)('%s is found, and nothing else', (_, spec, wanted) => {
    const { findings, checked } = open(spec);
    expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual(wanted);
    expect(checked).toBeUndefined();
  });

  test('its output has the keys, then the fields, and the bounds of a window behind it', () => {
    const { output } = open({ ...TUMBLE, group_by: 'k', fields: { c: 'count(*)', s: 'sum(n)' } });
    expect(output).toEqual({
      schema: {
        fields: [
          { name: 'k', type: STRING, nullable: true },
          { name: 'c', type: LONG, nullable: false },
          { name: 's', type: LONG, nullable: true },
        ],
      },
      windowed: true,
      window: 'tumble 10s, offset 3s',
      stateless: false,
      progress: 'watermark',
    });
  });

  test('windows that begin and end together have the same name', () => {
    const name = (window: object | string, also: object = {}) =>
      open({ window, group_by: 'k', fields: { c: 'count(*)' } }, TYPES, also).output.window;
    expect(name({ hop: '10s', every: '10s' })).toBe('tumble 10s');
    expect(name({ tumble: '10s', offset: '20s' })).toBe('tumble 10s');
    expect(name({ tumble: '10s', offset: '23s' })).toBe('tumble 10s, offset 3s');
    expect(name({ hop: '10s', every: '2s' })).toBe('hop 10s, every 2s');
    expect(name({ session: '1m' })).toBe('session 1m');
    expect(name({ batch: '10s' })).toBe('batch 10s');
    expect(name('same', { windowed: true, window: 'session 1m' })).toBe('session 1m');
  });

  test('there is no time of arrival behind it', () => {
    const spec = { ...TUMBLE, fields: { m: 'max(_ingest_time)' } };
    expect(open(spec).findings).toEqual([]);
    expect(open(spec, TYPES, { stateless: false }).findings).toEqual([
      { rule: 'unknown-column', path: 'fields.m' },
    ]);
  });
});
