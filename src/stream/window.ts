/**
 * Windows of one size: half open, [s, s + size), aligned to the epoch plus an offset, in UTC. Each time lies
 * in exactly one.
 *
 *   s = floor((t - offset) / size) * size + offset
 */
import type { Micros } from './time.ts';

/**
 * The start of the window that holds `time`. Exact while time and time - offset are below 2^53: a quotient
 * just below a whole number k differs from k by at least 1 / size, and a double near k is finer than that as
 * long as k * size is below 2^53.
 */
export function windowStart(time: Micros, size: Micros, offset: Micros): Micros {
  return Math.floor((time - offset) / size) * size + offset;
}
