/**
 * Rows of groups that pass in order of time, in one list; the rows of a group are chained from the newest back.
 * What is forgotten leaves gaps that are closed at once: then positions, chains and groups are made anew.
 */
import { gather } from '../operators/gather.ts';
import type { Groups } from '../operators/operator-state.ts';
import { NONE, type SeriesShape, type SeriesState, WAITING } from '../operators/series-state.ts';
import type { AccumulatorKind } from '../sql/accumulator.ts';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { END, type Watermark } from '../stream/watermark.ts';
import { newAccumulator } from './accumulators.ts';
import { ByTime } from './by-time.ts';
import { KeptRows } from './kept-rows.ts';
import { FIRST_ROWS, room } from './row-arrays.ts';
import { Table } from './table.ts';

export class Series implements SeriesState {
  readonly kind = 'series';
  times = new Float64Array(FIRST_ROWS);
  previous = new Int32Array(FIRST_ROWS);
  groups = new Int32Array(FIRST_ROWS);
  readonly #keys: readonly DataType[];
  readonly #seed: number;
  readonly #rows: KeptRows;
  #table: Table;
  #newest = new Int32Array(0);
  #waiting = new ByTime();
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);

  constructor({ keys, columns }: SeriesShape, seed: number) {
    this.#keys = keys;
    this.#seed = seed;
    this.#rows = new KeptRows(columns);
    this.#table = this.#newTable();
  }

  get size(): number {
    return this.#rows.size;
  }

  get grown(): boolean {
    return this.#rows.grown;
  }

  get newest(): Int32Array {
    return this.#newest.subarray(0, this.#table.size);
  }

  columns(): readonly Column[] {
    return this.#rows.columns();
  }

  keys(): readonly Column[] {
    return this.#table.keys();
  }

  append(
    keys: readonly Column[],
    columns: readonly Column[],
    times: Float64Array,
    rows: Int32Array | null,
    count: number,
  ): void {
    const before = this.#table.size;
    this.#table.locate(keys, rows, count, this.#ids);
    this.#newest = room(this.#newest, before, this.#table.size);
    this.#newest.fill(NONE, before, this.#table.size);
    const first = this.#rows.size;
    this.#rows.append(columns, rows, count);
    this.times = room(this.times, first, first + count);
    this.previous = room(this.previous, first, first + count);
    this.groups = room(this.groups, first, first + count);
    this.previous.fill(WAITING, first, first + count);
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      this.times[first + k] = times[row];
      this.groups[first + k] = this.#ids[row];
      this.#waiting.add(times[row], first + k);
    }
  }

  earliest(): Micros {
    return this.#waiting.first;
  }

  take(through: Watermark): Int32Array {
    let taken = new Int32Array(FIRST_ROWS);
    let count = 0;
    while (this.#waiting.first <= through && this.#waiting.first !== END) {
      taken = room(taken, count, count + 1);
      taken[count++] = this.#waiting.take();
    }
    return taken.subarray(0, count);
  }

  pass(rows: Int32Array): void {
    for (const row of rows) {
      const group = this.groups[row];
      this.previous[row] = this.#newest[group];
      this.#newest[group] = row;
    }
  }

  keep(at: Int32Array, count: number): void {
    const places = new Int32Array(this.size).fill(NONE);
    for (let i = 0; i < count; i++) places[at[i]] = i;
    const [times, previous, groups] = [this.times, this.previous, this.groups];
    this.times = new Float64Array(Math.max(FIRST_ROWS, 2 * count));
    this.previous = new Int32Array(this.times.length);
    this.groups = new Int32Array(this.times.length);
    this.#waiting = new ByTime();
    for (let i = 0; i < count; i++) {
      const before = previous[at[i]];
      this.times[i] = times[at[i]];
      this.groups[i] = groups[at[i]];
      this.previous[i] = before < 0 ? before : places[before];
      if (before === WAITING) this.#waiting.add(this.times[i], i);
    }
    this.#rows.keep(at, count);
    this.#keepGroups(places, count);
  }

  frames(kinds: readonly AccumulatorKind[], size: number): Groups {
    const accumulators = kinds.map((kind) => newAccumulator(kind, size, this.#seed));
    return { size, accumulators, keys: () => [], whole: () => null };
  }

  open(): { readonly windows: number; readonly groups: number; readonly rows: number } {
    return { windows: 0, groups: this.#table.size, rows: this.size };
  }

  /** @param places where each former row is now; NONE: nowhere */
  #keepGroups(places: Int32Array, count: number): void {
    const newest = this.newest;
    const former = this.#table.keys();
    const used = new Uint8Array(newest.length);
    for (let row = 0; row < count; row++) used[this.groups[row]] = 1;
    const kept = new Int32Array(newest.length);
    let groups = 0;
    for (let group = 0; group < used.length; group++) if (used[group] === 1) kept[groups++] = group;
    this.#table = this.#newTable();
    const ids = new Int32Array(groups);
    const keys = former.map((key) => gather(key, kept, groups));
    this.#table.locate(keys, null, groups, ids);
    this.#newest = new Int32Array(groups);
    const renamed = new Int32Array(newest.length);
    for (let i = 0; i < groups; i++) {
      const last = newest[kept[i]];
      renamed[kept[i]] = ids[i];
      this.#newest[ids[i]] = last < 0 ? NONE : places[last];
    }
    for (let row = 0; row < count; row++) this.groups[row] = renamed[this.groups[row]];
  }

  #newTable(): Table {
    return new Table(this.#keys, [], this.#seed);
  }
}
