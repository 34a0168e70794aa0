/**
 * How elements of arrays compare: numbers with NaN as the greatest and -0 as 0, texts by bytes, FALSE before
 * TRUE, NULLs first. The functions made here look at one column for as long as a batch lasts.
 */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import { flags, numbers, texts } from './kernel.ts';
import { orderBytes } from './kernels-compare.ts';

/** Less than, equal to or more than 0, as element i stands before, beside or behind element j. */
export type Order = (i: number, j: number) => number;

/** The order of the single values of two columns, neither of them NULL. */
function orderBetween(a: Column, b: Column): Order {
  if (a.type === 'string') {
    const other = texts(b);
    return (i, j) =>
      orderBytes(a.bytes, a.starts[i], a.ends[i], other.bytes, other.starts[j], other.ends[j]);
  }
  if (a.type === 'boolean') {
    const other = flags(b);
    return (i, j) => a.values[i] - other[j];
  }
  assert(a.type !== 'array' && a.type !== 'struct');
  const { values } = a;
  const other = numbers(b);
  return (i, j) => {
    const [x, y] = [values[i], other[j]];
    if (x < y) return -1;
    if (x > y) return 1;
    // Neither is less: they are equal, or one is NaN, which stands behind.
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  };
}

/** The order of the elements of a column, NULLs first and all alike. */
export function orderOf(column: Column): Order {
  const order = orderBetween(column, column);
  const { valid } = column;
  if (valid === null) return order;
  return (i, j) => (valid[i] & valid[j] ? order(i, j) : valid[i] - valid[j]);
}

/** Whether element i of one column is there and equals row j of another, which is. */
export function equalityOf(elements: Column, values: Column): (i: number, j: number) => boolean {
  const order = orderBetween(elements, values);
  const { valid } = elements;
  return (i, j) => (valid === null || valid[i] === 1) && order(i, j) === 0;
}
