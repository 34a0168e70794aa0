/**
 * The rows of a batch by the pane each lies in: mostly one pane, else stretches of an array of positions that
 * were sorted by pane in one pass. Inside a pane rows keep their order.
 */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import type { Panes } from './panes.ts';

/** Takes the rows of one pane: rows[0..count-1], ascending; null: rows 0..count-1. Valid during the call. */
export type TakePane = (start: Micros, end: Micros, rows: Int32Array | null, count: number) => void;

export class WindowSplit {
  readonly #panes: Panes;
  /** Panes of the batch at hand by their start, in order of first arrival, and the place of each. */
  readonly #places = new Map<Micros, number>();
  readonly #ends: Micros[] = [];
  readonly #counts = new Int32Array(BATCH_ROWS_MAX);
  /** By place among the rows: the pane's place in #places. */
  readonly #paneOf = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);

  constructor(panes: Panes) {
    this.#panes = panes;
  }

  /** @param times by row; each row in `rows` has one */
  split(times: Float64Array, rows: Int32Array | null, count: number, take: TakePane): void {
    if (count === 0) return;
    const panes = this.#panes;
    panes.seek(times[rows === null ? 0 : rows[0]]);
    if (allInside(times, rows, count, panes.start, panes.end)) {
      take(panes.start, panes.end, rows, count);
      return;
    }
    this.#sort(times, rows, count);
    let first = 0;
    for (const [start, place] of this.#places) {
      const inside = this.#counts[place];
      take(start, this.#ends[place], this.#rows.subarray(first, first + inside), inside);
      first += inside;
    }
  }

  /** Counts the rows of each pane, then puts each row where its pane's stretch has come to. */
  #sort(times: Float64Array, rows: Int32Array | null, count: number): void {
    const panes = this.#panes;
    this.#places.clear();
    let place = this.#placeOf(panes.start, panes.end);
    for (let k = 0; k < count; k++) {
      const time = times[rows === null ? k : rows[k]];
      if (!(time >= panes.start && time < panes.end)) {
        panes.seek(time);
        place = this.#placeOf(panes.start, panes.end);
      }
      this.#paneOf[k] = place;
      this.#counts[place]++;
    }
    const next = new Int32Array(this.#places.size);
    for (let i = 1; i < next.length; i++) next[i] = next[i - 1] + this.#counts[i - 1];
    for (let k = 0; k < count; k++) {
      this.#rows[next[this.#paneOf[k]]++] = rows === null ? k : rows[k];
    }
  }

  #placeOf(start: Micros, end: Micros): number {
    const known = this.#places.get(start);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(start, place);
    this.#ends[place] = end;
    this.#counts[place] = 0;
    return place;
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
