/**
 * Rows of one side of a join, in order of arrival. They are numbered for ever; a position is a number less the
 * number of the row at position 0. The rows of a bucket of hashes are chained from the newest back: each knows how
 * far before it the next older one lies, so nothing changes in the chains when rows in front are forgotten.
 *
 * Rows up to the floor are forgotten: no one finds them. They go by segment, once the floor has passed all of it.
 * Where only the newest row of a key is wanted, those that another has taken the place of go once they are the
 * larger part.
 */
import assert from 'node:assert';
import type { Candidates, KeyedRows, RowSide, RowSideShape } from '../operators/operator-state.ts';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Column, NumberColumn } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import { ByTime } from './by-time.ts';
import { type ColumnStore, columnStore, pickStores } from './column-store.ts';
import { appendFlags, closeRanks, FIRST_ROWS, room } from './row-arrays.ts';
import type { Heads } from './row-heads.ts';
import { RowKeys } from './row-keys.ts';

/** Rows that are forgotten together: few enough that what is kept too long is little. */
const SEGMENT_ROWS = 1024;

export class Side implements RowSide {
  floor: Watermark = BEGINNING;
  times = new Float64Array(FIRST_ROWS);
  matched = new Uint8Array(FIRST_ROWS);
  /** Of each row its hash, and how many rows before it the next older row of its chain lies; 0: none does. */
  #links = new Int32Array(2 * FIRST_ROWS);
  readonly #keys: RowKeys;
  readonly #types: readonly DataType[];
  #columns: readonly ColumnStore[];
  readonly #heads: Heads;
  /** Its place among the sides of the heads; negative: it has none, and its rows no hashes. */
  readonly place: number;
  /** Rows without a partner; undefined: nobody asks for them. */
  readonly #waiting: ByTime | undefined;
  /** By position: another row of the key has taken its place; undefined: all rows are wanted. */
  #replaced: Uint8Array<ArrayBuffer> | undefined;
  /** How many rows of those that are kept have been replaced. */
  #stale = 0;
  /** The number of the row at position 0. They count from 1, as a head that is 0 names none. */
  #base = 1;
  /** Positions below are forgotten: whole segments. */
  #gone = 0;
  #used = 0;
  /** The greatest time of each segment, from position 0 on. */
  #latest: number[] = [];

  /** Rows of a batch whose chain begins with a kept row, as places among its rows, and where it begins. */
  readonly #asking = new Int32Array(BATCH_ROWS_MAX);
  readonly #starts = new Int32Array(BATCH_ROWS_MAX);

  /** @param place see `place` */
  constructor(
    { columns, expires, found }: RowSideShape,
    keys: readonly DataType[],
    heads: Heads,
    place: number,
  ) {
    this.#types = columns;
    this.#columns = columns.map(columnStore);
    this.#replaced = found === 'newest' ? new Uint8Array(FIRST_ROWS) : undefined;
    this.#waiting = expires ? new ByTime() : undefined;
    this.#keys = new RowKeys(keys);
    this.#heads = heads;
    this.place = place;
  }

  get size(): number {
    return this.#used - this.#gone - this.#stale;
  }

