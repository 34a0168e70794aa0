/** Aggregates against references that see all values of a group at once and count in whole numbers of any size. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Accumulator } from '../../src/sql/accumulator.ts';
import type { AggregateDefinition } from '../../src/sql/aggregate.ts';
import { aggregates } from '../../src/sql/aggregates.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  INTERVAL,
  LONG,
  STRING,
  TIMESTAMP,
} from '../../src/stream/schema.ts';
import { share } from '../tools/campaign.ts';
import { columnOf, SAFE, TEXTS, type Value, valueAt } from './table.ts';

const GROUPS = 4;
/** Of percentiles. */
const SHARE = 0.3;

interface Row {
  readonly group: number;
  readonly value: Value;
  readonly skipped: boolean;
}

function aggregateOf(name: string): AggregateDefinition {
  const found = aggregates.get(name);
  if (found === undefined) throw new Error(`no aggregate ${name}`);
  return found;
}

function typesOf(type: DataType | undefined): readonly DataType[] {
  return type === undefined ? [] : [type];
}

function accumulatorsOf(aggregate: AggregateDefinition, type: DataType | undefined): Accumulator[] {
  return aggregate.accumulators(typesOf(type)).map((kind): Accumulator => {
    if (kind === 'number') return { kind, values: new Float64Array(GROUPS) };
    if (kind === 'flag') return { kind, values: new Uint8Array(GROUPS) };
    if (kind === 'values') return { kind, seed: 7, values: new Array(GROUPS).fill(null) };
    return { kind, values: new Array<Uint8Array | null>(GROUPS).fill(null) };
  });
}

function resultType(aggregate: AggregateDefinition, type: DataType | undefined): DataType {
  const result = aggregate.result(typesOf(type));
  if ('problem' in result) throw new Error(result.problem);
  return result.type;
}

/** The results of all groups, from rows taken in batches of `cut`. */
function results(name: string, type: DataType, rows: readonly Row[], cut: number): Value[] {
  const aggregate = aggregateOf(name);
  const kept = accumulatorsOf(aggregate, type);
  for (let from = 0; from < rows.length; from += cut) {
    const batch = rows.slice(from, from + cut);
    const selection = batch.some(({ skipped }) => skipped)
      ? Int32Array.from(batch.flatMap(({ skipped }, i) => (skipped ? [] : [i])))
      : null;
    aggregate.update(
      kept,
      [
        columnOf(
          type,
          batch.map(({ value }) => value),
        ),
      ],
      {
        rows: selection,
        count: selection === null ? batch.length : selection.length,
        ids: Int32Array.from(batch, ({ group }) => group),
      },
    );
  }
  const column = aggregate.finish(kept, GROUPS, resultType(aggregate, type), SHARE);
  return Array.from({ length: GROUPS }, (_, id) => valueAt(column, id));
}

/** Values of each group that count, in order. */
function groupsOf(rows: readonly Row[]): Value[][] {
  return Array.from({ length: GROUPS }, (_, id) =>
    rows.flatMap(({ group, value, skipped }) =>
      group === id && !skipped && value !== null ? [value] : [],
    ),
  );
}

/** NaN above all numbers, -0 and 0 the same, texts by their bytes. */
function order(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) || Number(a) < Number(b) ? -1 : Number(a) > Number(b) ? 1 : 0;
}

function exactSum(values: readonly Value[]): bigint {
  return values.reduce<bigint>((sum, value) => sum + BigInt(Number(value)), 0n);
}

function isSafe(sum: bigint): boolean {
  return sum <= BigInt(SAFE) && sum >= -BigInt(SAFE);
}

const REFERENCES: Readonly<Record<string, (values: readonly Value[], type: DataType) => Value>> = {
  count: (values) => values.length,
  sum(values, { kind }) {
    if (values.length === 0) return null;
    if (kind === 'double') return values.reduce<number>((sum, value) => sum + Number(value), 0);
    const sum = exactSum(values);
    return isSafe(sum) ? Number(sum) : null;
  },
  avg(values, { kind }) {
    if (values.length === 0) return null;
    const sum =
      kind === 'double'
        ? values.reduce<number>((s, value) => s + Number(value), 0)
        : Number(exactSum(values));
    return sum / values.length;
  },
  min: (values) =>
    values.reduce<Value>((best, v) => (best === null || order(v, best) < 0 ? v : best), null),
  max: (values) =>
    values.reduce<Value>((best, v) => (best === null || order(v, best) > 0 ? v : best), null),
  bool_and: (values) => (values.length === 0 ? null : values.every((value) => value === true)),
  bool_or: (values) => (values.length === 0 ? null : values.some((value) => value === true)),
  'count(DISTINCT)': (values) => different(values).length,
  collect_set: (values) => different(values),
  percentile(values) {
    if (values.length === 0) return null;
    const all = [...values].sort(order).map(Number);
    const at = SHARE * (all.length - 1);
    const low = Math.floor(at);
    return all[low] === all[low + 1] || at === low
      ? all[low]
      : all[low] * (low + 1 - at) + all[low + 1] * (at - low);
  },
};

