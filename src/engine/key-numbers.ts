/** Keys that are numbers. NaN equals NaN; -0.0 equals 0.0 and is kept as 0.0. */
import assert from 'node:assert';
import { hashNumbers } from '../sql/hash.ts';
import type { Column, NumberColumn } from '../stream/column.ts';
import { FIRST_GROUPS, isPresent, KeyPresence } from './key-presence.ts';

export class NumberKeys {
  readonly kind = 'numbers';
  readonly presence = new KeyPresence();
  /** By group id; replaced when it grows. */
  values = new Float64Array(FIRST_GROUPS);
  readonly #type: NumberColumn['type'];

  constructor(type: NumberColumn['type']) {
    this.#type = type;
  }

  hash(column: Column, rows: Int32Array | null, count: number, hashes: Int32Array): void {
    hashNumbers(hashes, numbersOf(column), column.valid, rows, count);
  }

  equals(column: Column, row: number, id: number): boolean {
    const present = isPresent(column.valid, row);
    if (!present || !this.presence.has(id)) return present === this.presence.has(id);
    const value = numbersOf(column)[row];
    const own = this.values[id];
    return value === own || (Number.isNaN(value) && Number.isNaN(own));
  }

  add(column: Column, row: number, id: number): void {
    const present = isPresent(column.valid, row);
    this.presence.add(id, present);
    if (id === this.values.length) {
      const larger = new Float64Array(2 * id);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[id] = present ? numbersOf(column)[row] + 0 : 0;
  }

  column(): NumberColumn {
    return { type: this.#type, values: this.values, valid: this.presence.validity };
  }

  clear(): void {
    this.presence.clear();
  }
}

function numbersOf(column: Column): Float64Array {
  assert('values' in column && column.type !== 'boolean', 'the key is a number');
  return column.values;
}
