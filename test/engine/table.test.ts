/** Tables against a Map of texts: the same groups, in the same order, however rows come. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Table } from '../../src/engine/table.ts';
import { hashTexts } from '../../src/sql/hash.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  LONG,
  STRING,
  TIMESTAMP,
} from '../../src/stream/schema.ts';
import { columnOf, type Value, valueAt } from '../sql/table.ts';
import { share } from '../tools/campaign.ts';

const SEED = 0x5eed;

/** Finds the groups of rows given as arrays of key values, in batches of `cut` rows. */
function locate(table: Table, types: readonly DataType[], rows: readonly Value[][], cut: number) {
  const found: number[] = [];
  for (let from = 0; from < rows.length; from += cut) {
    const batch = rows.slice(from, from + cut);
    const columns = types.map((type, i) =>
      columnOf(
        type,
        batch.map((row) => row[i]),
      ),
    );
    const ids = new Int32Array(batch.length).fill(-1);
    table.locate(columns, null, batch.length, ids);
    found.push(...ids);
  }
  return found;
}

/** A text that is the same exactly when the keys are: NaN is NaN, -0 is 0, NULL is itself. */
function nameOf(row: readonly Value[]): string {
  return row.map((value) => `${typeof value} ${value === 0 ? 0 : String(value)}`).join('\u0000');
}

class Reference {
  readonly ids = new Map<string, number>();
  readonly keys: (readonly Value[])[] = [];

  locate(row: readonly Value[]): number {
    const name = nameOf(row);
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    this.ids.set(name, this.keys.length);
    return this.keys.push(row.map((value) => (value === 0 ? 0 : value))) - 1;
  }
}

const VALUES: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  boolean: fc.constantFrom<Value>(true, false, null),
  long: fc.oneof(fc.integer({ min: -3, max: 40 }), fc.maxSafeInteger(), fc.constant(null)),
  double: fc.oneof(
    fc.constantFrom<Value>(0, -0, Number.NaN, 0.5, -0.5, Number.POSITIVE_INFINITY, null),
    fc.double(),
  ),
  string: fc.oneof(
    fc.constantFrom<Value>('', 'a', 'b', 'ab', 'ba', 'abcd', 'abce', 'ü', '\u0000', null),
    fc.string({ maxLength: 12 }),
  ),
  timestamp: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(null)),
};

const shapes: fc.Arbitrary<readonly DataType[]> = fc.oneof(
  fc.constantFrom<readonly DataType[]>([LONG], [STRING], [DOUBLE], [BOOLEAN], []),
  fc.array(fc.constantFrom(LONG, STRING, DOUBLE, BOOLEAN, TIMESTAMP), {
    minLength: 1,
    maxLength: 3,
  }),
);

const cases = shapes.chain((types) =>
  fc.record({
    types: fc.constant(types),
    rows: fc.array(fc.tuple(...types.map(({ kind }) => VALUES[kind])), { maxLength: 200 }),
    cut: fc.integer({ min: 1, max: 200 }),
    seed: fc.integer(),
  }),
);

/** Of so many texts some have the same 32 bits. */
function collision(): readonly [string, string] {
  const texts = Array.from({ length: 300_000 }, (_, i) => `${Math.imul(i, 0x9e3779b1)} of ${i}`);
  const column = columnOf(STRING, texts);
  if (column.type !== 'string') throw new Error('a column of texts');
  const hashes = new Int32Array(texts.length).fill(SEED);
  hashTexts(hashes, column.bytes, column.starts, column.ends, null, null, texts.length);
  const seen = new Map<number, number>();
  for (const [i, hash] of hashes.entries()) {
    const other = seen.get(hash);
    if (other !== undefined) return [texts[other], texts[i]];
    seen.set(hash, i);
  }
  throw new Error('no two texts have the same hash');
}

