/**
 * Hashes of values, 32 bits each: of keys, folded key by key into an array that starts as the table's seed, and
 * of single values. They say where something lies in a table and nothing else: no result depends on them.
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

/** As `hashNumbers`, of one value that is there. */
export function hashNumber(seed: number, number: number): number {
  const value = number + 0;
  if (Number.isNaN(value)) return mix(seed ^ HASH_OF_NAN);
  double[0] = value;
  return mix(mix(seed ^ halves[0]) ^ halves[1]);
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
      h = mix(h ^ halves[0]) ^ halves[1];
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

/**
 * Four bytes a step, each followed by one round of HalfSipHash (its authors' reference, public domain). A
 * product alone would not do: a bit that differs in one word can then be taken back by the next, whatever
 * the seed. With a state of 128 bits nobody outside can take anything back. Its finish is `mix`:
 * hashes are never shown.
 */
export function hashBytes(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let v0 = seed | 0;
  let v1 = Math.imul(seed, 0x9e3779b1);
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  // The last word holds what is left over, and the length: texts that go on with NULs differ.
  for (let at = start; ; at += 4) {
    const left = end - at;
    let word: number;
    if (left >= 4) {
      word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    } else {
      word = (end - start) << 24;
      if (left > 0) word |= bytes[at];
      if (left > 1) word |= bytes[at + 1] << 8;
      if (left > 2) word |= bytes[at + 2] << 16;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (left < 4) return mix(mix(v0 ^ v2) ^ v1 ^ v3);
  }
}