/** Sorted; -0 is 0. */
function different(values: readonly Value[]): Value[] {
  const all = values.map((value) => (typeof value === 'number' ? value + 0 : value)).sort(order);
  return all.filter((value, i) => i === 0 || order(all[i - 1], value) !== 0);
}

const POOLS: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  boolean: fc.boolean(),
  long: fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom(SAFE, -SAFE, SAFE - 1, 2 ** 52, -(2 ** 52) - 1, 2 ** 53 - 3),
    fc.maxSafeInteger(),
  ),
  double: fc.oneof(
    fc.constantFrom(0, -0, 0.1, -0.5, 1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY),
    fc.double(),
  ),
  string: fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme', maxLength: 5 })),
  timestamp: fc.integer({ min: 0, max: 4_102_444_800_000_000 }),
};

function rowsOf(type: DataType): fc.Arbitrary<Row[]> {
  return fc.array(
    fc.record({
      group: fc.nat(GROUPS - 1),
      value: fc.option(POOLS[type.kind], { freq: 5 }),
      skipped: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
    }),
    { maxLength: 60 },
  );
}

const CASES: readonly (readonly [string, DataType])[] = [
  ...[BOOLEAN, LONG, DOUBLE, STRING, TIMESTAMP].flatMap((type) =>
    ['count', 'min', 'max', 'count(DISTINCT)', 'collect_set'].map((name) => [name, type] as const),
  ),
  ...[LONG, DOUBLE].flatMap((type) =>
    ['sum', 'avg', 'percentile'].map((name) => [name, type] as const),
  ),
  ['bool_and', BOOLEAN],
  ['bool_or', BOOLEAN],
];

