/**
 * Loops of comparison: 0 or 1 a row. `flip` (0 or 1) turns the answer round, so six operators need two
 * loops. Doubles have a total order: NaN equals NaN and is greatest, -0.0 equals 0.0. Texts compare by bytes.
 */
import type { StringColumn } from '../stream/column.ts';

/** a = b for values that are never NaN */
export function equalLongs(
  out: Uint8Array,
  a: Float64Array,
  b: Float64Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (a[i] === b[i] ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (a[i] === b[i] ? 1 : 0) ^ f;
    }
  }
}

/** a = c for a constant that is not NaN */
export function equalConstant(
  out: Uint8Array,
  a: Float64Array,
  constant: number,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const c = +constant;
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (a[i] === c ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (a[i] === c ? 1 : 0) ^ f;
    }
  }
}

/** a = b */
export function equalDoubles(
  out: Uint8Array,
  a: Float64Array,
  b: Float64Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const x = a[i];
      const y = b[i];
      out[i] = (x === y || (Number.isNaN(x) && Number.isNaN(y)) ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const x = a[i];
      const y = b[i];
      out[i] = (x === y || (Number.isNaN(x) && Number.isNaN(y)) ? 1 : 0) ^ f;
    }
  }
}

/** a < b for values that are never NaN */
export function lessLongs(
  out: Uint8Array,
  a: Float64Array,
  b: Float64Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (a[i] < b[i] ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (a[i] < b[i] ? 1 : 0) ^ f;
    }
  }
}

/** a < c for a constant that is not NaN; a NaN is not less */
export function lessThanConstant(
  out: Uint8Array,
  a: Float64Array,
  constant: number,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const c = +constant;
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (a[i] < c ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (a[i] < c ? 1 : 0) ^ f;
    }
  }
}

/** a > c for a constant that is not NaN; a NaN is more */
export function moreThanConstant(
  out: Uint8Array,
  a: Float64Array,
  constant: number,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const c = +constant;
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (!(a[i] <= c) ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (!(a[i] <= c) ? 1 : 0) ^ f;
    }
  }
}

/** a < b */
export function lessDoubles(
  out: Uint8Array,
  a: Float64Array,
  b: Float64Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const x = a[i];
      const y = b[i];
      out[i] = (x < y || (Number.isNaN(y) && !Number.isNaN(x)) ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const x = a[i];
      const y = b[i];
      out[i] = (x < y || (Number.isNaN(y) && !Number.isNaN(x)) ? 1 : 0) ^ f;
    }
  }
}

/** a = b */
export function equalFlags(
  out: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (a[i] === b[i] ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (a[i] === b[i] ? 1 : 0) ^ f;
    }
  }
}

/** a < b, FALSE before TRUE */
export function lessFlags(
  out: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = (a[i] < b[i] ? 1 : 0) ^ f;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = (a[i] < b[i] ? 1 : 0) ^ f;
    }
  }
}

/** Are two ranges of `length` bytes the same? */
export function sameBytes(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** @returns less than, equal to or more than 0 as range a stands before, at or behind b */
export function orderBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const aLength = aEnd - aStart;
  const bLength = bEnd - bStart;
  const length = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < length; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** a = b for texts. */
export function equalTexts(
  out: Uint8Array,
  a: StringColumn,
  b: StringColumn,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  const { bytes: aBytes, starts: aStarts, ends: aEnds } = a;
  const { bytes: bBytes, starts: bStarts, ends: bEnds } = b;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const start = aStarts[i];
    const other = bStarts[i];
    const length = aEnds[i] - start;
    const same = length === bEnds[i] - other && sameBytes(aBytes, start, bBytes, other, length);
    out[i] = (same ? 1 : 0) ^ f;
  }
}

/** a = c for a constant text. */
export function equalTextConstant(
  out: Uint8Array,
  a: StringColumn,
  constant: Uint8Array,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  const { bytes, starts, ends } = a;
  const { length } = constant;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const start = starts[i];
    const same = ends[i] - start === length && sameBytes(bytes, start, constant, 0, length);
    out[i] = (same ? 1 : 0) ^ f;
  }
}

/** a < b for texts, by bytes. */
export function lessTexts(
  out: Uint8Array,
  a: StringColumn,
  b: StringColumn,
  flip: number,
  selection: Int32Array | null,
  count: number,
): void {
  const f = flip | 0;
  const n = count | 0;
  const { bytes: aBytes, starts: aStarts, ends: aEnds } = a;
  const { bytes: bBytes, starts: bStarts, ends: bEnds } = b;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const order = orderBytes(aBytes, aStarts[i], aEnds[i], bBytes, bStarts[i], bEnds[i]);
    out[i] = (order < 0 ? 1 : 0) ^ f;
  }
}
