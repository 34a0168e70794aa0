/**
 * Kept rows of one or two sides, found by a key that all sides share: one table of keys, so a record is
 * looked up once, to be kept on its own side and to find partners on the other. Keys of forgotten rows are
 * cleared away together, when most keys are such.
 */
import type { RowState, StateShape } from '../operators/operator.ts';
import type { Accumulator } from '../sql/accumulator.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Watermark } from '../stream/watermark.ts';
import { type Newest, Side } from './row-side.ts';
import { Table } from './table.ts';

/** So many keys may be there for each row that is kept, and so many more, before they are gone through. */
const KEYS_PER_ROW = 2;
const KEYS_MIN = 4096;
/** A table is used again if it is no larger than this many times what is in use. */
const SPARE_MAX = 8;

export class Rows implements RowState {
  readonly kind = 'rows';
  readonly sides: readonly Side[];
  readonly #types: readonly DataType[];
  readonly #seed: number;
  #keys: Table;
  /** An emptied table for the next clearing: fresh memory is dear. */
  #spare: Table | undefined;

  /** @param seed of the hashes of keys */
  constructor({ keys, sides }: StateShape & { readonly kind: 'rows' }, seed: number) {
    this.#types = keys;
    this.#seed = seed;
    this.sides = sides.map((side, i) => new Side(side, () => newestOf(this.#keys, i)));
    this.#keys = this.#newTable();
  }

  locate(keys: readonly Column[], rows: Int32Array | null, count: number, ids: Int32Array): void {
    // Also here: keys may come of which no row is kept, while no time passes.
    this.#trim();
    this.#keys.locate(keys, rows, count, ids);
  }

  forget(side: number, through: Watermark): void {
    this.sides[side].forget(through);
    this.#trim();
  }

  startOver(): void {
    for (const side of this.sides) side.startOver();
  }

  open(): { readonly windows: number; readonly groups: number; readonly rows: number } {
    return { windows: 0, groups: 0, rows: this.#size };
  }

  get #size(): number {
    let rows = 0;
    for (const side of this.sides) rows += side.size;
    return rows;
  }

  #trim(): void {
    if (this.#keys.size > KEYS_MIN + KEYS_PER_ROW * this.#size) this.#clearKeys();
  }

  #newTable(): Table {
    const newest = this.sides.map(() => 'number' as const);
    return new Table(this.#types, newest, this.#seed);
  }

  /** Enters the keys that still have rows into a new table; rows do not know the ids of their keys. */
  #clearKeys(): void {
    const old = this.#keys;
    const kept = new Uint8Array(old.size);
    this.sides.forEach(({ first }, i) => {
      noteKept(kept, newestOf(old, i).values, first);
    });
    const alive = new Int32Array(old.size);
    let count = 0;
    for (let id = 0; id < old.size; id++) {
      alive[count] = id;
      count += kept[id];
    }
    const keys = this.#spare ?? this.#newTable();
    const ids = new Int32Array(old.size);
    keys.locate(old.keys(), alive, count, ids);
    for (let i = 0; i < this.sides.length; i++) {
      const { values: from } = newestOf(old, i);
      const { values: to } = newestOf(keys, i);
      for (let k = 0; k < count; k++) to[ids[alive[k]]] = from[alive[k]];
    }
    this.#keys = keys;
    // Of keys that were very many for a while no memory stays behind.
    this.#spare = old.size > SPARE_MAX * (KEYS_MIN + count) ? undefined : old;
    this.#spare?.clear();
  }
}

/** Notes keys whose newest row is kept. @param first the number of the first row that is */
function noteKept(kept: Uint8Array, newest: Float64Array, first: number): void {
  const from = +first;
  for (let id = 0; id < kept.length; id++) if (newest[id] > from) kept[id] = 1;
}

function newestOf({ accumulators }: Table, side: number): Newest {
  return accumulators[side] as Accumulator & { readonly kind: 'number' };
}
