/**
 * Windows of one size of which one begins every so often, and the panes that they share: time is cut where a
 * window begins and where one ends, so each window is a run of whole panes.
 *
 *   size 10s, every 4s      |--------- window ---------|
 *                                       |--------- window ---------|
 *   panes                   | 2s |  2s  | 2s |  2s  | 2s |  2s  |
 *
 * At most two panes begin for each window, however badly `every` divides the size; a greatest common divisor
 * could make thousands. Where windows do not overlap, a pane is a window.
 */
import type { Micros } from '../stream/time.ts';
import { windowStart } from '../stream/window.ts';

export class Panes {
  /** The pane that was sought last, [start, end). */
  start: Micros = Number.NaN;
  end: Micros = Number.NaN;
  readonly #size: Micros;
  readonly #every: Micros;
  readonly #offset: Micros;
  /** How far into the stretch between two beginnings a window ends. */
  readonly #cut: Micros;

  /** @param every above 0, at most `size` */
  constructor(size: Micros, every: Micros, offset: Micros) {
    this.#size = size;
    this.#every = every;
    this.#offset = offset;
    this.#cut = size % every;
  }

  /** Moves to the pane that holds `time`. */
  seek(time: Micros): void {
    const start = windowStart(time, this.#every, this.#offset);
    const cut = start + this.#cut;
    if (time < cut) {
      this.start = start;
      this.end = cut;
    } else {
      this.start = cut;
      this.end = start + this.#every;
    }
  }

  /** The least end of a window that is greater than `time`. */
  endAfter(time: Micros): Micros {
    return windowStart(time, this.#every, this.#offset + this.#size) + this.#every;
  }

  /** The end of the last window that holds `time`. */
  lastEnd(time: Micros): Micros {
    return windowStart(time, this.#every, this.#offset) + this.#size;
  }
}
