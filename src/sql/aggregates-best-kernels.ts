/**
 * The loops of aggregates that keep one record of a group, as `min_by` and `first` do. Each row gets a verdict: it
 * loses against what its group keeps, wins, or ties so far. One loop a column refines the verdicts and keeps
 * what wins, so any columns make an order, and the last one is the value that is kept.
 *
 * Verdicts are by place in `grouped.rows`. A row that wins is what the next row of its group is compared with.
 */
import type { StringColumn, Validity } from '../stream/column.ts';
import type { Grouped } from './aggregates-kernels.ts';
import { orderNumbers } from './collected.ts';
import { orderBytes } from './kernels-compare.ts';

export const LOSES = 0;
export const TIES = 1;
export const WINS = 2;

/** NULL loses, the first of a group wins; the others tie, as nothing has been compared. */
export function firstVerdicts(
  verdicts: Uint8Array,
  seen: Uint8Array,
  valid: Validity,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) {
      verdicts[k] = LOSES;
      continue;
    }
    const id = ids[row];
    verdicts[k] = seen[id] === 0 ? WINS : TIES;
    seen[id] = 1;
  }
}

/** Rows that still tie get this verdict. */
export function settleTies(verdicts: Uint8Array, verdict: number): void {
  for (let k = 0; k < verdicts.length; k++) if (verdicts[k] === TIES) verdicts[k] = verdict;
}

/** @param sign -1: the least wins; 1: the greatest */
export function judgeNumbers(
  verdicts: Uint8Array,
  best: Float64Array,
  values: Float64Array,
  sign: number,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  const s = sign | 0;
  for (let k = 0; k < n; k++) {
    if (verdicts[k] === LOSES) continue;
    const row = rows === null ? k : rows[k];
    const id = ids[row];
    const value = values[row];
    if (verdicts[k] === TIES) {
      const order = orderNumbers(value, best[id]) * s;
      if (order === 0) continue;
      verdicts[k] = order > 0 ? WINS : LOSES;
      if (order < 0) continue;
    }
    best[id] = value;
  }
}

export function judgeTexts(
  verdicts: Uint8Array,
  best: (Uint8Array | null)[],
  { bytes, starts, ends }: StringColumn,
  sign: number,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  const s = sign | 0;
  for (let k = 0; k < n; k++) {
    if (verdicts[k] === LOSES) continue;
    const row = rows === null ? k : rows[k];
    const id = ids[row];
    const kept = best[id];
    const order =
      kept === null ? s : orderBytes(bytes, starts[row], ends[row], kept, 0, kept.length) * s;
    if (verdicts[k] === TIES) {
      if (order === 0) continue;
      verdicts[k] = order > 0 ? WINS : LOSES;
      if (order < 0) continue;
    }
    // Mostly the same text again, such as the name of a lane, and then nothing is copied.
    if (order !== 0 || kept === null) best[id] = copyOf(bytes, starts[row], ends[row]);
  }
}

/**
 * The value that is kept: as the verdict says, and by itself where there is a tie, which NULL loses.
 * @param present by group: it is not NULL
 */
export function keepNumbers(
  verdicts: Uint8Array,
  best: Float64Array,
  present: Uint8Array,
  values: Float64Array,
  valid: Validity,
  sign: number,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  const s = sign | 0;
  for (let k = 0; k < n; k++) {
    if (verdicts[k] === LOSES) continue;
    const row = rows === null ? k : rows[k];
    const id = ids[row];
    const there = valid === null ? 1 : valid[row];
    const value = values[row];
    if (verdicts[k] === TIES) {
      if (there === 0) continue;
      if (present[id] === 1 && orderNumbers(value, best[id]) * s <= 0) continue;
    }
    best[id] = value;
    present[id] = there;
  }
}

/** @param best null is NULL */
export function keepTexts(
  verdicts: Uint8Array,
  best: (Uint8Array | null)[],
  { bytes, starts, ends, valid }: StringColumn,
  sign: number,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  const s = sign | 0;
  for (let k = 0; k < n; k++) {
    if (verdicts[k] === LOSES) continue;
    const row = rows === null ? k : rows[k];
    const id = ids[row];
    const there = valid === null || valid[row] === 1;
    const kept = best[id];
    if (verdicts[k] === TIES) {
      if (!there) continue;
      if (
        kept !== null &&
        orderBytes(bytes, starts[row], ends[row], kept, 0, kept.length) * s <= 0
      ) {
        continue;
      }
    }
    best[id] = there ? copyOf(bytes, starts[row], ends[row]) : null;
  }
}

/** Not `slice`, which of a Buffer makes a view: memory that the next chunk is written to. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}
