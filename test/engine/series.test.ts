/** Rows that wait and pass, and lists of rows of which some are forgotten. */
import { describe, expect, test } from '@jest/globals';
import { KeptRows } from '../../src/engine/kept-rows.ts';
import { Series } from '../../src/engine/series.ts';
import { NONE, WAITING } from '../../src/operators/series-state.ts';
import type { Column } from '../../src/stream/column.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { columnOf, type Value, valueAt } from '../sql/table.ts';

const ARRAY = { kind: 'array', element: STRING } as const;

function valuesOf(column: Column, rows: number): Value[] {
  return Array.from({ length: rows }, (_, row) => valueAt(column, row));
}

describe('a list of rows', () => {
  test('keeps those that still matter, in their order, whatever they are', () => {
    const list = new KeptRows([LONG, STRING, ARRAY]);
    const longs = columnOf(LONG, [1, null, 3, 4]);
    const texts = columnOf(STRING, ['a', 'bcd', null, 'ü']);
    const arrays = columnOf(ARRAY, [['x'], null, [], ['y', 'zz']]);
    list.append([longs, texts, arrays], null, 4);
    list.append([longs, texts, arrays], Int32Array.of(1, 3), 2);
    list.keep(Int32Array.of(0, 3, 4, 9), 3);
    list.append([longs, texts, arrays], Int32Array.of(2), 1);
    expect(list.size).toBe(4);
    const [numbers, words, lists] = list.columns();
    expect(valuesOf(numbers, 4)).toEqual([1, 4, null, 3]);
    expect(valuesOf(words, 4)).toEqual(['a', 'ü', 'bcd', null]);
    expect(valuesOf(lists, 4)).toEqual([['x'], ['y', 'zz'], null, []]);
  });

  test('has grown when it is twice as large as it was left, and some thousand rows more', () => {
    const list = new KeptRows([]);
    list.append([], null, 4095);
    expect(list.grown).toBe(false);
    list.append([], null, 905);
    expect(list.grown).toBe(true);
    list.keep(
      Int32Array.from({ length: 3000 }, (_, i) => i),
      3000,
    );
    list.append([], null, 7095);
    expect(list.grown).toBe(false);
    list.append([], null, 1);
    expect(list.grown).toBe(true);
  });
});

describe('a series', () => {
  function series(rows: readonly (readonly [string | null, number])[]): Series {
    const made = new Series({ kind: 'series', keys: [STRING], columns: [LONG] }, 1);
    const keys = columnOf(
      STRING,
      rows.map(([key]) => key),
    );
    const values = columnOf(
      LONG,
      rows.map((_, i) => i),
    );
    const times = Float64Array.from(rows, ([, time]) => time);
    made.append([keys], [values], times, null, rows.length);
    return made;
  }

  test('gives rows by time, then arrival, and chains those of a group as they pass', () => {
    const made = series([
      ['a', 5],
      [null, 3],
      ['a', 3],
      ['a', 9],
      [null, 4],
    ]);
    expect(made.earliest()).toBe(3);
    const taken = made.take(5);
    expect([...taken]).toEqual([1, 2, 4, 0]);
    made.pass(taken);
    expect([...made.previous.subarray(0, 5)]).toEqual([2, NONE, NONE, WAITING, 1]);
    expect([...made.newest]).toEqual([0, 4]);
    expect(made.earliest()).toBe(9);
    expect([...made.take(8)]).toEqual([]);
  });

  test('forgets rows, and groups with their last row, and goes on with the others', () => {
    const made = series([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['b', 4],
      ['c', 9],
    ]);
    made.pass(made.take(4));
    made.keep(Int32Array.of(3, 4), 2);
    expect(made.open()).toEqual({ windows: 0, groups: 2, rows: 2 });
    expect(valuesOf(made.keys()[0], 2)).toEqual(['b', 'c']);
    expect(valuesOf(made.columns()[0], 2)).toEqual([3, 4]);
    expect([...made.previous.subarray(0, 2)]).toEqual([NONE, WAITING]);
    expect([...made.newest]).toEqual([0, NONE]);
    expect(made.earliest()).toBe(9);
    made.append(
      [columnOf(STRING, ['a', 'b'])],
      [columnOf(LONG, [5, 6])],
      Float64Array.of(8, 7),
      null,
      2,
    );
    made.pass(made.take(9));
    expect([...made.previous.subarray(0, 4)]).toEqual([NONE, NONE, NONE, 0]);
    expect([...made.newest]).toEqual([3, 1, 2]);
  });
});
