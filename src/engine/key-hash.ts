/**
 * Hashes of keys: 32 bits a row, folded key by key into an array that starts as the table's seed. They say
 * where a group lies in its table and nothing else: no result depends on them.
 */
import type { Validity } from '../stream/column.ts';

const HASH_OF_NULL = 0x2545f491;
const HASH_OF_NAN = 0x7ff80000;

// A double is hashed by its two halves; writing one and reading the other is the cheapest way to them.
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Spreads every bit over all others (the last steps of MurmurHash3, which is in the public domain). */
function mix(hash: number): number {
  let h = hash | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** -0.0 is 0.0, and every NaN is the same one, whatever its bits. */
export function hashNumbers(
  hashes: Int32Array,
  values: Float64Array,
  valid: Validity,
  rows: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    const value = values[row] + 0;
    let h = hashes[row];
    if (valid !== null && valid[row] === 0) h ^= HASH_OF_NULL;
    else if (Number.isNaN(value)) h ^= HASH_OF_NAN;
    else {
      double[0] = value;
      h = Math.imul(h ^ halves[0], 0x9e3779b1) ^ halves[1];
    }
    hashes[row] = mix(h);
  }
}

export function hashFlags(
  hashes: Int32Array,
  values: Uint8Array,
  valid: Validity,
  rows: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    const present = valid === null || valid[row] === 1;
    hashes[row] = mix(hashes[row] ^ (present ? values[row] + 1 : HASH_OF_NULL));
  }
}

export function hashTexts(
  hashes: Int32Array,
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  valid: Validity,
  rows: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    const present = valid === null || valid[row] === 1;
    hashes[row] = present
      ? hashBytes(hashes[row], bytes, starts[row], ends[row])
      : mix(hashes[row] ^ HASH_OF_NULL);
  }
}

/** Four bytes a step: a multiplication a byte would be most of the time of a short key. */
function hashBytes(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let h = seed ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    h = Math.imul(h ^ word, 0x9e3779b1);
    h ^= h >>> 15;
  }
  for (; at < end; at++) h = Math.imul(h ^ bytes[at], 0x9e3779b1);
  return mix(h);
}
