/**
 * The key columns of a table: one typed store a key, indexed by group id. NULL is a value, NaN equals
 * NaN, -0.0 equals 0.0. Texts are copied into one byte area.
 */
import type { BooleanColumn, Column, NumberColumn, StringColumn } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';

const FIRST_GROUPS = 64;
const HASH_OF_NULL = 0x9e3779b1 | 0;

const scratch = new DataView(new ArrayBuffer(8));

/** Mixes a 32-bit value into a hash (the finalizer steps of MurmurHash3, a public-domain function). */
export function mix(hash: number, value: number): number {
  let h = (hash ^ value) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hashNumber(value: number): number {
  const whole = value | 0;
  if (whole === value) return whole;
  scratch.setFloat64(0, value);
  return scratch.getInt32(0) ^ Math.imul(scratch.getInt32(4), 31);
}

export class KeyStore {
  readonly #type: DataType;
  #numbers = new Float64Array(FIRST_GROUPS);
  #valid = new Uint8Array(FIRST_GROUPS);
  #nulls = false;
  #bytes = new Uint8Array(1024);
  #used = 0;
  #starts = new Int32Array(FIRST_GROUPS);
  #ends = new Int32Array(FIRST_GROUPS);

  constructor(type: DataType) {
    this.#type = type;
  }

  /** Folds this key of each row into hashes[row]. */
  hash(column: Column, rows: Int32Array | null, count: number, hashes: Int32Array): void {
    const { valid } = column;
    if (column.type === 'string') {
      const { bytes, starts, ends } = column;
      for (let k = 0; k < count; k++) {
        const i = rows === null ? k : rows[k];
        let h = 0x811c9dc5 | 0;
        const end = ends[i];
        for (let at = starts[i]; at < end; at++) h = Math.imul(h ^ bytes[at], 0x01000193);
        hashes[i] = mix(hashes[i], valid === null || valid[i] === 1 ? h : HASH_OF_NULL);
      }
      return;
    }
    const values = (column as NumberColumn | BooleanColumn).values;
    for (let k = 0; k < count; k++) {
      const i = rows === null ? k : rows[k];
      const present = valid === null || valid[i] === 1;
      hashes[i] = mix(hashes[i], present ? hashNumber(values[i] + 0) : HASH_OF_NULL);
    }
  }

  equals(column: Column, row: number, id: number): boolean {
    const present = column.valid === null || column.valid[row] === 1;
    if (!present || (this.#nulls && this.#valid[id] === 0)) {
      return !present && this.#nulls && this.#valid[id] === 0;
    }
    if (column.type === 'string') return this.#equalsText(column, row, id);
    const a = (column as NumberColumn | BooleanColumn).values[row];
    const b = this.#numbers[id];
    return a === b || (a !== a && b !== b);
  }

  #equalsText({ bytes, starts, ends }: StringColumn, row: number, id: number): boolean {
    const start = starts[row];
    const length = ends[row] - start;
    const own = this.#starts[id];
    if (length !== this.#ends[id] - own) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== this.#bytes[own + i]) return false;
    return true;
  }

  /** Keeps the key of a new group. */
  add(column: Column, row: number, id: number): void {
    if (id >= this.#valid.length) this.#grow();
    const present = column.valid === null || column.valid[row] === 1;
    this.#valid[id] = present ? 1 : 0;
    if (!present) this.#nulls = true;
    if (column.type !== 'string') {
      this.#numbers[id] = present ? (column as NumberColumn | BooleanColumn).values[row] + 0 : 0;
      return;
    }
    const start = column.starts[row];
    const length = present ? column.ends[row] - start : 0;
    if (this.#used + length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#used + length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    for (let i = 0; i < length; i++) this.#bytes[this.#used + i] = column.bytes[start + i];
    this.#starts[id] = this.#used;
    this.#used += length;
    this.#ends[id] = this.#used;
  }

  clear(): void {
    this.#used = 0;
    this.#nulls = false;
  }

  column(): Column {
    const valid = this.#nulls ? this.#valid : null;
    const { kind } = this.#type;
    if (kind === 'string') {
      return { type: 'string', bytes: this.#bytes, starts: this.#starts, ends: this.#ends, valid };
    }
    if (kind === 'boolean')
      return { type: 'boolean', values: Uint8Array.from(this.#numbers), valid };
    if (kind === 'array' || kind === 'struct' || kind === 'map') {
      throw new Error(`a ${kind} is no key`);
    }
    return { type: kind, values: this.#numbers, valid };
  }

  #grow(): void {
    const room = 2 * this.#valid.length;
    const grown = { numbers: new Float64Array(room), valid: new Uint8Array(room) };
    grown.numbers.set(this.#numbers);
    grown.valid.set(this.#valid);
    this.#numbers = grown.numbers;
    this.#valid = grown.valid;
    const [starts, ends] = [new Int32Array(room), new Int32Array(room)];
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}
