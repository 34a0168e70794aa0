/**
 * Groups by key: open addressing with 32-bit slots that hold group ids, which are dense and in order of
 * first arrival. Keys and accumulators are typed columns indexed by id. The hash decides where a group lies
 * in the slots and shows in nothing else; it is seeded, so that nobody outside can choose keys that collide.
 */
import type { GroupTable } from '../operators/operator-state.ts';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { Column, NumberColumn, StringColumn, Validity } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { clearAccumulator, growAccumulator, newAccumulator, rearrange } from './accumulators.ts';
import { KeptRows } from './kept-rows.ts';
import type { NumberKeys } from './key-numbers.ts';
import { FIRST_GROUPS } from './key-presence.ts';
import { type KeyStore, keyStore } from './key-store.ts';
import { sameBytes, type TextKeys } from './key-texts.ts';
import { Lives } from './lives.ts';

/** Slots for each group there is room for: fuller than half, and probing gets long. */
const SLOTS_PER_GROUP = 2;

export class Table implements GroupTable {
  size = 0;
  accumulators: readonly Accumulator[];
  /** Edits that lay behind when its first group came. */
  opened = 0;
  rows: KeptRows;
  readonly #columns: readonly DataType[];
  readonly #lives: Lives;
  readonly #keys: readonly KeyStore[];
  readonly #seed: number;
  /** Group id + 1; 0: free. A power of two of them. */
  #slots = new Int32Array(SLOTS_PER_GROUP * FIRST_GROUPS);
  /** By group id; as long as there is room for groups. */
  #groupHashes = new Int32Array(FIRST_GROUPS);
  /** By row of the batch at hand. */
  #hashes = new Int32Array(0);

  /**
   * @param seed 32 bits that every hash begins with
   * @param lives of the accumulators, shared by all tables of one state
   * @param columns of rows that are kept beside the groups
   */
  constructor(
    keys: readonly DataType[],
    accumulators: readonly AccumulatorKind[],
    seed: number,
    lives = new Lives(accumulators.length),
    columns: readonly DataType[] = [],
  ) {
    this.#columns = columns;
    this.rows = new KeptRows(columns);
    this.#keys = keys.map(keyStore);
    this.accumulators = accumulators.map((kind) => newAccumulator(kind, FIRST_GROUPS, seed));
    this.#seed = seed;
    this.#lives = lives;
    this.opened = lives.edits;
  }

  locate(keys: readonly Column[], rows: Int32Array | null, count: number, ids: Int32Array): void {
    if (count === 0) return;
    this.#hash(keys, rows, count);
    const [store] = this.#keys;
    const [column] = keys;
    // Without a NULL on either side, a single key is compared without asking for it.
    const plain = keys.length === 1 && column.valid === null && !store.presence.nulls;
    if (plain && store.kind === 'numbers') {
      this.#locateNumbers(store, column as NumberColumn, rows, count, ids);
    } else if (plain && store.kind === 'texts') {
      this.#locateTexts(store, column as StringColumn, rows, count, ids);
    } else {
      this.#locateAny(keys, rows, count, ids);
    }
  }

  keys(): readonly Column[] {
    return this.#keys.map((store) => store.column());
  }

