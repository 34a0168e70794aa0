/**
 * Loops of doubles through the functions of a calculator. V8 computes them in software, so they give the same
 * on every machine.
 */

/** -1, 0 or 1; NaN stays. */
export function signs(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.sign(a[i]);
  }
}

/** NaN below 0. */
export function squareRoots(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.sqrt(a[i]);
  }
}

/** e to the power of a. */
export function exponentials(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.exp(a[i]);
  }
}

/** To base e; what is not above 0 is for the caller to clear, here and below. */
export function naturalLogs(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.log(a[i]);
  }
}

/** To base 10. */
export function decimalLogs(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.log10(a[i]);
  }
}

/** To base 2. */
export function binaryLogs(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.log2(a[i]);
  }
}

/** out = a to the power of b. */
export function powers(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = a[i] ** b[i];
  }
}

/** out = a % b for whole numbers, plus b where that is below 0 and b is not; never -0. */
export function positiveRemainders(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const d = b[i];
    const rest = a[i] % d;
    out[i] = rest < 0 && d > 0 ? rest + d : rest + 0;
  }
}

/** The same for doubles. The sum is cut once more, as it may have been rounded to b. */
export function positiveRemaindersOfDoubles(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const d = b[i];
    const rest = a[i] % d;
    out[i] = rest < 0 ? (rest + d) % d : rest;
  }
}

/** Makes rows NULL whose number is not above 0; NaN is. */
export function clearNotPositive(
  valid: Uint8Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    if (a[i] <= 0) valid[i] = 0;
  }
}
