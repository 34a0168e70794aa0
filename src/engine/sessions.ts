/**
 * The sessions of one operator. Those of a key never touch each other and are a chain, the newest first, where
 * most records find theirs; a heap knows who ends next. Which session a record joins depends on the records
 * before it alone, never on how they were cut into batches or on what has ended since.
 */
import assert from 'node:assert';
import { gather } from '../operators/gather.ts';
import type { Groups, SessionState, StateShape } from '../operators/operator-state.ts';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { END, type Watermark } from '../stream/watermark.ts';
import { newAccumulator, pickInto } from './accumulators.ts';
import { Changes } from './changes.ts';
import { EndHeap } from './end-heap.ts';
import { KeptRows } from './kept-rows.ts';
import { Lives } from './lives.ts';
import { SessionKeys } from './session-keys.ts';
import { SessionSlots } from './session-slots.ts';

const NONE = -1;

type Shape = StateShape & { readonly kind: 'sessions' };

export class Sessions implements SessionState {
  readonly kind = 'sessions';
  due: Micros = END;
  readonly joining = { into: NONE, gone: NONE };
  readonly rows: KeptRows;
  #shape: Shape;
  readonly #seed: number;
  readonly #keys: SessionKeys;
  readonly #slots: SessionSlots;
  readonly #lives: Lives;
  readonly #ends = new EndHeap();
  readonly #changes = new Changes();
  /** Sessions that have become part of another, by id, until the heap brings them up. */
  readonly #gone = new Set<number>();
  #times: Float64Array = new Float64Array(0);
  #rows: Int32Array | null = null;
  #count = 0;

  constructor(shape: Shape, seed: number) {
    this.#shape = shape;
    this.rows = new KeptRows(shape.columns ?? []);
    this.#seed = seed;
    this.#keys = new SessionKeys(shape.keys, seed);
    this.#slots = new SessionSlots(shape.accumulators, seed);
    this.#lives = new Lives(shape.accumulators.length);
  }

  get accumulators(): readonly Accumulator[] {
    return this.#slots.accumulators;
  }

  get firsts(): Float64Array {
    return this.#slots.firsts;
  }

  get lasts(): Float64Array {
    return this.#slots.lasts;
  }

  get orders(): Float64Array {
    return this.#slots.orders;
  }

  begin(
    keys: readonly Column[],
    times: Float64Array,
    rows: Int32Array | null,
    count: number,
  ): void {
    // Of keys that were refused there may be ever more, and nothing is ever dropped.
    this.#compact();
    this.#keys.locate(keys, rows, count);
    this.#times = times;
    this.#rows = rows;
    this.#count = count;
  }

