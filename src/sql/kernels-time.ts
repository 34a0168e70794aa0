/** Loops over times in microseconds, UTC. Division is exact: quotient and remainder of safe integers. */
import { MICROS_PER_MS } from '../stream/time.ts';

const MICROS_PER_HOUR = 3_600_000_000;

/** The hour of the day, 0 to 23. */
export function hours(
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    const whole = Math.floor(a[i] / MICROS_PER_HOUR);
    out[i] = whole - 24 * Math.floor(whole / 24);
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
