/**
 * Rows of a column kept beyond the batch they came in: appended at the end, forgotten at the front. Bytes of
 * texts and elements of arrays are copied; memory follows what is kept, in both directions.
 */
import assert from 'node:assert';
import type { ArrayColumn, Column, StructColumn } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { appendFlags, appendNumbers, closeRanks, FIRST_ROWS, room } from './row-arrays.ts';
import { TextStore } from './text-store.ts';
import { ValidityStore } from './validity-store.ts';

export interface ColumnStore {
  /** Adds rows[0..count-1] of the column; rows null: rows 0..count-1. */
  append(column: Column, rows: Int32Array | null, count: number): void;
  /** Forgets the first rows; the others move up. */
  drop(rows: number): void;
  /** What is kept, by position; valid until the next `append` or `drop`. */
  column(): Column;
}

export function columnStore(type: DataType): ColumnStore {
  switch (type.kind) {
    case 'boolean':
      return new FlagStore();
    case 'string':
      return new TextStore();
    case 'array':
      return new ArrayStore(type.element);
    case 'struct':
      return new StructStore(type.fields.map((field) => field.type));
    case 'map':
      return assert.fail('there are no columns of maps');
    default:
      return new NumberStore(type.kind);
  }
}

/** @returns stores that have only rows[0..count-1] of those given */
export function pickStores(
  types: readonly DataType[],
  stores: readonly ColumnStore[],
  rows: Int32Array,
  count: number,
): readonly ColumnStore[] {
  return stores.map((store, i) => {
    const picked = columnStore(types[i]);
    picked.append(store.column(), rows, count);
    return picked;
  });
}

class NumberStore implements ColumnStore {
  readonly #type: 'long' | 'double' | 'timestamp' | 'interval';
  readonly #validity = new ValidityStore();
  #values = new Float64Array(FIRST_ROWS);
  #size = 0;

  constructor(type: 'long' | 'double' | 'timestamp' | 'interval') {
    this.#type = type;
  }

  append(column: Column, rows: Int32Array | null, count: number): void {
    assert(column.type === this.#type, `a column of ${this.#type}`);
    this.#validity.append(column.valid, rows, count);
    this.#values = room(this.#values, this.#size, this.#size + count);
    appendNumbers(this.#values, this.#size, column.values, rows, count);
    this.#size += count;
  }

  drop(rows: number): void {
    this.#validity.drop(rows);
    this.#size -= rows;
    this.#values = closeRanks(this.#values, rows, this.#size);
  }

  column(): Column {
    return { type: this.#type, values: this.#values, valid: this.#validity.valid };
  }
}

class FlagStore implements ColumnStore {
  readonly #validity = new ValidityStore();
  #values = new Uint8Array(FIRST_ROWS);
  #size = 0;

  append(column: Column, rows: Int32Array | null, count: number): void {
    assert(column.type === 'boolean', 'a column of boolean');
    this.#validity.append(column.valid, rows, count);
    this.#values = room(this.#values, this.#size, this.#size + count);
    appendFlags(this.#values, this.#size, column.values, rows, count);
    this.#size += count;
  }

  drop(rows: number): void {
    this.#validity.drop(rows);
    this.#size -= rows;
    this.#values = closeRanks(this.#values, rows, this.#size);
  }

  column(): Column {
    return { type: 'boolean', values: this.#values, valid: this.#validity.valid };
  }
}

class StructStore implements ColumnStore {
  readonly #validity = new ValidityStore();
  readonly #fields: readonly ColumnStore[];

  constructor(types: readonly DataType[]) {
    this.#fields = types.map(columnStore);
  }

  append(column: Column, rows: Int32Array | null, count: number): void {
    assert(column.type === 'struct', 'a column of structs');
    this.#validity.append(column.valid, rows, count);
    this.#fields.forEach((field, i) => {
      field.append(column.fields[i], rows, count);
    });
  }

  drop(rows: number): void {
    this.#validity.drop(rows);
    for (const field of this.#fields) field.drop(rows);
  }

  column(): StructColumn {
    const fields = this.#fields.map((field) => field.column());
    return { type: 'struct', fields, valid: this.#validity.valid };
  }
}

/** Elements lie in the order of their arrays, without gaps. */
class ArrayStore implements ColumnStore {
  readonly #validity = new ValidityStore();
  readonly #element: ColumnStore;
  #starts = new Int32Array(FIRST_ROWS);
  #lengths = new Int32Array(FIRST_ROWS);
  #size = 0;
  #elements = 0;

  constructor(element: DataType) {
    this.#element = columnStore(element);
  }

  append(column: Column, rows: Int32Array | null, count: number): void {
    assert(column.type === 'array', 'a column of arrays');
    const { starts, lengths, element, valid } = column;
    this.#validity.append(valid, rows, count);
    const end = this.#size + count;
    this.#starts = room(this.#starts, this.#size, end);
    this.#lengths = room(this.#lengths, this.#size, end);
    const before = this.#elements;
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      const length = valid === null || valid[row] === 1 ? lengths[row] : 0;
      this.#starts[this.#size + k] = this.#elements;
      this.#lengths[this.#size + k] = length;
      this.#elements += length;
    }
    const at = new Int32Array(this.#elements - before);
    let next = 0;
    for (let k = 0; k < count; k++) {
      const first = starts[rows === null ? k : rows[k]];
      const length = this.#lengths[this.#size + k];
      for (let i = 0; i < length; i++) at[next++] = first + i;
    }
    this.#element.append(element, at, next);
    this.#size = end;
  }

  drop(rows: number): void {
    if (rows === 0) return;
    this.#validity.drop(rows);
    const shift = rows === this.#size ? this.#elements : this.#starts[rows];
    this.#size -= rows;
    this.#elements -= shift;
    this.#starts = closeRanks(this.#starts, rows, this.#size);
    this.#lengths = closeRanks(this.#lengths, rows, this.#size);
    for (let i = 0; i < this.#size; i++) this.#starts[i] -= shift;
    this.#element.drop(shift);
  }

  column(): ArrayColumn {
    const starts = this.#starts;
    const element = this.#element.column();
    return { type: 'array', starts, lengths: this.#lengths, element, valid: this.#validity.valid };
  }
}
