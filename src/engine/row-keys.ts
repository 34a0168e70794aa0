/**
 * Keys of kept rows, one a row, beside the rows: no table of keys has to be searched, cleared or kept in step
 * with what is forgotten. NULL is a value of its own here, NaN equals NaN and -0.0 equals 0.0.
 */
import assert from 'node:assert';
import { hashFlags, hashNumbers, hashTexts } from '../sql/hash.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { type ColumnStore, columnStore, pickStores } from './column-store.ts';
import { sameBytes } from './key-texts.ts';

/** Hashes of keys are not negative: what is negative stands for no key. */
const HASH_MASK = 0x7fffffff;

/** Fills hashes[row] of rows[0..count-1] (null: rows 0..count-1) with 31 bits of a hash of all keys. */
export function hashKeys(
  keys: readonly Column[],
  seed: number,
  rows: Int32Array | null,
  count: number,
  hashes: Int32Array,
): void {
  const n = count | 0;
  const first = seed | 0;
  if (rows === null) hashes.fill(first, 0, n);
  else for (let k = 0; k < n; k++) hashes[rows[k]] = first;
  for (const key of keys) hashKey(key, rows, n, hashes);
  for (let k = 0; k < n; k++) hashes[rows === null ? k : rows[k]] &= HASH_MASK;
}

function hashKey(key: Column, rows: Int32Array | null, count: number, hashes: Int32Array): void {
  assert(key.type !== 'array' && key.type !== 'struct', `a ${key.type} is no key`);
  if (key.type === 'boolean') hashFlags(hashes, key.values, key.valid, rows, count);
  else if (key.type !== 'string') hashNumbers(hashes, key.values, key.valid, rows, count);
  else hashTexts(hashes, key.bytes, key.starts, key.ends, key.valid, rows, count);
}

export class RowKeys {
  readonly #types: readonly DataType[];
  #stores: readonly ColumnStore[];
  /** As the stores have them; taken anew whenever they may have changed. */
  #kept: readonly Column[];

  constructor(types: readonly DataType[]) {
    this.#types = types;
    this.#stores = types.map(columnStore);
    this.#kept = this.#stores.map((store) => store.column());
  }

  append(keys: readonly Column[], rows: Int32Array | null, count: number): void {
    for (let i = 0; i < keys.length; i++) this.#stores[i].append(keys[i], rows, count);
    this.#kept = this.#stores.map((store) => store.column());
  }

  /** Forgets the first rows; the others move up. */
  drop(rows: number): void {
    for (const store of this.#stores) store.drop(rows);
    this.#kept = this.#stores.map((store) => store.column());
  }

  /** Forgets all but rows[0..count-1], which move up. */
  pick(rows: Int32Array, count: number): void {
    this.#stores = pickStores(this.#types, this.#stores, rows, count);
    this.#kept = this.#stores.map((store) => store.column());
  }

  /** The only key, if it is a number and never NULL: then whoever compares may do so without a call. */
  get numbers(): Float64Array | null {
    const [key] = this.#kept;
    if (this.#kept.length !== 1 || key.valid !== null) return null;
    return 'values' in key && key.type !== 'boolean' ? key.values : null;
  }

  /** Whether the kept row at a position has the keys that `keys` have at `row`. */
  has(at: number, keys: readonly Column[], row: number): boolean {
    for (let i = 0; i < keys.length; i++)
      if (!sameKey(this.#kept[i], at, keys[i], row)) return false;
    return true;
  }

  /** Whether two kept rows have the same keys. */
  same(a: number, b: number): boolean {
    return this.has(a, this.#kept, b);
  }
}

/** Whether two values of one type are the same key. */
export function sameKey(kept: Column, at: number, key: Column, row: number): boolean {
  const has = kept.valid === null || kept.valid[at] === 1;
  const asks = key.valid === null || key.valid[row] === 1;
  if (!has || !asks) return has === asks;
  if (kept.type === 'string' && key.type === 'string') {
    const { bytes, starts, ends } = kept;
    return sameBytes(bytes, starts[at], ends[at], key.bytes, key.starts[row], key.ends[row]);
  }
  assert('values' in kept && 'values' in key, `a ${key.type} is no key`);
  const a = kept.values[at];
  const b = key.values[row];
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
