/**
 * Loops of three-valued logic and of validity. Flags and validity are bytes of 0 and 1, so there are no
 * branches: a row is TRUE if value and validity are 1, FALSE if only validity is.
 */
import type { Validity } from '../stream/column.ts';

/** out = a & b for columns without NULL, or for validity. */
export function both(
  out: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  if (selection === null) for (let i = 0; i < n; i++) out[i] = a[i] & b[i];
  else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = a[i] & b[i];
    }
  }
}

/** out = a | b for columns without NULL. */
export function either(
  out: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  if (selection === null) for (let i = 0; i < n; i++) out[i] = a[i] | b[i];
  else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = a[i] | b[i];
    }
  }
}

/**
 * Three-valued AND (`dominant` 0) or OR (`dominant` 1): a side that is certainly the dominant value decides,
 * whatever the other is.
 */
export function decide(
  out: Uint8Array,
  outValid: Uint8Array,
  a: Uint8Array,
  aValid: Validity,
  b: Uint8Array,
  bValid: Validity,
  dominant: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const flip = (dominant | 0) ^ 1; // XOR with it makes the dominant value 1
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const av = aValid === null ? 1 : aValid[i];
    const bv = bValid === null ? 1 : bValid[i];
    const decided = (av & (a[i] ^ flip)) | (bv & (b[i] ^ flip));
    out[i] = decided ^ flip;
    outValid[i] = decided | (av & bv);
  }
}

/** out = a ^ flip: NOT for flip 1. */
export function flipFlags(
  out: Uint8Array,
  a: Uint8Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const f = flip | 0;
  if (selection === null) for (let i = 0; i < n; i++) out[i] = a[i] ^ f;
  else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = a[i] ^ f;
    }
  }
}

/** out = 1 where `a` is present and equals `wanted`. */
export function certainly(
  out: Uint8Array,
  a: Uint8Array,
  valid: Validity,
  wanted: number,
  selection: Int32Array | null,
  count: number,
): void {
  const flip = (wanted | 0) ^ 1;
  flipFlags(out, a, flip, selection, count);
  if (valid !== null) both(out, out, valid, selection, count);
}

/**
 * Writes the rows that are TRUE, ascending; NULL is not. Every index is written and the place moves on by
 * the flag, so there is no branch to mispredict.
 * @returns how many there are
 */
export function selectRows(
  out: Int32Array,
  flags: Uint8Array,
  valid: Validity,
  selection: Int32Array | null,
  count: number,
): number {
  const n = count | 0;
  let found = 0;
  if (valid === null && selection === null) {
    for (let i = 0; i < n; i++) {
      out[found] = i;
      found += flags[i];
    }
    return found;
  }
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[found] = i;
    found += valid === null ? flags[i] : flags[i] & valid[i];
  }
  return found;
}
