/** The arrays that kept rows lie in: grown by doubling, closed up at the front, given back when mostly empty. */

/** Rows an array has room for at first. */
export const FIRST_ROWS = 64;
/** An array is replaced by a smaller one when not even this share of it is used: rarely, for it will grow again. */
const SHARE_USED_MIN = 1 / 8;
/** How much larger than what is left that one is: rows wait to be forgotten until they are the larger part. */
const SLACK = 4;

type Rows = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function like<T extends Rows>(array: T, length: number): T {
  return new (array.constructor as new (length: number) => T)(length);
}

/** @returns the array, or a larger copy of its first `used` places, with room for `needed` */
export function room<T extends Rows>(array: T, used: number, needed: number): T {
  if (needed <= array.length) return array;
  const larger = like(array, 2 * needed);
  larger.set(array.subarray(0, used));
  return larger;
}

/** @returns the array, or a smaller one, in which the `left` places behind the first `gone` are the first */
export function closeRanks<T extends Rows>(array: T, gone: number, left: number): T {
  if (array.length > FIRST_ROWS && left < array.length * SHARE_USED_MIN) {
    const smaller = like(array, Math.max(FIRST_ROWS, SLACK * left));
    smaller.set(array.subarray(gone, gone + left));
    return smaller;
  }
  if (gone > 0) array.copyWithin(0, gone, gone + left);
  return array;
}

export function appendNumbers(
  into: Float64Array,
  at: number,
  from: Float64Array,
  rows: Int32Array | null,
  count: number,
): void {
  const first = at | 0;
  const n = count | 0;
  if (rows === null) into.set(from.subarray(0, n), first);
  else for (let k = 0; k < n; k++) into[first + k] = from[rows[k]];
}

export function appendFlags(
  into: Uint8Array,
  at: number,
  from: Uint8Array,
  rows: Int32Array | null,
  count: number,
): void {
  const first = at | 0;
  const n = count | 0;
  if (rows === null) into.set(from.subarray(0, n), first);
  else for (let k = 0; k < n; k++) into[first + k] = from[rows[k]];
}