describe('aggregates', () => {
  test.each(CASES.map(([name, type]) => [name, type.kind, type] as const))(
    '%s of %s gives what a reference over all values gives, however rows are cut',
    (name, _, type) => {
      fc.assert(
        fc.property(rowsOf(type), fc.integer({ min: 1, max: 60 }), (rows, cut) => {
          const wanted = groupsOf(rows).map((values) => REFERENCES[name](values, type));
          const found = results(name, type, rows, cut);
          expect(found.length).toBe(wanted.length);
          for (const [i, value] of found.entries()) {
            // toEqual tells 0 from -0, which are one double; a long is never -0.
            if (type.kind === 'double' && value === wanted[i]) continue;
            expect(value).toEqual(wanted[i]);
          }
        }),
        { numRuns: share(300) },
      );
    },
  );

  test.each(CASES.map(([name, type]) => [name, type.kind, type] as const))(
    '%s of %s gives the same when parts are merged',
    (name, _, type) => {
      const aggregate = aggregateOf(name);
      // Sums of doubles depend on their order, so those here are exact in any.
      const exact = fc.constantFrom<Value>(0.5, -1.25, 1024, Number.NaN, null);
      const rows = type.kind === 'double' && (name === 'sum' || name === 'avg') ? exact : undefined;
      const part = fc.array(
        fc.record({
          group: fc.nat(GROUPS - 1),
          value: rows ?? fc.option(POOLS[type.kind], { freq: 5 }),
        }),
        { maxLength: 20 },
      );
      fc.assert(
        fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
          const whole = accumulatorsOf(aggregate, type);
          // A part's groups have other ids than the whole's, and only the last three are taken.
          const ids = Int32Array.of(0, 2, 1, 3);
          for (const own of parts) {
            const kept = accumulatorsOf(aggregate, type);
            const values = own.map(({ value }) => value);
            const groups = Int32Array.from(own, ({ group }) => ids.indexOf(group));
            const grouped = { rows: null, count: own.length, ids: groups };
            aggregate.update(kept, [columnOf(type, values)], grouped);
            aggregate.merge(whole, kept, { rows: Int32Array.of(1, 2, 3), count: 3, ids });
          }
          const all = parts.flat().map((one) => ({ ...one, skipped: one.group === 0 }));
          const wanted = groupsOf(all).map((values) => REFERENCES[name](values, type));
          const column = aggregate.finish(whole, GROUPS, resultType(aggregate, type), SHARE);
          for (const [i, value] of wanted.entries()) {
            const found = valueAt(column, i);
            if (type.kind !== 'double' || found !== value) expect(found).toEqual(value);
          }
        }),
        { numRuns: share(200) },
      );
    },
  );

  test.each(['min', 'max'])(
    '%s of texts keeps a copy: their memory is written to again',
    (name) => {
      const aggregate = aggregateOf(name);
      const kept = accumulatorsOf(aggregate, STRING);
      const bytes = Buffer.from('east');
      const column = {
        type: 'string' as const,
        bytes,
        starts: Int32Array.of(0),
        ends: Int32Array.of(4),
        valid: null,
      };
      aggregate.update(kept, [column], { rows: null, count: 1, ids: Int32Array.of(0) });
      bytes.fill(0);
      expect(valueAt(aggregate.finish(kept, 1, STRING, 0), 0)).toBe('east');
    },
  );

  test('a sum of longs may leave their range on the way and come back exactly', () => {
    const sumOf = (...values: number[]): Value =>
      results(
        'sum',
        LONG,
        values.map((value) => ({ group: 0, value, skipped: false })),
        1,
      )[0];
    expect(sumOf(SAFE, SAFE, -SAFE)).toBe(SAFE);
    expect(sumOf(SAFE, 1)).toBeNull();
    expect(sumOf(SAFE, 1, -1)).toBe(SAFE);
    expect(sumOf(-SAFE, -1)).toBeNull();
    expect(sumOf(-SAFE, -1, 2)).toBe(-SAFE + 1);
    expect(sumOf(SAFE, SAFE, 3, -SAFE, -SAFE)).toBe(3);
    expect(sumOf(...new Array<number>(5000).fill(SAFE), ...new Array(5000).fill(-SAFE + 1))).toBe(
      5000,
    );
  });

  test('count(*) counts rows whatever they hold', () => {
    const aggregate = aggregateOf('count');
    const kept = accumulatorsOf(aggregate, undefined);
    aggregate.update(kept, [], { rows: null, count: 3, ids: Int32Array.of(1, 0, 1) });
    aggregate.update(kept, [], {
      rows: Int32Array.of(1),
      count: 1,
      ids: Int32Array.of(0, 3),
    });
    const column = aggregate.finish(kept, GROUPS, LONG, 0);
    expect([0, 1, 2, 3].map((id) => valueAt(column, id))).toEqual([1, 2, 0, 1]);
  });

  test('a result has the type of what is compared or added; a mean is a double', () => {
    const array: DataType = { kind: 'array', element: LONG };
    const found = [BOOLEAN, LONG, DOUBLE, STRING, TIMESTAMP, INTERVAL, array].map((type) => [
      type.kind,
      ...['count', 'sum', 'avg', 'min', 'percentile', 'var_pop', 'bool_or', 'collect_set'].map(
        (name) => {
          const result = aggregateOf(name).result([type]);
          return 'problem' in result ? 'no' : `${result.type.kind}${result.nullable ? '?' : ''}`;
        },
      ),
    ]);
    expect(found).toEqual([
      ['boolean', 'long', 'no', 'no', 'boolean?', 'no', 'no', 'boolean?', 'array'],
      ['long', 'long', 'long?', 'double?', 'long?', 'double?', 'double?', 'no', 'array'],
      ['double', 'long', 'double?', 'double?', 'double?', 'double?', 'double?', 'no', 'array'],
      ['string', 'long', 'no', 'no', 'string?', 'no', 'no', 'no', 'array'],
      ['timestamp', 'long', 'no', 'no', 'timestamp?', 'no', 'no', 'no', 'array'],
      ['interval', 'long', 'no', 'no', 'interval?', 'no', 'no', 'no', 'array'],
      ['array', 'long', 'no', 'no', 'no', 'no', 'no', 'no', 'no'],
    ]);
  });
});