  place(from: number, ids: Int32Array, most: number): number {
    const { gap, updates } = this.#shape;
    const { ids: keyIds, newest } = this.#keys;
    const times = this.#times;
    const rows = this.#rows;
    const count = this.#count | 0;
    let { firsts, lasts } = this.#slots;
    for (let k = from | 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      const time = times[row];
      const key = keyIds[row];
      let id = newest[key];
      if (id !== NONE && time >= firsts[id] && time <= lasts[id] + gap) {
        if (time > lasts[id]) lasts[id] = time;
      } else {
        if (id === NONE && this.#keys.used >= most) {
          this.joining.into = NONE;
          return k;
        }
        id = this.#find(key, time);
        if (id === NONE) return k;
        ({ firsts, lasts } = this.#slots);
      }
      ids[row] = id;
      if (updates) this.#changes.add(id);
    }
    return count;
  }

  join(): void {
    const { into, gone } = this.joining;
    const { firsts, lasts, older, keys, opened } = this.#slots;
    const key = keys[into];
    const { newest } = this.#keys;
    if (newest[key] === gone) {
      newest[key] = older[gone];
    } else {
      let at = newest[key];
      while (older[at] !== gone) at = older[at];
      older[at] = older[gone];
    }
    firsts[into] = Math.min(firsts[into], firsts[gone]);
    lasts[into] = Math.max(lasts[into], lasts[gone]);
    opened[into] = Math.min(opened[into], opened[gone]);
    this.#changes.remove(gone);
    this.#gone.add(gone);
  }

  pick(ids: Int32Array, count: number): Groups {
    const { accumulators, keys, opened } = this.#slots;
    const keyIds = new Int32Array(count);
    const openedThen = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      keyIds[i] = keys[ids[i]];
      openedThen[i] = opened[ids[i]];
    }
    const picked = accumulators.map((accumulator) => {
      const out = newAccumulator(accumulator.kind, count, this.#seed);
      pickInto(out, accumulator, ids, count);
      return out;
    });
    return {
      size: count,
      accumulators: picked,
      keys: () => this.#keys.columns().map((column) => gather(column, keyIds, count)),
      whole: (accumulator) => this.#lives.allWhole(accumulator, openedThen, count),
    };
  }

  earliestEnd(): Watermark {
    this.#straighten();
    return this.#ends.size === 0 ? END : this.#ends.end;
  }

  ended(mark: Watermark): Int32Array {
    const ids: number[] = [];
    for (let end = this.earliestEnd(); end !== END && end <= mark; end = this.earliestEnd()) {
      ids.push(this.#ends.id);
      this.#ends.pop();
    }
    return Int32Array.from(ids);
  }

  drop(ids: Int32Array): void {
    const { keys, older } = this.#slots;
    const { newest } = this.#keys;
    for (const id of ids) {
      const key = keys[id];
      // Of a key the oldest ends first, so it is the last of the chain.
      if (newest[key] === id) {
        this.#keys.leave(key);
      } else {
        let at = newest[key];
        while (older[at] !== id) at = older[at];
        older[at] = NONE;
      }
      this.#changes.remove(id);
      this.#slots.giveBack(id);
    }
    this.#compact();
  }

  changed(among?: Int32Array): Int32Array {
    const { keys } = this.#slots;
    const isNewest = (id: number): boolean => this.#keys.newest[keys[id]] === id;
    if (among === undefined) return Int32Array.from(this.#changes.take().filter(isNewest));
    const ids = among.filter((id) => this.#changes.has(id) && isNewest(id));
    for (const id of ids) this.#changes.remove(id);
    return ids;
  }

  get hasChanges(): boolean {
    return this.#changes.size > 0;
  }

  newest(): Int32Array {
    const { orders } = this.#slots;
    const ids = this.#keys.newest.filter((id) => id !== NONE);
    return ids.sort((a, b) => orders[a] - orders[b]);
  }

  adapt(accumulators: readonly AccumulatorKind[], from: readonly number[]): void {
    this.#shape = { ...this.#shape, accumulators };
    this.#lives.edit(from);
    this.#slots.adapt(accumulators, from);
  }

  open(): { readonly windows: number; readonly groups: number } {
    const groups = this.#slots.taken - this.#gone.size;
    return { windows: groups, groups };
  }

  #compact(): void {
    if (!this.#keys.compact()) return;
    const { keys, older } = this.#slots;
    for (let key = 0; key < this.#keys.newest.length; key++) {
      for (let id = this.#keys.newest[key]; id !== NONE; id = older[id]) keys[id] = key;
    }
  }

  /** The session that a time joins, widened or new; NONE: two of them, see `joining`. */
  #find(key: number, time: Micros): number {
    const { gap } = this.#shape;
    const { firsts, lasts, older, orders } = this.#slots;
    const { newest } = this.#keys;
    let newer = NONE;
    let id = newest[key];
    while (id !== NONE && firsts[id] > time + gap) {
      newer = id;
      id = older[id];
    }
    if (id === NONE || time > lasts[id] + gap) return this.#add(key, time, newer, id);
    const next = older[id];
    if (next !== NONE && time <= lasts[next] + gap) {
      // The first to come stays, so that its place in the order does.
      const stays = orders[next] < orders[id];
      this.joining.into = stays ? next : id;
      this.joining.gone = stays ? id : next;
      return NONE;
    }
    firsts[id] = Math.min(firsts[id], time);
    lasts[id] = Math.max(lasts[id], time);
    return id;
  }

  #add(key: number, time: Micros, newer: number, next: number): number {
    const id = this.#slots.take(key, time, this.#lives.edits);
    const { older, orders } = this.#slots;
    older[id] = next;
    if (newer === NONE) this.#keys.enter(key, id);
    else older[newer] = id;
    if (this.#shape.gap !== END) this.#ends.push(id, time + this.#shape.gap, orders[id]);
    return id;
  }

  /** Lets the top of the heap be a session that is there, with the end that it has now. */
  #straighten(): void {
    const { lasts } = this.#slots;
    while (this.#ends.size > 0) {
      const { id } = this.#ends;
      if (this.#gone.delete(id)) {
        this.#ends.pop();
        this.#slots.giveBack(id);
        continue;
      }
      const end = lasts[id] + this.#shape.gap;
      if (end === this.#ends.end) return;
      assert(end > this.#ends.end, 'a session never becomes shorter');
      this.#ends.postpone(end);
    }
  }
}
