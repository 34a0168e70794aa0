/**
 * The order of values and of whole rows, where nothing else tells records apart: NULL before all values, false before
 * true, NaN equal to itself and above every number, -0.0 equal to 0.0, texts by bytes, lists by their first
 * difference, structs field by field.
 */
import { orderNumbers } from '../sql/collected.ts';
import { orderBytes } from '../sql/kernels-compare.ts';
import type { ArrayColumn, Column } from '../stream/column.ts';

/** @returns < 0 if row `a` of the columns comes before row `b`; 0: the two are equal */
export function compareRows(columns: readonly Column[], a: number, b: number): number {
  for (const column of columns) {
    const order = compareIn(column, a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** The same of one column. */
export function compareIn(column: Column, a: number, b: number): number {
  const { valid } = column;
  if (valid !== null && (valid[a] & valid[b]) === 0) return valid[a] - valid[b];
  return compareValues(column, a, b);
}

/** Of two values that are not NULL. */
export function compareValues(column: Column, a: number, b: number): number {
  switch (column.type) {
    case 'boolean':
      return column.values[a] - column.values[b];
    case 'string': {
      const { bytes, starts, ends } = column;
      return orderBytes(bytes, starts[a], ends[a], bytes, starts[b], ends[b]);
    }
    case 'array':
      return compareLists(column, a, b);
    case 'struct':
      return compareRows(column.fields, a, b);
    default:
      return orderNumbers(column.values[a], column.values[b]);
  }
}

/** One that goes on where the other ends comes behind it. */
function compareLists({ starts, lengths, element }: ArrayColumn, a: number, b: number): number {
  const shorter = Math.min(lengths[a], lengths[b]);
  for (let i = 0; i < shorter; i++) {
    const order = compareIn(element, starts[a] + i, starts[b] + i);
    if (order !== 0) return order;
  }
  return lengths[a] - lengths[b];
}
