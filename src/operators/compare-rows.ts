/**
 * The order of records where nothing else tells them apart: field by field. NULL comes first, false before true, NaN
 * last, texts go by their bytes, lists by their first difference.
 */
import assert from 'node:assert';
import type { Column, StringColumn } from '../stream/column.ts';

/** @returns negative: row a of the columns is the lesser one; 0: the two are equal */
export function compareRows(columns: readonly Column[], a: number, b: number): number {
  for (const column of columns) {
    const order = compareValues(column, a, b);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(column: Column, a: number, b: number): number {
  const { valid } = column;
  if (valid !== null && (valid[a] !== 1 || valid[b] !== 1)) return valid[a] - valid[b];
  switch (column.type) {
    case 'string':
      return compareTexts(column, a, b);
    case 'struct':
      return compareRows(column.fields, a, b);
    case 'array': {
      const { starts, lengths, element } = column;
      const both = Math.min(lengths[a], lengths[b]);
      for (let i = 0; i < both; i++) {
        const order = compareValues(element, starts[a] + i, starts[b] + i);
        if (order !== 0) return order;
      }
      return lengths[a] - lengths[b];
    }
    default:
      assert('values' in column, `a ${column.type} has an order`);
      return compareNumbers(column.values[a], column.values[b]);
  }
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  // Not their difference, which of two infinities is none.
  return a === b ? 0 : a < b ? -1 : 1;
}

function compareTexts({ bytes, starts, ends }: StringColumn, a: number, b: number): number {
  const shorter = Math.min(ends[a] - starts[a], ends[b] - starts[b]);
  for (let i = 0; i < shorter; i++) {
    const order = bytes[starts[a] + i] - bytes[starts[b] + i];
    if (order !== 0) return order;
  }
  return ends[a] - starts[a] - (ends[b] - starts[b]);
}
