/**
 * An order of whole rows, for ties that nothing else decides: column by column, NULL before all values, texts by
 * bytes, NaN above all numbers, arrays element by element.
 */
import { orderNumbers } from '../sql/collected.ts';
import { orderBytes } from '../sql/kernels-compare.ts';
import type { ArrayColumn, Column } from '../stream/column.ts';

/** @returns < 0 if row `a` comes before row `b` */
export function orderRows(columns: readonly Column[], a: number, b: number): number {
  for (const column of columns) {
    const order = orderValues(column, a, b);
    if (order !== 0) return order;
  }
  return 0;
}

function orderValues(column: Column, a: number, b: number): number {
  const { valid } = column;
  if (valid !== null) {
    const both = valid[a] & valid[b];
    if (both === 0) return valid[a] - valid[b];
  }
  return orderPresent(column, a, b);
}

/** Of two values that are not NULL. */
export function orderPresent(column: Column, a: number, b: number): number {
  switch (column.type) {
    case 'boolean':
      return column.values[a] - column.values[b];
    case 'string': {
      const { bytes, starts, ends } = column;
      return orderBytes(bytes, starts[a], ends[a], bytes, starts[b], ends[b]);
    }
    case 'array':
      return orderArrays(column, a, b);
    case 'struct':
      return orderRows(column.fields, a, b);
    default:
      return orderNumbers(column.values[a], column.values[b]);
  }
}

/** One that goes on where the other ends comes behind it. */
function orderArrays({ starts, lengths, element }: ArrayColumn, a: number, b: number): number {
  const shorter = Math.min(lengths[a], lengths[b]);
  for (let i = 0; i < shorter; i++) {
    const order = orderValues(element, starts[a] + i, starts[b] + i);
    if (order !== 0) return order;
  }
  return lengths[a] - lengths[b];
}
