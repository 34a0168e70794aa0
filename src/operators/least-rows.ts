/** Rows in order, and the least of many rows without all of them being sorted. */

export type Compare = (a: number, b: number) => number;

/** Up to so many rows are sorted in place: for few of them the sort of the platform mostly prepares itself. */
export const FEW = 12;

/** Sorts rows by an order in which no two are equal. */
export function sortRows(rows: Int32Array, compare: Compare): void {
  if (rows.length > FEW) {
    rows.sort(compare);
    return;
  }
  for (let i = 1; i < rows.length; i++) {
    const row = rows[i];
    let at = i;
    for (; at > 0 && compare(rows[at - 1], row) > 0; at--) rows[at] = rows[at - 1];
    rows[at] = row;
  }
}

/**
 * Makes the first `count` rows the least ones, in any order; the others are lost. Each row is compared once
 * as a rule: a heap of the least so far has the greatest of them on top.
 * @param count above 0, at most as many as there are
 * @returns the greatest of the least
 */
export function leastRows(rows: Int32Array, count: number, compare: Compare): number {
  const heap = rows.subarray(0, count);
  for (let at = (count >> 1) - 1; at >= 0; at--) sink(heap, at, heap[at], compare);
  for (let i = count; i < rows.length; i++) {
    if (compare(rows[i], heap[0]) < 0) sink(heap, 0, rows[i], compare);
  }
  return heap[0];
}

/** Puts a row where `at` is, or below. */
function sink(heap: Int32Array, from: number, row: number, compare: Compare): void {
  let at = from;
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    const right = child + 1;
    if (right < heap.length && compare(heap[right], heap[child]) > 0) child = right;
    if (compare(heap[child], row) <= 0) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = row;
}
