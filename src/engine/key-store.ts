/**
 * One key of a table as a typed column indexed by group id. NULL is a value of its own, NaN equals NaN and
 * -0.0 equals 0.0, which is kept as 0.0. Where in a table a group is found is the table's affair.
 */
import assert from 'node:assert';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { FlagKeys } from './key-flags.ts';
import { NumberKeys } from './key-numbers.ts';
import { TextKeys } from './key-texts.ts';

interface Keys {
  /** Folds this key of each row into hashes[row], for rows[0..count-1]; rows null: 0..count-1. */
  hash(column: Column, rows: Int32Array | null, count: number, hashes: Int32Array): void;
  equals(column: Column, row: number, id: number): boolean;
  /** Keeps the key of a new group; ids come densely from 0. */
  add(column: Column, row: number, id: number): void;
  /** By group id; valid until the next `add`. */
  column(): Column;
  /** Forgets all groups, keeps the memory. */
  clear(): void;
}

export type KeyStore = Keys & (NumberKeys | FlagKeys | TextKeys);

export function keyStore(type: DataType): KeyStore {
  switch (type.kind) {
    case 'boolean':
      return new FlagKeys();
    case 'string':
      return new TextKeys();
    case 'array':
    case 'struct':
    case 'map':
      return assert.fail(`a ${type.kind} is no key`);
    default:
      return new NumberKeys(type.kind);
  }
}
