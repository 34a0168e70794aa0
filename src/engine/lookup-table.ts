/**
 * The rows of a table, found by their key: open addressing with 32-bit slots that hold positions, which are in
 * the order of the file. Fields are typed columns by position. It is filled once and never changed; the hash,
 * seeded like any other, decides where a row lies in the slots and shows in nothing else.
 */
import type { TableRows } from '../operators/table.ts';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Column, NumberColumn } from '../stream/column.ts';
import type { TablePlan } from '../topology/plan.ts';
import { type ColumnStore, columnStore } from './column-store.ts';
import { FIRST_ROWS, room } from './row-arrays.ts';
import { hashKeys, sameKey } from './row-keys.ts';

/** Slots for each row: fuller than half, and probing gets long. */
const SLOTS_PER_ROW = 2;

export class LookupTable implements TableRows {
  size = 0;
  readonly #stores: readonly ColumnStore[];
  readonly #keys: readonly number[];
  readonly #seed: number;
  #columns: readonly Column[];
  /** Position + 1; 0: free. A power of two of them. */
  #slots = new Int32Array(SLOTS_PER_ROW * FIRST_ROWS);
  /** By position. */
  #rowHashes = new Int32Array(FIRST_ROWS);
  /** By row of the batch at hand. */
  readonly #hashes = new Int32Array(BATCH_ROWS_MAX);
  readonly #present = new Int32Array(BATCH_ROWS_MAX);

  /** @param seed 32 bits that every hash begins with */
  constructor({ schema, keys }: Pick<TablePlan, 'schema' | 'keys'>, seed: number) {
    this.#stores = schema.fields.map(({ type }) => columnStore(type));
    this.#keys = keys;
    this.#seed = seed;
    this.#columns = this.#stores.map((store) => store.column());
  }

  /**
   * Adds rows[0..count-1] (null: rows 0..count-1), whose keys are not NULL, behind those there are.
   * @param twice is told of a row whose key one before it has: their positions
   */
  add(
    columns: readonly Column[],
    rows: Int32Array | null,
    count: number,
    twice: (row: number, before: number) => void,
  ): void {
    this.#fit(this.size + count);
    this.#rowHashes = room(this.#rowHashes, this.size, this.size + count);
    for (let i = 0; i < columns.length; i++) this.#stores[i].append(columns[i], rows, count);
    this.#columns = this.#stores.map((store) => store.column());
    const keys = this.#keys.map((key) => columns[key]);
    const hashes = this.#hash(keys, rows, count, this.#hashes);
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      const at = this.size++;
      this.#rowHashes[at] = hashes[row];
      const slot = this.#slotOf(keys, row, hashes[row]);
      if (this.#slots[slot] === 0) this.#slots[slot] = at + 1;
      else twice(at, this.#slots[slot] - 1);
    }
  }

  find(keys: readonly Column[], rows: Int32Array | null, count: number, at: Int32Array): void {
    const hashes = this.#hash(keys, rows, count, this.#hashes);
    const own = this.#columns[this.#keys[0]];
    if (keys.length === 1 && 'values' in own && own.type !== 'boolean') {
      this.#findNumbers(own, keys[0] as NumberColumn, hashes, rows, count, at);
      return;
    }
    const n = count | 0;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      const hash = hashes[row];
      at[row] = hash < 0 ? -1 : this.#slots[this.#slotOf(keys, row, hash)] - 1;
    }
  }

  columns(): readonly Column[] {
    return this.#columns;
  }

  /** The same for a single key that is a number, compared without a call. */
  #findNumbers(
    { values: own }: NumberColumn,
    { values }: NumberColumn,
    hashes: Int32Array,
    rows: Int32Array | null,
    count: number,
    at: Int32Array,
  ): void {
    const n = count | 0;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      const hash = hashes[row];
      if (hash < 0) {
        at[row] = -1;
        continue;
      }
      const value = values[row];
      let slot = hash & mask;
      let found = slots[slot] - 1;
      while (
        found >= 0 &&
        own[found] !== value &&
        !(Number.isNaN(value) && Number.isNaN(own[found]))
      ) {
        slot = (slot + 1) & mask;
        found = slots[slot] - 1;
      }
      at[row] = found;
    }
  }

  /** The slot of the row that has this key, or the free one where it would be. */
  #slotOf(keys: readonly Column[], row: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let at = slots[slot] - 1; at >= 0; at = slots[slot] - 1) {
      if (this.#rowHashes[at] === hash && this.#has(at, keys, row)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #has(at: number, keys: readonly Column[], row: number): boolean {
    for (let i = 0; i < keys.length; i++) {
      if (!sameKey(this.#columns[this.#keys[i]], at, keys[i], row)) return false;
    }
    return true;
  }

  /** Hashes of keys, not negative; -1 where a part of the key is NULL. */
  #hash(
    keys: readonly Column[],
    rows: Int32Array | null,
    count: number,
    hashes: Int32Array,
  ): Int32Array {
    let some = rows;
    let left = count;
    for (const { valid } of keys) {
      if (valid === null) continue;
      let present = 0;
      for (let k = 0; k < left; k++) {
        const row = some === null ? k : some[k];
        if (valid[row] === 1) this.#present[present++] = row;
        else hashes[row] = -1;
      }
      some = this.#present;
      left = present;
    }
    hashKeys(keys, this.#seed, some, left, hashes);
    return hashes;
  }

  /** Sees to it that there are slots for so many rows. */
  #fit(rows: number): void {
    let length = this.#slots.length;
    while (length < SLOTS_PER_ROW * rows) length *= 2;
    if (length === this.#slots.length) return;
    const slots = new Int32Array(length);
    const mask = length - 1;
    for (let at = 0; at < this.size; at++) {
      let slot = this.#rowHashes[at] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = at + 1;
    }
    this.#slots = slots;
  }
}
