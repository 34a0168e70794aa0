/**
 * Loops over texts, on their bytes. Characters are code points; a byte 10xxxxxx goes on with one that an
 * earlier byte began. Cuts are written as ranges of the source's bytes, the caller makes the column.
 */
import type { StringColumn } from '../stream/column.ts';
import { sameBytes } from './kernels-compare.ts';

const SPACE = 0x20;

/** How many code points a range has. */
export function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) count += (bytes[i] & 0xc0) === 0x80 ? 0 : 1;
  return count;
}

/** The byte at which `skip` code points from `start` have passed, at most `end`. */
export function skipCodePoints(
  bytes: Uint8Array,
  start: number,
  end: number,
  skip: number,
): number {
  if (skip >= end - start) return end;
  let at = start;
  for (let left = skip; left > 0 && at < end; left--) {
    at++;
    while (at < end && (bytes[at] & 0xc0) === 0x80) at++;
  }
  return at;
}

/** The code point whose first byte is at `at`. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return first;
  const second = bytes[at + 1] & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = bytes[at + 2] & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (bytes[at + 3] & 0x3f);
}

/**
 * Writes ASCII letters in lower case, and in upper case at the beginning and behind spaces.
 * @returns where it ended, or -1 at a byte that is not ASCII
 */
export function capitaliseAscii(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let to = at;
  let before = SPACE;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte >= 0x80) return -1;
    const small = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    out[to++] = before === SPACE && small >= 0x61 && small <= 0x7a ? small ^ 0x20 : small;
    before = byte;
  }
  return to;
}

/** Where a needle first lies whole in haystack[from..to), or -1. */
export function findBytes(
  haystack: Uint8Array,
  from: number,
  to: number,
  needle: Uint8Array,
  needleStart: number,
  length: number,
): number {
  if (length === 0) return from;
  const first = needle[needleStart];
  const last = to - length;
  for (let i = from; i <= last; i++) {
    if (haystack[i] === first && sameBytes(haystack, i, needle, needleStart, length)) return i;
  }
  return -1;
}

/** Code points of each text. */
export function lengths(
  out: Float64Array,
  a: StringColumn,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = codePoints(bytes, starts[i], ends[i]);
  }
}

/** Bytes of each text. */
export function sizes(
  out: Float64Array,
  a: StringColumn,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = ends[i] - starts[i];
  }
}

/** Cuts U+0020, and no other white space, from the ends that are 1. */
export function trims(
  outStarts: Int32Array,
  outEnds: Int32Array,
  a: StringColumn,
  front: number,
  back: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const [atFront, atBack] = [front !== 0, back !== 0];
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    let start = starts[i];
    let end = ends[i];
    if (atFront) while (start < end && bytes[start] === SPACE) start++;
    if (atBack) while (end > start && bytes[end - 1] === SPACE) end--;
    outStarts[i] = start;
    outEnds[i] = end;
  }
}

/** Cuts the first `counts` code points. */
export function heads(
  outStarts: Int32Array,
  outEnds: Int32Array,
  a: StringColumn,
  counts: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    outStarts[i] = starts[i];
    outEnds[i] = skipCodePoints(bytes, starts[i], ends[i], counts[i] < 0 ? 0 : counts[i]);
  }
}

/** Cuts the last `counts` code points. */
export function tails(
  outStarts: Int32Array,
  outEnds: Int32Array,
  a: StringColumn,
  counts: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const end = ends[i];
    let start = end;
    for (let left = counts[i]; left > 0 && start > starts[i]; left--) {
      start--;
      while (start > starts[i] && (bytes[start] & 0xc0) === 0x80) start--;
    }
    outStarts[i] = start;
    outEnds[i] = end;
  }
}

/**
 * Where `needle` first lies at or behind code point `from` (null: the first), all counted from 1; 0 where it
 * does not. An empty one lies at 1, wherever the search begins.
 */
