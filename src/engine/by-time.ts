/**
 * Numbers of rows in order of (time, number), whatever order they come in. Those that come in order of time
 * go through a line, at no cost; stragglers through a heap.
 */
import type { Micros } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import { closeRanks, FIRST_ROWS, room } from './row-arrays.ts';

export class ByTime {
  readonly #line = new Line();
  readonly #heap = new Heap();

  /** Numbers only rise. */
  add(time: Micros, row: number): void {
    if (time >= this.#line.last) this.#line.add(time, row);
    else this.#heap.add(time, row);
  }

  /** The time of the first; END: there is none. */
  get first(): Micros {
    return Math.min(this.#line.first, this.#heap.first);
  }

  /** Takes the first out. @returns its row */
  take(): number {
    const { first } = this.#line;
    const straggler = this.#heap.first;
    const early = straggler < first || (straggler === first && this.#heap.row < this.#line.row);
    return early ? this.#heap.take() : this.#line.take();
  }
}

/** First in, first out. */
class Line {
  #times = new Float64Array(FIRST_ROWS);
  #rows = new Float64Array(FIRST_ROWS);
  #from = 0;
  #to = 0;

  get first(): Micros {
    return this.#from < this.#to ? this.#times[this.#from] : END;
  }

  get last(): Micros {
    return this.#from < this.#to ? this.#times[this.#to - 1] : Number.NEGATIVE_INFINITY;
  }

  get row(): number {
    return this.#rows[this.#from];
  }

  add(time: Micros, row: number): void {
    if (this.#to === this.#times.length) this.#makeRoom();
    this.#times[this.#to] = time;
    this.#rows[this.#to++] = row;
  }

  take(): number {
    return this.#rows[this.#from++];
  }

  /** Moves up what is left once that is the smaller part; each row is moved once on average. */
  #makeRoom(): void {
    const left = this.#to - this.#from;
    if (left > this.#from) {
      this.#times = room(this.#times, this.#to, this.#to + 1);
      this.#rows = room(this.#rows, this.#to, this.#to + 1);
      return;
    }
    this.#times = closeRanks(this.#times, this.#from, left);
    this.#rows = closeRanks(this.#rows, this.#from, left);
    this.#from = 0;
    this.#to = left;
  }
}

/** A binary heap. */
class Heap {
  #times = new Float64Array(FIRST_ROWS);
  #rows = new Float64Array(FIRST_ROWS);
  #size = 0;

  get first(): Micros {
    return this.#size > 0 ? this.#times[0] : END;
  }

  get row(): number {
    return this.#rows[0];
  }

  add(time: Micros, row: number): void {
    this.#times = room(this.#times, this.#size, this.#size + 1);
    this.#rows = room(this.#rows, this.#size, this.#size + 1);
    const times = this.#times;
    const rows = this.#rows;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // Of equal times the one that is there has the lower number.
      if (times[parent] <= time) break;
      times[at] = times[parent];
      rows[at] = rows[parent];
      at = parent;
    }
    times[at] = time;
    rows[at] = row;
  }

  take(): number {
    const times = this.#times;
    const rows = this.#rows;
    const first = rows[0];
    const size = --this.#size;
    const time = times[size];
    const row = rows[size];
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size && isBefore(times, rows, right, child)) child = right;
      if (times[child] > time || (times[child] === time && rows[child] > row)) break;
      times[at] = times[child];
      rows[at] = rows[child];
      at = child;
    }
    times[at] = time;
    rows[at] = row;
    this.#times = closeRanks(times, 0, size);
    this.#rows = closeRanks(rows, 0, size);
    return first;
  }
}

function isBefore(times: Float64Array, rows: Float64Array, a: number, b: number): boolean {
  return times[a] < times[b] || (times[a] === times[b] && rows[a] < rows[b]);
}
