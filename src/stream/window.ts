/** Windows of a fixed size: half open [start, start + size), aligned to the epoch plus an offset, UTC. */
import type { Micros } from './time.ts';

/** The start of the window that holds `time`. */
export function windowStart(time: Micros, size: Micros, offset: Micros): Micros {
  return Math.floor((time - offset) / size) * size + offset;
}