describe('a table', () => {
  test('gives the groups of a Map, in order of first arrival, for keys of any type and number', () => {
    fc.assert(
      fc.property(cases, ({ types, rows, cut, seed }) => {
        const table = new Table(types, [], seed);
        const reference = new Reference();
        expect(locate(table, types, rows, cut)).toEqual(rows.map((row) => reference.locate(row)));
        expect(table.size).toBe(reference.keys.length);
        const keys = table
          .keys()
          .map((column) => reference.keys.map((_, id) => valueAt(column, id)));
        expect(keys).toEqual(types.map((_, i) => reference.keys.map((key) => key[i])));
      }),
      { numRuns: share(500) },
    );
  });

  test('looks only at the rows that are selected', () => {
    const table = new Table([LONG], [], SEED);
    const ids = new Int32Array(6).fill(-1);
    const column = columnOf(LONG, [7, 8, 7, 9, 8, 7]);
    table.locate([column], Int32Array.of(1, 2, 4, 5, 0), 4, ids);
    expect([...ids]).toEqual([-1, 0, 1, -1, 0, 1]);
    expect(table.size).toBe(2);
  });

  test.each([
    ['longs', [LONG], (i: number) => [i * 3]],
    ['texts', [STRING], (i: number) => [`key ${i}`]],
    ['a long and a text', [LONG, STRING], (i: number) => [i % 300, `k${Math.floor(i / 300)}`]],
  ] as const)('holds 70,000 groups of %s, and finds them again', (_, types, key) => {
    const accumulators = ['number', 'flag', 'bytes'] as const;
    const table = new Table(types, accumulators, SEED);
    const rows = Array.from({ length: 70_000 }, (_row, i) => key(i) as Value[]);
    const dense = rows.map((_row, i) => i);
    expect(locate(table, types, rows, 4096)).toEqual(dense);
    expect(locate(table, types, rows, 1000)).toEqual(dense);
    expect(table.size).toBe(70_000);
    for (const { values } of table.accumulators)
      expect(values.length).toBeGreaterThanOrEqual(70_000);
  });

  test('keeps two texts of one hash apart', () => {
    const [a, b] = collision();
    for (const types of [[STRING], [STRING, LONG]]) {
      const table = new Table(types, [], SEED);
      const rows = [a, b, a, b, b].map((text): Value[] => [text, 1].slice(0, types.length));
      expect(locate(table, types, rows, 2)).toEqual([0, 1, 0, 1, 1]);
    }
  });

  test('never takes NULL for the value that lies under it, whatever the seed', () => {
    for (let seed = 0; seed < 1000; seed++) {
      for (const [type, value] of [
        [LONG, 0],
        [STRING, ''],
        [BOOLEAN, false],
      ] as const) {
        const table = new Table([type], [], seed);
        expect(locate(table, [type], [[null], [value], [null], [value]], 1)).toEqual([0, 1, 0, 1]);
      }
    }
  });

  test('takes no more memory for a thousand windows than for one', () => {
    const table = new Table([STRING], [], SEED);
    const rows = Array.from({ length: 50 }, (_, i): Value[] => [i === 7 ? null : `window ${i}`]);
    const sizes = new Set<number>();
    for (let window = 0; window < 1000; window++) {
      table.clear();
      locate(table, [STRING], rows, 50);
      const [column] = table.keys();
      sizes.add(column.type === 'string' ? column.bytes.length : 0);
    }
    expect(sizes.size).toBe(1);
    table.clear();
    locate(table, [STRING], rows.slice(0, 7), 7);
    expect(table.keys()[0].valid).toBeNull();
  });

  test('begins anew when it is cleared: no group, no NULL, nothing accumulated', () => {
    const table = new Table([STRING], ['number', 'flag', 'bytes'], SEED);
    const rows = Array.from({ length: 500 }, (_, i): Value[] => [i === 250 ? null : `a${i}`]);
    locate(table, [STRING], rows, 100);
    const [numbers, flags, bytes] = table.accumulators;
    if (numbers.kind !== 'number' || flags.kind !== 'flag' || bytes.kind !== 'bytes') {
      throw new Error('accumulators are those that were asked for');
    }
    numbers.values.fill(7, 0, 500);
    flags.values.fill(1, 0, 500);
    bytes.values.fill(new Uint8Array(1), 0, 500);
    table.clear();
    expect(table.size).toBe(0);
    const again: Value[][] = [['b'], [null], ['a1'], ['b'], [null]];
    expect(locate(table, [STRING], again, 3)).toEqual([0, 1, 2, 0, 1]);
    expect(table.keys().map((column) => [0, 1, 2].map((id) => valueAt(column, id)))).toEqual([
      ['b', null, 'a1'],
    ]);
    expect(numbers.values.slice(0, 500).every((value) => value === 0)).toBe(true);
    expect(flags.values.slice(0, 500).every((value) => value === 0)).toBe(true);
    expect(bytes.values.slice(0, 500).every((value) => value === null)).toBe(true);
  });

  test('keeps its own copy of text keys', () => {
    const table = new Table([STRING], [], SEED);
    const column = columnOf(STRING, ['one', 'two']);
    if (column.type !== 'string') throw new Error('a column of texts');
    table.locate([column], null, 2, new Int32Array(2));
    column.bytes.fill(0);
    expect(table.keys().map((kept) => [valueAt(kept, 0), valueAt(kept, 1)])).toEqual([
      ['one', 'two'],
    ]);
  });
});
