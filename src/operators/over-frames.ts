/**
 * Which rows are taken together with one, and the aggregates over them. The rows of a group are chained, so a
 * frame is a walk back from its newest row; it is computed anew for each record, in order of time, so that the
 * bits of a sum depend on its records alone.
 */
import type { AccumulatorKind } from '../sql/accumulator.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { END, type Watermark } from '../stream/watermark.ts';
import { type CallColumns, Calls, kindsOf } from './aggregate-calls.ts';
import { Gatherer } from './gather.ts';
import type { Groups } from './operator-state.ts';
import type { Checked, Frame } from './over-check.ts';
import { type CallPlaces, IN_FRAME } from './over-layout.ts';
import { type SeriesState, WAITING } from './series-state.ts';

/** Rows of frames that are taken in at once: columns of so many stay in the caches. */
const PAIRS = 16_384;

export class Frames {
  readonly #frame: Frame;
  readonly #state: SeriesState;
  readonly #calls: Calls;
  readonly #kinds: readonly AccumulatorKind[];
  readonly #places: readonly CallPlaces[];
  /** By place; those that no call reads have nothing to do. */
  readonly #gatherers: readonly Gatherer[];
  /** Rows of frames, and by place among the rows at hand whose frame it is. */
  readonly #members = new Int32Array(PAIRS);
  readonly #of = new Int32Array(PAIRS);
  /** The number of each in its frame, the oldest being the first. */
  readonly #numbers = new Float64Array(PAIRS);
  readonly #numbered: Column = { type: 'long', values: this.#numbers, valid: null };
  #pairs = 0;
  /** Of one frame, the newest first. */
  #walk = new Int32Array(64);

  /** @param places by call, where what it reads is kept */
  constructor({ frame, calls }: Checked, places: readonly CallPlaces[], state: SeriesState) {
    this.#frame = frame;
    this.#state = state;
    this.#calls = new Calls(calls);
    this.#kinds = calls.flatMap(kindsOf);
    this.#places = places;
    this.#gatherers = state.columns().map(() => new Gatherer());
  }

  /**
   * @param rows that have passed
   * @param heads by place among them: the newest row of its frame
   * @returns the results of all aggregates for each row
   */
  compute(rows: Int32Array, heads: Int32Array): readonly Column[] {
    const kept = this.#state.columns();
    const groups = this.#state.frames(this.#kinds, rows.length);
    this.#pairs = 0;
    for (let i = 0; i < rows.length; i++) {
      const members = this.#walkBack(heads[i], this.#state.times[rows[i]], 0);
      for (let k = members - 1; k >= 0; k--) {
        if (this.#pairs === PAIRS) this.#flush(groups, kept);
        this.#members[this.#pairs] = this.#walk[k];
        this.#numbers[this.#pairs] = members - k;
        this.#of[this.#pairs++] = i;
      }
    }
    this.#flush(groups, kept);
    return this.#calls.finish(groups);
  }

  /** The newest row of each row's frame: itself, or with a range the last of its group that has its time. */
  heads(rows: Int32Array): Int32Array {
    if (this.#frame.kind === 'rows') return rows;
    const { groups, times } = this.#state;
    const last = new Map<number, number>();
    const heads = new Int32Array(rows.length);
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i];
      const head = last.get(groups[row]);
      heads[i] = head !== undefined && times[head] === times[row] ? head : row;
      last.set(groups[row], heads[i]);
    }
    return heads;
  }

  /** @returns rows that wait, or that the frame of a later record may hold; ascending */
  needed(mark: Watermark): Int32Array {
    const { size, previous, newest } = this.#state;
    const isNeeded = new Uint8Array(size);
    for (let row = 0; row < size; row++) if (previous[row] === WAITING) isNeeded[row] = 1;
    for (const row of newest) {
      // As if the next record had the least time that it can have, which is just above the mark.
      const members = row < 0 ? 0 : this.#walkBack(row, mark + 1, 1);
      for (let k = 0; k < members; k++) isNeeded[this.#walk[k]] = 1;
    }
    const needed = new Int32Array(size);
    let count = 0;
    for (let row = 0; row < size; row++) if (isNeeded[row] === 1) needed[count++] = row;
    return needed.subarray(0, count);
  }

  /**
   * Walks back from `head` through the frame of a record of that time.
   * @param members that the frame has already
   * @returns how many there are in it besides
   */
  #walkBack(head: number, time: Micros, members: number): number {
    const { times, previous } = this.#state;
    const most = this.#frame.kind === 'rows' ? this.#frame.rows - members : END;
    const span = this.#frame.kind === 'rows' ? this.#frame.retention : this.#frame.range;
    let later = time;
    let count = 0;
    for (let at = head; at >= 0 && count < most && !(later - times[at] > span); ) {
      if (count === this.#walk.length) this.#grow();
      this.#walk[count++] = at;
      // A retention is that of one record after the other, a range is counted from the last of them.
      if (this.#frame.kind === 'rows') later = times[at];
      at = previous[at];
    }
    return count;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#walk.length);
    larger.set(this.#walk);
    this.#walk = larger;
  }

  #flush(groups: Groups, kept: readonly Column[]): void {
    const count = this.#pairs;
    if (count === 0) return;
    const gathered = new Map<number, Column>([[IN_FRAME, this.#numbered]]);
    const columnAt = (place: number): Column => {
      const column =
        gathered.get(place) ?? this.#gatherers[place].gather(kept[place], this.#members, count);
      gathered.set(place, column);
      return column;
    };
    this.#calls.take(
      this.#places.map(
        ({ args, filter }): CallColumns => ({
          args: args.map(columnAt),
          filter: filter === undefined ? undefined : columnAt(filter),
        }),
      ),
    );
    this.#calls.update(groups, { rows: null, count, ids: this.#of });
    this.#pairs = 0;
  }
}
