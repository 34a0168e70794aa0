/**
 * What an aggregate has collected of one group where its size depends on the data: all values, or the different
 * ones. It grows with the group and is forgotten with it. Bytes of texts are copied; NULL is never kept.
 */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import { hashBytes, hashNumber } from './hash.ts';
import { orderBytes } from './kernels-compare.ts';

export type Collected = NumberValues | TextValues | DistinctNumbers | DistinctTexts | Rows;

/** Most groups are small, and there may be very many. */
const FIRST_VALUES = 4;
const FIRST_BYTES = 32;
/** Up to so many values are compared one after the other: no table is as fast, or as small. */
const SCANNED_MAX = 8;
/** Slots for each value: fuller than half, and probing gets long. */
const SLOTS_PER_VALUE = 2;
/** Ranges are 32-bit. */
const BYTES_MAX = 2 ** 31 - 1;

export class NumberValues {
  count = 0;
  values = new Float64Array(FIRST_VALUES);

  push(value: number): void {
    if (this.count === this.values.length) this.#grow(2 * this.count);
    this.values[this.count++] = value;
  }

  pushAll({ values, count }: NumberValues): void {
    const needed = this.count + count;
    if (needed > this.values.length) this.#grow(2 * needed);
    this.values.set(values.subarray(0, count), this.count);
    this.count = needed;
  }

  /** All of them, the least first: in place, as nobody asks for the order in which they came. */
  sort(): Float64Array {
    return this.values.subarray(0, this.count).sort();
  }

  /** < 0: the value at `a` comes before that at `b`. NaN is greater than any other number. */
  order(a: number, b: number): number {
    return orderNumbers(this.values[a], this.values[b]);
  }

  #grow(room: number): void {
    const larger = new Float64Array(room);
    larger.set(this.values);
    this.values = larger;
  }
}

export class TextValues {
  count = 0;
  bytes = new Uint8Array(FIRST_BYTES);
  /** Text i is bytes[ends[i - 1] ?? 0 .. ends[i]]. */
  ends = new Int32Array(FIRST_VALUES);

  /** Bytes of all of them. */
  get size(): number {
    return this.startOf(this.count);
  }

  startOf(index: number): number {
    return index === 0 ? 0 : this.ends[index - 1];
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    const used = this.size;
    const needed = used + end - start;
    this.#makeRoom(this.count + 1, needed);
    const into = this.bytes;
    for (let from = start, to = used; from < end; from++, to++) into[to] = bytes[from];
    this.ends[this.count++] = needed;
  }

  pushAll(other: TextValues): void {
    const used = this.size;
    const { size } = other;
    this.#makeRoom(this.count + other.count, used + size);
    this.bytes.set(other.bytes.subarray(0, size), used);
    for (let i = 0; i < other.count; i++) this.ends[this.count + i] = used + other.ends[i];
    this.count += other.count;
  }

  /** < 0: the text at `a` comes before that at `b`, by bytes. */
  order(a: number, b: number): number {
    const { bytes, ends } = this;
    return orderBytes(bytes, this.startOf(a), ends[a], bytes, this.startOf(b), ends[b]);
  }

  #makeRoom(texts: number, size: number): void {
    if (texts > this.ends.length) {
      const ends = new Int32Array(2 * texts);
      ends.set(this.ends);
      this.ends = ends;
    }
    if (size <= this.bytes.length) return;
    assert(size <= BYTES_MAX, `a group holds at most ${BYTES_MAX} bytes of one text`);
    const bytes = new Uint8Array(Math.min(BYTES_MAX, 2 * size));
    bytes.set(this.bytes);
    this.bytes = bytes;
  }
}

/** NaN is greater than any other number; -0.0 = 0.0. */
export function orderNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Numbers that differ: NaN is one of them, and so is 0.0, in whichever way it was written. */
export class DistinctNumbers {
  readonly values = new NumberValues();
  readonly #seed: number;
  /** Index of a value + 1; 0: free. A power of two of them, or none while values are few. */
  #slots = new Int32Array(0);

  constructor(seed: number) {
    this.#seed = seed;
  }