  whole(accumulator: number): Validity {
    if (this.#lives.whole(accumulator, this.opened)) return null;
    return new Uint8Array(this.size);
  }

  /** See `EngineState`. */
  adapt(kinds: readonly AccumulatorKind[], from: readonly number[]): void {
    const room = this.#groupHashes.length;
    this.accumulators = rearrange(this.accumulators, kinds, from, room, this.#seed);
  }

  /** Empty again, its memory kept for the next window. */
  clear(): void {
    this.#slots.fill(0);
    for (const store of this.#keys) store.clear();
    for (const accumulator of this.accumulators) clearAccumulator(accumulator, 0, this.size);
    if (this.rows.size > 0) this.rows = new KeptRows(this.#columns);
    this.size = 0;
    this.opened = this.#lives.edits;
  }

  #hash(keys: readonly Column[], rows: Int32Array | null, count: number): void {
    const end = rows === null ? count : rows[count - 1] + 1;
    if (this.#hashes.length < end) this.#hashes = new Int32Array(2 * end);
    this.#hashes.fill(this.#seed, 0, end);
    for (let i = 0; i < keys.length; i++) this.#keys[i].hash(keys[i], rows, count, this.#hashes);
  }

  #locateNumbers(
    store: NumberKeys,
    column: NumberColumn,
    rows: Int32Array | null,
    count: number,
    ids: Int32Array,
  ): void {
    const hashes = this.#hashes;
    const { values } = column;
    const n = count | 0;
    let own = store.values;
    let slots = this.#slots;
    let mask = slots.length - 1;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      const value = values[row];
      let slot = hashes[row] & mask;
      let id = slots[slot] - 1;
      while (id >= 0 && own[id] !== value && !(Number.isNaN(value) && Number.isNaN(own[id]))) {
        slot = (slot + 1) & mask;
        id = slots[slot] - 1;
      }
      if (id < 0) {
        id = this.#add([column], row, slot);
        own = store.values;
        slots = this.#slots;
        mask = slots.length - 1;
      }
      ids[row] = id;
    }
  }

  #locateTexts(
    store: TextKeys,
    column: StringColumn,
    rows: Int32Array | null,
    count: number,
    ids: Int32Array,
  ): void {
    const hashes = this.#hashes;
    const { bytes, starts, ends } = column;
    const n = count | 0;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      const hash = hashes[row];
      const start = starts[row];
      const end = ends[row];
      const slots = this.#slots;
      const mask = slots.length - 1;
      const groupHashes = this.#groupHashes;
      let slot = hash & mask;
      let id = slots[slot] - 1;
      while (
        id >= 0 &&
        (groupHashes[id] !== hash ||
          !sameBytes(bytes, start, end, store.bytes, store.starts[id], store.ends[id]))
      ) {
        slot = (slot + 1) & mask;
        id = slots[slot] - 1;
      }
      ids[row] = id < 0 ? this.#add([column], row, slot) : id;
    }
  }

  #locateAny(
    keys: readonly Column[],
    rows: Int32Array | null,
    count: number,
    ids: Int32Array,
  ): void {
    const hashes = this.#hashes;
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      const hash = hashes[row];
      const mask = this.#slots.length - 1;
      let slot = hash & mask;
      let id = this.#slots[slot] - 1;
      while (id >= 0 && (this.#groupHashes[id] !== hash || !this.#has(keys, row, id))) {
        slot = (slot + 1) & mask;
        id = this.#slots[slot] - 1;
      }
      ids[row] = id < 0 ? this.#add(keys, row, slot) : id;
    }
  }

  #has(keys: readonly Column[], row: number, id: number): boolean {
    for (let i = 0; i < keys.length; i++) {
      if (!this.#keys[i].equals(keys[i], row, id)) return false;
    }
    return true;
  }

  /** Makes the group of a row, whose free slot has been found. @returns its id */
  #add(keys: readonly Column[], row: number, slot: number): number {
    const id = this.size++;
    if (id === this.#groupHashes.length) this.#makeRoom(2 * id);
    this.#groupHashes[id] = this.#hashes[row];
    for (let i = 0; i < keys.length; i++) this.#keys[i].add(keys[i], row, id);
    this.#slots[slot] = id + 1;
    if (this.size * SLOTS_PER_GROUP > this.#slots.length) this.#spread(2 * this.#slots.length);
    return id;
  }

  #makeRoom(groups: number): void {
    const hashes = new Int32Array(groups);
    hashes.set(this.#groupHashes);
    this.#groupHashes = hashes;
    for (const accumulator of this.accumulators) growAccumulator(accumulator, groups);
  }

  #spread(room: number): void {
    const slots = new Int32Array(room);
    const mask = room - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = this.#groupHashes[id] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}
