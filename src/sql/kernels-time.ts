/** Loops over times in microseconds, UTC. Division is exact: quotient and remainder of safe integers. */
import { MICROS_PER_MS } from '../stream/time.ts';

export const MICROS_PER_DAY = 86_400_000_000;

/** How many units of `size` have passed since the last time their number was 0: minutes of 60, weekdays of 7. */
export function unitsOf(
  out: Float64Array,
  a: Float64Array,
  size: number,
  modulus: number,
  first: number,
  selection: Int32Array | null,
  count: number,
): void {
  const length = +size;
  const around = +modulus;
  const begin = +first;
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const whole = Math.floor(a[i] / length) + begin;
    out[i] = whole - around * Math.floor(whole / around);
  }
}

/** How many units of `size` have passed since 1970, less than none before. */
export function unitsSince(
  out: Float64Array,
  a: Float64Array,
  size: number,
  selection: Int32Array | null,
  count: number,
): void {
  const length = +size;
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.floor(a[i] / length);
  }
}

/** A date as one number, yyyymmdd, by whole days since 1970; right from the year 0 on. */
export function dateOf(days: number): number {
  // Years begin in March here, so that a leap day is the last of one; eras have 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = (shifted - era * 146_097) | 0;
  const leaps = ((ofEra / 1460) | 0) - ((ofEra / 36_524) | 0) + ((ofEra / 146_096) | 0);
  const yearOfEra = ((ofEra - leaps) / 365) | 0;
  const ofYear = ofEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const fromMarch = ((5 * ofYear + 2) / 153) | 0;
  const day = ofYear - (((153 * fromMarch + 2) / 5) | 0) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 10_000 + month * 100 + day;
}

/** Cuts the date, yyyymmdd, with a divisor (what stands behind is dropped) and a modulus. */
export function datesCut(
  out: Float64Array,
  a: Float64Array,
  divisor: number,
  modulus: number,
  selection: Int32Array | null,
  count: number,
): void {
  const by = divisor | 0;
  const below = modulus | 0;
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = ((dateOf(Math.floor(a[i] / MICROS_PER_DAY)) / by) | 0) % below;
  }
}

/** The beginning of the unit of `length` that a time lies in; one of them begins at `origin`. */
export function truncateFixed(
  out: Float64Array,
  a: Float64Array,
  length: number,
  origin: number,
  selection: Int32Array | null,
  count: number,
): void {
  const size = +length;
  const from = +origin;
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Math.floor((a[i] - from) / size) * size + from;
  }
}

/** The beginning of the month, quarter or year (1, 3 or 12 months) that a time lies in. */
export function truncateCalendar(
  out: Float64Array,
  a: Float64Array,
  months: number,
  selection: Int32Array | null,
  count: number,
): void {
  const size = months | 0;
  const n = count | 0;
  const date = new Date(0);
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    date.setTime(Math.floor(a[i] / MICROS_PER_MS));
    const month = date.getUTCMonth();
    out[i] = Date.UTC(date.getUTCFullYear(), month - (month % size), 1) * MICROS_PER_MS;
  }
}