  add(number: number): void {
    const value = number + 0;
    const { count } = this.values;
    const { values } = this.values;
    if (count < SCANNED_MAX) {
      for (let i = 0; i < count; i++) if (sameNumber(values[i], value)) return;
      this.values.push(value);
      return;
    }
    if (count * SLOTS_PER_VALUE >= this.#slots.length) this.#spread();
    const slot = this.#slotOf(value);
    if (this.#slots[slot] !== 0) return;
    this.values.push(value);
    this.#slots[slot] = count + 1;
  }

  addAll({ values: { values, count } }: DistinctNumbers): void {
    for (let i = 0; i < count; i++) this.add(values[i]);
  }

  /** Where a value is, or would be. */
  #slotOf(value: number): number {
    const slots = this.#slots;
    const { values } = this.values;
    const mask = slots.length - 1;
    let slot = hashNumber(this.#seed, value) & mask;
    while (slots[slot] !== 0 && !sameNumber(values[slots[slot] - 1], value)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #spread(): void {
    const { values, count } = this.values;
    this.#slots = new Int32Array(2 * SLOTS_PER_VALUE * roomFor(count));
    for (let i = 0; i < count; i++) this.#slots[this.#slotOf(values[i])] = i + 1;
  }
}

function sameNumber(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** Texts that differ in their bytes. */
export class DistinctTexts {
  readonly values = new TextValues();
  readonly #seed: number;
  /** As those of numbers. */
  #slots = new Int32Array(0);
  /** By index of a value: what is compared before bytes are, and where it lies in the slots. */
  #hashes = new Int32Array(FIRST_VALUES);

  constructor(seed: number) {
    this.#seed = seed;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const hash = hashBytes(this.#seed, bytes, start, end);
    const { count } = this.values;
    if (count < SCANNED_MAX) {
      for (let i = 0; i < count; i++) if (this.#is(i, hash, bytes, start, end)) return;
      this.#push(hash, bytes, start, end);
      return;
    }
    if (count * SLOTS_PER_VALUE >= this.#slots.length) this.#spread();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) {
      if (this.#is(slots[slot] - 1, hash, bytes, start, end)) return;
      slot = (slot + 1) & mask;
    }
    this.#push(hash, bytes, start, end);
    slots[slot] = count + 1;
  }

  addAll({ values }: DistinctTexts): void {
    for (let i = 0; i < values.count; i++) {
      this.add(values.bytes, values.startOf(i), values.ends[i]);
    }
  }

  #is(index: number, hash: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#hashes[index] !== hash) return false;
    const { values } = this;
    const from = values.startOf(index);
    if (values.ends[index] - from !== end - start) return false;
    const own = values.bytes;
    for (let at = start, i = from; at < end; at++, i++) if (own[i] !== bytes[at]) return false;
    return true;
  }

  #push(hash: number, bytes: Uint8Array, start: number, end: number): void {
    const { count } = this.values;
    if (count === this.#hashes.length) {
      const hashes = new Int32Array(2 * count);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#hashes[count] = hash;
    this.values.push(bytes, start, end);
  }

  #spread(): void {
    const { count } = this.values;
    const slots = new Int32Array(2 * SLOTS_PER_VALUE * roomFor(count));
    const mask = slots.length - 1;
    for (let i = 0; i < count; i++) {
      let slot = this.#hashes[i] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = i + 1;
    }
    this.#slots = slots;
  }
}

/** The least power of two that is no less than `count`. */
function roomFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** Rows of several columns, none of which is ever NULL. */
export class Rows {
  readonly columns: readonly (NumberValues | TextValues)[];

  /** @param texts by column: it is one of texts */
  constructor(texts: readonly boolean[]) {
    this.columns = texts.map((text) => (text ? new TextValues() : new NumberValues()));
  }

  /** Of the same columns, without a row. */
  empty(): Rows {
    return new Rows(this.columns.map((column) => column instanceof TextValues));
  }

  get count(): number {
    return this.columns[0].count;
  }

  add(from: readonly Column[], row: number): void {
    for (let i = 0; i < from.length; i++) {
      const column = from[i];
      const own = this.columns[i];
      if (own instanceof TextValues) {
        assert(column.type === 'string');
        own.push(column.bytes, column.starts[row], column.ends[row]);
      } else {
        assert('values' in column, 'single values');
        own.push(column.values[row]);
      }
    }
  }

  addAll({ columns }: Rows): void {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      const own = this.columns[i];
      if (own instanceof TextValues) {
        assert(column instanceof TextValues);
        own.pushAll(column);
      } else {
        assert(column instanceof NumberValues);
        own.pushAll(column);
      }
    }
  }

  /** < 0: row `a` comes before row `b`, by some of the columns. */
  order(a: number, b: number, by: readonly number[]): number {
    for (const column of by) {
      const order = this.columns[column].order(a, b);
      if (order !== 0) return order;
    }
    return 0;
  }
}
