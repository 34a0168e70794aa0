/**
 * Rows of one side of a join, in order of arrival. They are numbered for ever; a position is a number less the
 * number of the row at position 0. The rows of a key are chained from the newest back: each knows how far
 * before it the next older one lies, so nothing changes in the chains when rows in front are forgotten.
 *
 * Rows up to the floor are forgotten: no one finds them. They go by segment, once the floor has passed all of it.
 */
import type { Candidates, KeyedRows, RowSide, RowSideShape } from '../operators/operator.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import { ByTime } from './by-time.ts';
import { type ColumnStore, columnStore } from './column-store.ts';
import { closeRanks, FIRST_ROWS, room } from './row-arrays.ts';

/** Rows that are forgotten together: few enough that what is kept too long is little. */
const SEGMENT_ROWS = 1024;

/** By key id, the number of its newest row plus 1; 0: there is none. */
export interface Newest {
  values: Float64Array;
}

export class Side implements RowSide {
  floor: Watermark = BEGINNING;
  times = new Float64Array(FIRST_ROWS);
  matched = new Uint8Array(FIRST_ROWS);
  /** How many rows before it the next older row of its key lies; 0: none does. */
  #back = new Int32Array(FIRST_ROWS);
  readonly #columns: readonly ColumnStore[];
  readonly #newest: () => Newest;
  /** Rows without a partner; undefined: nobody asks for them. */
  readonly #waiting: ByTime | undefined;
  /** The number of the row at position 0. */
  #base = 0;
  /** Positions below are forgotten: whole segments. */
  #gone = 0;
  #used = 0;
  /** The greatest time of each segment, from position 0 on. */
  #latest: number[] = [];

  /** @param newest of the keys there are at the moment */
  constructor({ columns, expires }: RowSideShape, newest: () => Newest) {
    this.#columns = columns.map(columnStore);
    this.#waiting = expires ? new ByTime() : undefined;
    this.#newest = newest;
  }

  get size(): number {
    return this.#used - this.#gone;
  }

  find(
    { ids, times, rows, count }: KeyedRows,
    low: Micros,
    high: Micros,
    into: Candidates,
    enough: number,
    each: number,
  ): void {
    const newest = this.#newest().values;
    const kept = this.times;
    const back = this.#back;
    const base = +this.#base;
    const gone = this.#gone | 0;
    const remembered = this.floor + 1;
    let { probing, kept: found, count: pairs, next } = into;
    for (; next < count && pairs < enough; next++) {
      const row = rows === null ? next : rows[next];
      const id = ids[row];
      if (id < 0) continue;
      const start = newest[id] - 1 - base;
      if (start < gone) continue;
      let at = start | 0;
      const least = Math.max(remembered, times[row] + low);
      const most = times[row] + high;
      const first = pairs;
      for (;;) {
        if (kept[at] >= least && kept[at] <= most) {
          if (pairs === found.length) {
            probing = room(probing, pairs, pairs + 1);
            found = room(found, pairs, pairs + 1);
          }
          probing[pairs] = row;
          found[pairs++] = at;
          if (pairs - first === each) break;
        }
        const step = back[at];
        if (step === 0 || at - step < gone) break;
        at -= step;
      }
      // Chains go back in time; pairs leave in order of arrival.
      for (let a = first, b = pairs - 1; a < b; a++, b--) {
        const other = found[a];
        found[a] = found[b];
        found[b] = other;
      }
    }
    into.probing = probing;
    into.kept = found;
    into.count = pairs;
    into.next = next;
  }

  newest(id: number): Micros {
    const at = this.#newest().values[id] - 1 - this.#base;
    return at >= this.#gone && this.times[at] > this.floor ? this.times[at] : BEGINNING;
  }

  append(batch: KeyedRows, columns: readonly Column[], matched: Uint8Array | null): void {
    const { rows, count } = batch;
    if (count === 0) return;
    const end = this.#used + count;
    this.times = room(this.times, this.#used, end);
    this.matched = room(this.matched, this.#used, end);
    this.#back = room(this.#back, this.#used, end);
    this.#chain(batch);
    for (let i = 0; i < columns.length; i++) this.#columns[i].append(columns[i], rows, count);
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      this.matched[this.#used + k] = matched === null ? 0 : matched[row];
    }
    const from = this.#used;
    this.#used = end;
    this.#note(from);
  }

  columns(): readonly Column[] {
    return this.#columns.map((store) => store.column());
  }

  expired(through: Watermark): Int32Array {
    const waiting = this.#waiting;
    let positions = new Int32Array(FIRST_ROWS);
    let count = 0;
    if (waiting === undefined) return positions.subarray(0, 0);
    while (waiting.first <= through && waiting.first !== END) {
      const at = waiting.take() - this.#base;
      if (this.matched[at] === 1) continue;
      positions = room(positions, count, count + 1);
      positions[count++] = at;
    }
    return positions.subarray(0, count);
  }

  earliest(): Micros {
    const segment = this.#gone / SEGMENT_ROWS;
    const forgotten = segment < this.#latest.length ? this.#latest[segment] : END;
    return this.#waiting === undefined ? forgotten : Math.min(forgotten, this.#waiting.first);
  }

  /** After a bounded run time starts over: nothing that comes now has been forgotten before. */
  startOver(): void {
    this.floor = BEGINNING;
  }

  /** The number of the first row that is kept. */
  get first(): number {
    return this.#base + this.#gone;
  }

  forget(through: Watermark): void {
    if (through <= this.floor) return;
    this.floor = through;
    let segment = this.#gone / SEGMENT_ROWS;
    while (segment < this.#latest.length && this.#latest[segment] <= through) segment++;
    this.#gone = Math.min(segment * SEGMENT_ROWS, this.#used);
    // Each row is moved once on average: what moves up is no more than what goes.
    if (this.#gone > 0 && this.#gone >= this.#used - this.#gone) this.#close();
  }

  #chain({ ids, times, rows, count }: KeyedRows): void {
    const newest = this.#newest().values;
    const own = this.times;
    const back = this.#back;
    const used = this.#used | 0;
    const base = +this.#base;
    const gone = this.#gone | 0;
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      const at = used + k;
      own[at] = times[row];
      const id = ids[row];
      back[at] = 0;
      if (id < 0) continue;
      const before = newest[id] - 1 - base;
      if (before >= gone) back[at] = at - before;
      newest[id] = base + at + 1;
    }
  }

  /** Enters new rows where time will find them. */
  #note(from: number): void {
    const { times } = this;
    const latest = this.#latest;
    for (let at = from; at < this.#used; at++) {
      const segment = Math.floor(at / SEGMENT_ROWS);
      if (segment === latest.length) latest.push(times[at]);
      else if (times[at] > latest[segment]) latest[segment] = times[at];
    }
    if (this.#waiting === undefined) return;
    for (let at = from; at < this.#used; at++) {
      if (this.matched[at] === 0) this.#waiting.add(times[at], this.#base + at);
    }
  }

  /** Moves what is kept to the front. */
  #close(): void {
    const gone = this.#gone;
    const left = this.#used - gone;
    this.times = closeRanks(this.times, gone, left);
    this.matched = closeRanks(this.matched, gone, left);
    this.#back = closeRanks(this.#back, gone, left);
    for (const store of this.#columns) store.drop(gone);
    this.#latest = this.#latest.slice(Math.ceil(gone / SEGMENT_ROWS));
    this.#base += gone;
    this.#gone = 0;
    this.#used = left;
  }
}
