/**
 * The loops of aggregates: each folds one column into one accumulator, by the group of each row. NULL rows
 * are skipped. What they keep merges by the same loops, a group's value being the row: counts and sums add
 * up, `seen` is an OR, the better value wins.
 */
import type { Validity } from '../stream/column.ts';
import { orderBytes } from './kernels-compare.ts';

/** Rows of a batch with the group of each: ids[row] for rows[0..count-1]; rows null: 0..count-1. */
export interface Grouped {
  readonly rows: Int32Array | null;
  readonly count: number;
  readonly ids: Int32Array;
}

export function countRows(out: Float64Array, valid: Validity, grouped: Grouped): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    out[ids[row]] += valid === null ? 1 : valid[row];
  }
}

/** seen[id] = 1 where a group has a row that is present. */
export function seeRows(seen: Uint8Array, valid: Validity, grouped: Grouped): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    seen[ids[row]] |= valid === null ? 1 : valid[row];
  }
}

/** In order of rows, so the bits of a sum depend on the log and not on how it was cut. */
export function addDoubles(
  sums: Float64Array,
  values: Float64Array,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid === null || valid[row] === 1) sums[ids[row]] += values[row];
  }
}

/**
 * An exact sum of whole numbers: what `high` loses to rounding is itself a whole number and goes to `low`
 * (Knuth's TwoSum), so high + low is the sum, whatever it passed through.
 */
export function addLongs(
  high: Float64Array,
  low: Float64Array,
  values: Float64Array,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    const value = values[row];
    const before = high[id];
    const sum = before + value;
    const added = sum - before;
    high[id] = sum;
    low[id] += before - (sum - added) + (value - added);
  }
}

/** NaN is greater than any other number. */
export function leastNumbers(
  least: Float64Array,
  seen: Uint8Array,
  values: Float64Array,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    const value = values[row];
    if (seen[id] === 0 || value < least[id] || Number.isNaN(least[id])) least[id] = value;
    seen[id] = 1;
  }
}

export function greatestNumbers(
  greatest: Float64Array,
  seen: Uint8Array,
  values: Float64Array,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    const value = values[row];
    if (seen[id] === 0 || value > greatest[id] || Number.isNaN(value)) greatest[id] = value;
    seen[id] = 1;
  }
}

/** @param wins the value that beats the other: 0 for the least, 1 for the greatest */
export function bestFlags(
  best: Uint8Array,
  seen: Uint8Array,
  values: Uint8Array,
  wins: number,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  const w = wins | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    if (seen[id] === 0 || values[row] === w) best[id] = values[row];
    seen[id] = 1;
  }
}

/** @param sign -1 for the least, 1 for the greatest, in order of bytes; a text is copied only when it wins */
export function bestTexts(
  best: (Uint8Array | null)[],
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  sign: number,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  const s = sign | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    const kept = best[id];
    if (kept === null || orderBytes(bytes, starts[row], ends[row], kept, 0, kept.length) * s > 0) {
      // Not `slice`, which of a Buffer makes a view: memory that the next chunk is written to.
      best[id] = new Uint8Array(bytes.subarray(starts[row], ends[row]));
    }
  }
}

/** Folds kept texts into others; null: there is none. */
export function bestKeptTexts(
  best: (Uint8Array | null)[],
  texts: readonly (Uint8Array | null)[],
  sign: number,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  const s = sign | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    const text = texts[row];
    if (text === null) continue;
    const id = ids[row];
    const kept = best[id];
    if (kept === null || orderBytes(text, 0, text.length, kept, 0, kept.length) * s > 0) {
      best[id] = text;
    }
  }
}
