/** Loops that round numbers. Adding 0 makes -0 a 0, as a long must not be -0 and a double may be either. */

/** out = |a| */
export function absolutes(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.abs(a[i]);
  }
}

/** The least whole number that is not below a. */
export function ceilings(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.ceil(a[i]) + 0;
  }
}

/** The greatest whole number that is not above a. */
export function floors(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.floor(a[i]) + 0;
  }
}

/** Rounds to `places` decimal places, a half away from zero, or with `halfEven` 1 to the even neighbour. */
export function roundings(
  out: Float64Array,
  a: Float64Array,
  places: number,
  halfEven: number,
  selection: Int32Array | null,
  count: number,
): void {
  const p = places | 0;
  const even = halfEven === 1;
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = (p === 0 ? roundWhole(a[i], even) : roundPlaces(a[i], p, even)) + 0;
  }
}

/** Exact: the fraction of a double is one, and x.5 is a double wherever there are fractions. */
function roundWhole(value: number, even: boolean): number {
  const whole = Math.trunc(value);
  const fraction = Math.abs(value - whole);
  if (!(fraction >= 0.5) || (even && fraction === 0.5 && whole % 2 === 0)) return whole;
  return value < 0 ? whole - 1 : whole + 1;
}

/** Powers of ten that a double holds exactly. */
const EXACT_POWER_MAX = 22;
const POWERS = Float64Array.from({ length: EXACT_POWER_MAX + 1 }, (_, i) => Number(`1e${i}`));

/**
 * Rounds the decimal text of a double, not its binary value: 1.005 has two places as 1.01. Scaling in
 * binary is off by less than one part in 2^52, so it decides unless it lands that near to a half.
 */
function roundPlaces(value: number, places: number, even: boolean): number {
  if (!Number.isFinite(value)) return value;
  const distance = Math.abs(places);
  if (distance <= EXACT_POWER_MAX) {
    const power = POWERS[distance];
    const scaled = places > 0 ? value * power : value / power;
    const size = Math.abs(scaled);
    const nearHalf = Math.abs(size - Math.trunc(size) - 0.5) <= size * 2 ** -50;
    if (size < 2 ** 50 && !nearHalf) {
      const whole = roundWhole(scaled, even);
      return places > 0 ? whole / power : whole * power;
    }
  }
  return roundText(value, places, even);
}

/** The same on digits: slow, exact. */
function roundText(value: number, places: number, even: boolean): number {
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  // The value is 0.DIGITS times 10^point.
  const point = Number(exponent) + 1;
  const kept = point + places;
  if (kept >= digits.length) return value;
  if (kept < 0) return 0;
  const low = BigInt(digits.slice(0, kept) || '0');
  // A last digit is never a zero, so a 5 is a half only at the end.
  const half = digits.charCodeAt(kept) === 0x35 && kept + 1 === digits.length;
  const up = half && even ? low % 2n === 1n : digits.charCodeAt(kept) >= 0x35;
  const rounded = low + (up ? 1n : 0n);
  return Math.sign(value) * Number(`${rounded}e${-places}`);
}