  find(
    batch: KeyedRows,
    low: Micros,
    high: Micros,
    into: Candidates,
    enough: number,
    each: number,
  ): void {
    const { keys, hashes, times, rows, count } = batch;
    const asking = this.#begin(batch, into.next);
    const own = keys.length === 1 && keys[0].valid === null ? this.#keys.numbers : null;
    const values = own === null ? null : (keys[0] as NumberColumn).values;
    const kept = this.times;
    const links = this.#links;
    const gone = this.#gone | 0;
    const remembered = this.floor + 1;
    let { probing, kept: found, count: pairs } = into;
    into.next = count;
    for (let i = 0; i < asking; i++) {
      if (pairs >= enough) {
        into.next = this.#asking[i];
        break;
      }
      const row = rows === null ? this.#asking[i] : rows[this.#asking[i]];
      const hash = hashes[row];
      const least = Math.max(remembered, times[row] + low);
      const most = times[row] + high;
      const first = pairs;
      for (let at = this.#starts[i]; ; ) {
        if (
          links[2 * at] === hash &&
          kept[at] >= least &&
          kept[at] <= most &&
          ((own !== null && values !== null && own[at] === values[row]) ||
            this.#keys.has(at, keys, row))
        ) {
          if (pairs === found.length) {
            probing = room(probing, pairs, pairs + 1);
            found = room(found, pairs, pairs + 1);
          }
          probing[pairs] = row;
          found[pairs++] = at;
          if (pairs - first === each) break;
        }
        const step = links[2 * at + 1];
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
  }

  newest(batch: KeyedRows, row: number): Micros {
    const at = this.#newestAt(batch, row);
    return at >= 0 && this.times[at] > this.floor ? this.times[at] : BEGINNING;
  }

  renew(batch: KeyedRows, row: number): boolean {
    assert(this.#waiting === undefined, 'rows that wait have a place in time');
    const at = this.#newestAt(batch, row);
    const segment = this.#latest.length - 1;
    // Of an older segment it would keep all other rows.
    if (at < segment * SEGMENT_ROWS || at < 0) return false;
    const time = batch.times[row];
    this.times[at] = time;
    if (time > this.#latest[segment]) this.#latest[segment] = time;
    return true;
  }

  append(batch: KeyedRows, columns: readonly Column[], matched: Uint8Array | null): void {
    const { keys, rows, count } = batch;
    if (count === 0) return;
    const end = this.#used + count;
    this.times = room(this.times, this.#used, end);
    this.matched = room(this.matched, this.#used, end);
    this.#links = room(this.#links, 2 * this.#used, 2 * end);
    this.#enter(batch);
    this.#keys.append(keys, rows, count);
    for (let i = 0; i < columns.length; i++) this.#columns[i].append(columns[i], rows, count);
    if (matched === null) this.matched.fill(0, this.#used, end);
    else appendFlags(this.matched, this.#used, matched, rows, count);
    const from = this.#used;
    this.#used = end;
    this.#note(from);
    this.#replace(from);
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

  /** Chains all rows anew, in heads that are empty. */
  rechain(): void {
    this.#chain(this.#gone, this.#used);
  }

  forget(through: Watermark): void {
    if (this.#stale > SEGMENT_ROWS && this.#stale > this.size) this.#thin();
    if (through <= this.floor) return;
    this.floor = through;
    let segment = this.#gone / SEGMENT_ROWS;
    while (segment < this.#latest.length && this.#latest[segment] <= through) segment++;
    const before = this.#gone;
    this.#gone = Math.min(segment * SEGMENT_ROWS, this.#used);
    for (let at = before; this.#stale > 0 && at < this.#gone; at++) {
      this.#stale -= this.#replaced?.[at] ?? 0;
    }
    // Each row is moved once on average: what moves up is no more than what goes.
    if (this.#gone > 0 && this.#gone >= this.#used - this.#gone) this.#close();
  }

  /** The position of the newest row, by arrival, of a key; -1: none is there. */
  #newestAt({ keys, hashes }: KeyedRows, row: number): number {
    const hash = hashes[row];
    const { values, mask, sides } = this.#heads;
    let at = (values[(hash & mask) * sides + this.place] - this.#base) | 0;
    if (at >= this.#used) return -1;
    while (at >= this.#gone) {
      if (this.#links[2 * at] === hash && this.#keys.has(at, keys, row)) return at;
      const step = this.#links[2 * at + 1];
      if (step === 0) break;
      at -= step;
    }
    return -1;
  }

  /**
   * Looks up where the chains of a batch's rows begin, from the from-th on. Apart from following them: so memory
   * is waited for once and not row by row. @returns how many have one
   */
  #begin({ hashes, rows, count }: KeyedRows, from: number): number {
    const { values, mask, sides } = this.#heads;
    const n = count | 0;
    const side = this.place | 0;
    const base = this.#base | 0;
    const gone = this.#gone | 0;
    const last = (this.#used - 1) | 0;
    if (last < gone) return 0;
    let asking = 0;
    for (let k = from | 0; k < n; k++) {
      const hash = hashes[rows === null ? k : rows[k]];
      const at = (values[Math.imul(hash & mask, sides) + side] - base) | 0;
      this.#asking[asking] = k;
      this.#starts[asking] = at;
      // Counts where none of the three is negative; a difference that is too large for 32 bits makes the other so.
      asking += ((hash | (at - gone) | (last - at)) >>> 31) ^ 1;
    }
    return asking;
  }

  /** Puts times and hashes of new rows behind the others, and chains them. */
  #enter({ hashes, times, rows, count }: KeyedRows): void {
    const own = this.times;
    const links = this.#links;
    const used = this.#used | 0;
    const n = count | 0;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      own[used + k] = times[row];
      links[2 * (used + k)] = hashes[row];
    }
    this.#chain(used, used + n);
  }

  /** Makes rows first..end-1, in their order, the newest of their chains. */
  #chain(first: number, end: number): void {
    const { values, mask, sides } = this.#heads;
    const links = this.#links;
    const side = this.place | 0;
    const base = this.#base | 0;
    const gone = this.#gone | 0;
    const last = end | 0;
    for (let at = first | 0; at < last; at++) {
      const hash = links[2 * at];
      links[2 * at + 1] = 0;
      if (hash < 0) continue;
      const place = Math.imul(hash & mask, sides) + side;
      const before = (values[place] - base) | 0;
      if (before >= gone && before < at) links[2 * at + 1] = at - before;
      values[place] = base + at;
    }
  }

  /** Enters new rows where time will find them. */
  #note(from: number): void {
    const { times } = this;
    const latest = this.#latest;
    for (let at = from; at < this.#used; ) {
      const segment = Math.floor(at / SEGMENT_ROWS);
      const end = Math.min(this.#used, (segment + 1) * SEGMENT_ROWS);
      let most = segment < latest.length ? latest[segment] : BEGINNING;
      for (; at < end; at++) if (times[at] > most) most = times[at];
      latest[segment] = most;
    }
    if (this.#waiting === undefined) return;
    for (let at = from; at < this.#used; at++) {
      if (this.matched[at] === 0) this.#waiting.add(times[at], this.#base + at);
    }
  }

  /** Notes of new rows whose place they take; a row that no one can find is of no use at all. */
  #replace(from: number): void {
    if (this.#replaced === undefined) return;
    const replaced = room(this.#replaced, from, this.#used);
    replaced.fill(0, from, this.#used);
    this.#replaced = replaced;
    const links = this.#links;
    for (let at = from; at < this.#used; at++) {
      const hash = links[2 * at];
      let older = at;
      while (hash >= 0) {
        const step = links[2 * older + 1];
        older -= step;
        if (step === 0 || older < this.#gone) break;
        if (links[2 * older] !== hash || !this.#keys.same(at, older)) continue;
        replaced[older] = 1;
        this.#stale++;
        break;
      }
      if (hash >= 0) continue;
      replaced[at] = 1;
      this.#stale++;
    }
  }

  /** Forgets the rows that have been replaced. Each is paid for by one that took its place. */
  #thin(): void {
    const { times } = this;
    const links = this.#links;
    const kept = new Int32Array(this.size);
    let count = 0;
    for (let at = this.#gone; at < this.#used; at++) {
      if (this.#replaced?.[at] === 0) kept[count++] = at;
    }
    this.times = new Float64Array(Math.max(FIRST_ROWS, count));
    this.#links = new Int32Array(2 * this.times.length);
    for (let k = 0; k < count; k++) {
      this.times[k] = times[kept[k]];
      this.#links[2 * k] = links[2 * kept[k]];
    }
    this.matched = new Uint8Array(this.times.length);
    this.#replaced = new Uint8Array(this.times.length);
    this.#stale = 0;
    this.#keys.pick(kept, count);
    this.#columns = pickStores(this.#types, this.#columns, kept, count);
    // None of the numbers from before is used again: what still names them names no row.
    this.#base += this.#used;
    this.#gone = 0;
    this.#used = count;
    this.#latest = [];
    this.#note(0);
    this.rechain();
  }

  /** Moves what is kept to the front. */
  #close(): void {
    const gone = this.#gone;
    const left = this.#used - gone;
    this.times = closeRanks(this.times, gone, left);
    this.matched = closeRanks(this.matched, gone, left);
    this.#links = closeRanks(this.#links, 2 * gone, 2 * left);
    if (this.#replaced !== undefined) this.#replaced = closeRanks(this.#replaced, gone, left);
    this.#keys.drop(gone);
    for (const store of this.#columns) store.drop(gone);
    this.#latest = this.#latest.slice(Math.ceil(gone / SEGMENT_ROWS));
    this.#base += gone;
    this.#gone = 0;
    this.#used = left;
  }
}
