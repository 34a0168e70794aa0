/**
 * Loops of arithmetic on numbers. Longs are safe integers in doubles: a loop says whether a result left the
 * safe range, which is rare, and the caller then clears those rows in a second pass. -0 is never made for a
 * long. Constants are coerced at the head, so that the loop holds them in a register.
 */
import { SAFE_MAX } from './type.ts';

/** out = a + b. @returns whether a result is beyond a safe integer */
export function addNumbers(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let beyond = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const r = a[i] + b[i];
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const r = a[i] + b[i];
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  }
  return beyond;
}

/** out = a + c. @returns whether a result is beyond a safe integer */
export function addConstant(
  out: Float64Array,
  a: Float64Array,
  constant: number,
  selection: Int32Array | null,
  count: number,
): boolean {
  const c = +constant;
  const n = count | 0;
  let beyond = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const r = a[i] + c;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const r = a[i] + c;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  }
  return beyond;
}

/** out = a - b. @returns whether a result is beyond a safe integer */
export function subtractNumbers(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let beyond = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const r = a[i] - b[i];
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const r = a[i] - b[i];
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  }
  return beyond;
}

/** out = a - c. @returns whether a result is beyond a safe integer */
export function subtractConstant(
  out: Float64Array,
  a: Float64Array,
  constant: number,
  selection: Int32Array | null,
  count: number,
): boolean {
  const c = +constant;
  const n = count | 0;
  let beyond = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const r = a[i] - c;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const r = a[i] - c;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  }
  return beyond;
}

/** out = a * b, never -0. @returns whether a result is beyond a safe integer */
export function multiplyLongs(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let beyond = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const r = a[i] * b[i] + 0;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const r = a[i] * b[i] + 0;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  }
  return beyond;
}

/** out = a * c, never -0. @returns whether a result is beyond a safe integer */
export function multiplyLongsBy(
  out: Float64Array,
  a: Float64Array,
  constant: number,
  selection: Int32Array | null,
  count: number,
): boolean {
  const c = +constant;
  const n = count | 0;
  let beyond = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const r = a[i] * c + 0;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const r = a[i] * c + 0;
      out[i] = r;
      if (r > SAFE_MAX || r < -SAFE_MAX) beyond = true;
    }
  }
  return beyond;
}

/** out = a * b */
export function multiplyDoubles(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = a[i] * b[i];
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = a[i] * b[i];
    }
  }
}

/** out = a * c */
export function multiplyDoublesBy(
  out: Float64Array,
  a: Float64Array,
  constant: number,
  selection: Int32Array | null,
  count: number,
): void {
  const c = +constant;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      out[i] = a[i] * c;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      out[i] = a[i] * c;
    }
  }
}

/** out = a / b. @returns whether a divisor is 0 */
export function divideNumbers(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let zero = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const d = b[i];
      out[i] = a[i] / d;
      if (d === 0) zero = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const d = b[i];
      out[i] = a[i] / d;
      if (d === 0) zero = true;
    }
  }
  return zero;
}

/** out = a DIV b, truncated; exact, as both are safe. @returns whether a divisor is 0 */
export function divideWhole(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let zero = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const d = b[i];
      out[i] = Math.trunc(a[i] / d) + 0;
      if (d === 0) zero = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const d = b[i];
      out[i] = Math.trunc(a[i] / d) + 0;
      if (d === 0) zero = true;
    }
  }
  return zero;
}

/** out = a % b with the sign of a. @returns whether a divisor is 0 */
export function remainderDoubles(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let zero = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const d = b[i];
      out[i] = a[i] % d;
      if (d === 0) zero = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const d = b[i];
      out[i] = a[i] % d;
      if (d === 0) zero = true;
    }
  }
  return zero;
}

/** out = a % b, never -0. 32-bit division is five times faster than that of doubles. @returns whether a divisor is 0 */
export function remainderLongs(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): boolean {
  const n = count | 0;
  let zero = false;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const x = a[i];
      const d = b[i];
      const x32 = x | 0;
      const d32 = d | 0;
      out[i] = x32 === x && d32 === d ? (x32 % d32) | 0 : (x % d) + 0;
      if (d === 0) zero = true;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const x = a[i];
      const d = b[i];
      const x32 = x | 0;
      const d32 = d | 0;
      out[i] = x32 === x && d32 === d ? (x32 % d32) | 0 : (x % d) + 0;
      if (d === 0) zero = true;
    }
  }
  return zero;
}

/** out = a % c for a 32-bit constant that is not 0, never -0 */
export function remainderLongsBy(
  out: Float64Array,
  a: Float64Array,
  constant: number,
  selection: Int32Array | null,
  count: number,
): void {
  const c = constant | 0;
  const n = count | 0;
  if (selection === null) {
    for (let i = 0; i < n; i++) {
      const x = a[i];
      const x32 = x | 0;
      out[i] = x32 === x ? (x32 % c) | 0 : (x % c) + 0;
    }
  } else {
    for (let k = 0; k < n; k++) {
      const i = selection[k];
      const x = a[i];
      const x32 = x | 0;
      out[i] = x32 === x ? (x32 % c) | 0 : (x % c) + 0;
    }
  }
}

/** Makes rows NULL whose result is no safe integer; a legal value stays under them. */
export function clearBeyondSafe(
  valid: Uint8Array,
  values: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const v = values[i];
    if (!(v <= SAFE_MAX && v >= -SAFE_MAX)) {
      valid[i] = 0;
      values[i] = 0;
    }
  }
}

/** Makes rows NULL whose divisor is 0; a legal value stays under them. */
export function clearZeroDivisors(
  valid: Uint8Array,
  values: Float64Array,
  divisors: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    if (divisors[i] === 0) {
      valid[i] = 0;
      values[i] = 0;
    }
  }
}
