/**
 * Groups by key: open addressing over 32-bit slots that hold group ids, dense in order of first arrival.
 * Keys and accumulators are typed columns indexed by id. Where a group lies in the slots never shows.
 */
import type { GroupTable } from '../operators/operator.ts';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { KeyStore } from './key-store.ts';

const FIRST_SLOTS = 128;
const FIRST_GROUPS = 64;
/** Fuller than half, and probing gets long. */
const FILL_MAX = 0.5;

export class Table implements GroupTable {
  size = 0;
  readonly accumulators: readonly Accumulator[];
  readonly #keys: readonly KeyStore[];
  /** Group id + 1; 0: free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #groupHashes = new Int32Array(FIRST_GROUPS);
  #rowHashes = new Int32Array(0);
  #room = FIRST_GROUPS;

  constructor(keys: readonly DataType[], accumulators: readonly AccumulatorKind[]) {
    this.#keys = keys.map((type) => new KeyStore(type));
    this.accumulators = accumulators.map(newAccumulator);
  }

  locate(keys: readonly Column[], rows: Int32Array | null, count: number, ids: Int32Array): void {
    this.#reserve(this.size + count);
    const highest = rows === null ? count : count === 0 ? 0 : rows[count - 1] + 1;
    if (this.#rowHashes.length < highest) this.#rowHashes = new Int32Array(2 * highest);
    const hashes = this.#rowHashes;
    hashes.fill(0, 0, highest);
    for (let i = 0; i < keys.length; i++) this.#keys[i].hash(keys[i], rows, count, hashes);
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      ids[row] = this.#find(keys, row, hashes[row] | 0);
    }
  }

  #find(keys: readonly Column[], row: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const stores = this.#keys;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] - 1;
      if (id < 0) {
        const added = this.size++;
        slots[slot] = added + 1;
        this.#groupHashes[added] = hash;
        for (let i = 0; i < stores.length; i++) stores[i].add(keys[i], row, added);
        return added;
      }
      if (this.#groupHashes[id] !== hash) continue;
      let same = true;
      for (let i = 0; i < stores.length && same; i++) same = stores[i].equals(keys[i], row, id);
      if (same) return id;
    }
  }

  keys(): readonly Column[] {
    return this.#keys.map((store) => store.column());
  }

  /** Empty again, its memory kept for the next window. */
  clear(): void {
    this.#slots.fill(0);
    for (const store of this.#keys) store.clear();
    for (const accumulator of this.accumulators) {
      if (accumulator.kind === 'bytes') accumulator.values.fill(null, 0, this.size);
      else accumulator.values.fill(0, 0, this.size);
    }
    this.size = 0;
  }

  /** Makes room for `groups` groups before any is added, so that no loop has to. */
  #reserve(groups: number): void {
    if (groups > this.#room) {
      while (this.#room < groups) this.#room *= 2;
      const hashes = new Int32Array(this.#room);
      hashes.set(this.#groupHashes);
      this.#groupHashes = hashes;
      for (const accumulator of this.accumulators) grow(accumulator, this.#room);
    }
    if (groups <= this.#slots.length * FILL_MAX) return;
    let room = this.#slots.length;
    while (groups > room * FILL_MAX) room *= 2;
    const slots = new Int32Array(room);
    for (let id = 0; id < this.size; id++) {
      let slot = this.#groupHashes[id] & (room - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (room - 1);
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

function newAccumulator(kind: AccumulatorKind): Accumulator {
  if (kind === 'number') return { kind, values: new Float64Array(FIRST_GROUPS) };
  if (kind === 'flag') return { kind, values: new Uint8Array(FIRST_GROUPS) };
  return { kind, values: new Array<Uint8Array | null>(FIRST_GROUPS).fill(null) };
}

function grow(accumulator: Accumulator, room: number): void {
  if (accumulator.kind === 'number') {
    const values = new Float64Array(room);
    values.set(accumulator.values);
    accumulator.values = values;
  } else if (accumulator.kind === 'flag') {
    const values = new Uint8Array(room);
    values.set(accumulator.values);
    accumulator.values = values;
  } else {
    while (accumulator.values.length < room) accumulator.values.push(null);
  }
}
