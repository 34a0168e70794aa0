/** The order of values, for whoever sorts rows: by bytes, by number, field by field. */
import type { Column, StringColumn } from '../stream/column.ts';

/** NULL is below all else; NaN equals NaN and is above every number; -0.0 equals 0.0. */
export function compareRows(column: Column, a: number, b: number): number {
  const { valid } = column;
  if (valid !== null && (valid[a] & valid[b]) === 0) return valid[a] - valid[b];
  return compareValues(column, a, b);
}

/** Of two values that are not NULL. */
export function compareValues(column: Column, a: number, b: number): number {
  switch (column.type) {
    case 'string':
      return compareTexts(column, a, b);
    case 'boolean':
      return column.values[a] - column.values[b];
    case 'array': {
      const { starts, lengths, element } = column;
      const common = Math.min(lengths[a], lengths[b]);
      for (let i = 0; i < common; i++) {
        const order = compareRows(element, starts[a] + i, starts[b] + i);
        if (order !== 0) return order;
      }
      return lengths[a] - lengths[b];
    }
    case 'struct': {
      for (const field of column.fields) {
        const order = compareRows(field, a, b);
        if (order !== 0) return order;
      }
      return 0;
    }
    default:
      return compareNumbers(column.values[a], column.values[b]);
  }
}

export function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareTexts({ bytes, starts, ends }: StringColumn, a: number, b: number): number {
  const atA = starts[a];
  const atB = starts[b];
  const lengthA = ends[a] - atA;
  const lengthB = ends[b] - atB;
  const common = Math.min(lengthA, lengthB);
  for (let i = 0; i < common; i++) {
    const order = bytes[atA + i] - bytes[atB + i];
    if (order !== 0) return order;
  }
  return lengthA - lengthB;
}
