/** Keys that are TRUE, FALSE or NULL. */
import assert from 'node:assert';
import { hashFlags } from '../sql/hash.ts';
import type { BooleanColumn, Column } from '../stream/column.ts';
import { FIRST_GROUPS, isPresent, KeyPresence } from './key-presence.ts';

export class FlagKeys {
  readonly kind = 'flags';
  readonly presence = new KeyPresence();
  #values = new Uint8Array(FIRST_GROUPS);

  hash(column: Column, rows: Int32Array | null, count: number, hashes: Int32Array): void {
    hashFlags(hashes, flagsOf(column), column.valid, rows, count);
  }

  equals(column: Column, row: number, id: number): boolean {
    const present = isPresent(column.valid, row);
    if (!present || !this.presence.has(id)) return present === this.presence.has(id);
    return flagsOf(column)[row] === this.#values[id];
  }

  add(column: Column, row: number, id: number): void {
    const present = isPresent(column.valid, row);
    this.presence.add(id, present);
    if (id === this.#values.length) {
      const larger = new Uint8Array(2 * id);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[id] = present ? flagsOf(column)[row] : 0;
  }

  column(): BooleanColumn {
    return { type: 'boolean', values: this.#values, valid: this.presence.validity };
  }

  clear(): void {
    this.presence.clear();
  }
}

function flagsOf(column: Column): Uint8Array {
  assert(column.type === 'boolean', 'the key is a boolean');
  return column.values;
}