export function positions(
  out: Float64Array,
  a: StringColumn,
  needle: StringColumn,
  from: Float64Array | null,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const skip = from === null ? 0 : from[i] - 1;
    const length = needle.ends[i] - needle.starts[i];
    if (skip < 0 || length === 0) {
      out[i] = skip < 0 ? 0 : 1;
      continue;
    }
    const begin = skipCodePoints(bytes, starts[i], ends[i], skip);
    const at = findBytes(bytes, begin, ends[i], needle.bytes, needle.starts[i], length);
    out[i] = at < 0 ? 0 : codePoints(bytes, starts[i], at) + 1;
  }
}

/**
 * Cuts `lengths` code points (null: all) from `positions`, of which 1 and 0 are the first and -1 the last.
 * A window that begins before the text keeps its end, so less of it is left.
 */
export function substrings(
  outStarts: Int32Array,
  outEnds: Int32Array,
  a: StringColumn,
  positions: Float64Array,
  lengths: Float64Array | null,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const start = starts[i];
    const end = ends[i];
    let from = positions[i];
    if (from > 0) from--;
    else if (from < 0) from += codePoints(bytes, start, end);
    const to = lengths === null ? end - start : from + lengths[i];
    const first = skipCodePoints(bytes, start, end, from < 0 ? 0 : from);
    outStarts[i] = first;
    outEnds[i] = skipCodePoints(bytes, first, end, from < 0 ? to : to - from);
  }
}

/** `needle` at the beginning (`atEnd` 0) or the end (1). */
export function affixes(
  out: Uint8Array,
  a: StringColumn,
  needle: StringColumn,
  atEnd: number,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const behind = atEnd | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const start = starts[i];
    const from = needle.starts[i];
    const length = needle.ends[i] - from;
    const spare = ends[i] - start - length;
    const at = behind === 1 ? start + spare : start;
    out[i] = spare >= 0 && sameBytes(bytes, at, needle.bytes, from, length) ? 1 : 0;
  }
}

/** `needle` anywhere. */
export function containments(
  out: Uint8Array,
  a: StringColumn,
  needle: StringColumn,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  const { bytes, starts, ends } = a;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const from = needle.starts[i];
    const length = needle.ends[i] - from;
    out[i] = findBytes(bytes, starts[i], ends[i], needle.bytes, from, length) < 0 ? 0 : 1;
  }
}

/** How many separators lie in a range, none over another. An empty one lies nowhere. */
function countSeparators(a: StringColumn, separator: StringColumn, row: number): number {
  const from = separator.starts[row];
  const length = separator.ends[row] - from;
  if (length === 0) return 0;
  const end = a.ends[row];
  let found = 0;
  let at = findBytes(a.bytes, a.starts[row], end, separator.bytes, from, length);
  while (at >= 0) {
    found++;
    at = findBytes(a.bytes, at + length, end, separator.bytes, from, length);
  }
  return found;
}

/**
 * Cuts part number `numbers` (1 the first, -1 the last) between separators; empty where there is none.
 * @returns whether a number is 0, which is no part
 */
export function splitParts(
  outStarts: Int32Array,
  outEnds: Int32Array,
  a: StringColumn,
  separator: StringColumn,
  numbers: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let zero = false;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const end = a.ends[i];
    const separators = countSeparators(a, separator, i);
    const wanted = numbers[i];
    if (wanted === 0) zero = true;
    // Separators to pass, from the left.
    const skip = wanted > 0 ? wanted - 1 : separators + 1 + wanted;
    if (wanted === 0 || skip < 0 || skip > separators) {
      outStarts[i] = end;
      outEnds[i] = end;
      continue;
    }
    const from = separator.starts[i];
    const length = separator.ends[i] - from;
    let start = a.starts[i];
    for (let left = skip; left > 0; left--) {
      start = findBytes(a.bytes, start, end, separator.bytes, from, length) + length;
    }
    const next =
      skip < separators ? findBytes(a.bytes, start, end, separator.bytes, from, length) : end;
    outStarts[i] = start;
    outEnds[i] = next;
  }
  return zero;
}
