/**
 * The rows of a batch by the window each lies in: mostly one window, else stretches of an array of positions
 * that were sorted by window in one pass. Inside a window rows keep their order.
 */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { windowStart } from '../stream/window.ts';

/** Takes the rows of one window: rows[0..count-1], ascending; null: rows 0..count-1. Valid during the call. */
export type TakeWindow = (start: Micros, rows: Int32Array | null, count: number) => void;

export class WindowSplit {
  readonly #size: Micros;
  readonly #offset: Micros;
  /** Windows of the batch at hand by their start, in order of first arrival, and how many rows each has. */
  readonly #windows = new Map<Micros, number>();
  readonly #counts = new Int32Array(BATCH_ROWS_MAX);
  /** By place among the rows: the window's place in #windows. */
  readonly #windowOf = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);

  constructor(size: Micros, offset: Micros) {
    this.#size = size;
    this.#offset = offset;
  }

  /** @param times by row; each row in `rows` has one */
  split(times: Float64Array, rows: Int32Array | null, count: number, take: TakeWindow): void {
    if (count === 0) return;
    const start = windowStart(times[rows === null ? 0 : rows[0]], this.#size, this.#offset);
    if (allInside(times, rows, count, start, start + this.#size)) {
      take(start, rows, count);
      return;
    }
    this.#sort(times, rows, count);
    let first = 0;
    for (const [windowAt, window] of this.#windows) {
      const inside = this.#counts[window];
      take(windowAt, this.#rows.subarray(first, first + inside), inside);
      first += inside;
    }
  }

  /** Counts the rows of each window, then puts each row where its window's stretch has come to. */
  #sort(times: Float64Array, rows: Int32Array | null, count: number): void {
    this.#windows.clear();
    let start = Number.NaN; // no time lies in it
    let window = 0;
    for (let k = 0; k < count; k++) {
      const time = times[rows === null ? k : rows[k]];
      if (!(time >= start && time < start + this.#size)) {
        start = windowStart(time, this.#size, this.#offset);
        window = this.#windowAt(start);
      }
      this.#windowOf[k] = window;
      this.#counts[window]++;
    }
    const next = new Int32Array(this.#windows.size);
    for (let i = 1; i < next.length; i++) next[i] = next[i - 1] + this.#counts[i - 1];
    for (let k = 0; k < count; k++) {
      this.#rows[next[this.#windowOf[k]]++] = rows === null ? k : rows[k];
    }
  }

  #windowAt(start: Micros): number {
    const known = this.#windows.get(start);
    if (known !== undefined) return known;
    const window = this.#windows.size;
    this.#windows.set(start, window);
    this.#counts[window] = 0;
    return window;
  }
}

function allInside(
  times: Float64Array,
  rows: Int32Array | null,
  count: number,
  start: Micros,
  end: Micros,
): boolean {
  const n = count | 0;
  const from = +start;
  const to = +end;
  for (let k = 0; k < n; k++) {
    const time = times[rows === null ? k : rows[k]];
    if (time < from || time >= to) return false;
  }
  return true;
}
