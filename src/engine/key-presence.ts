/** Which groups have a key that is NULL: at most one of a single key, any number of several. */
import type { Validity } from '../stream/column.ts';

/** Groups that typed columns have room for at first; they double. Many windows stay this small. */
export const FIRST_GROUPS = 16;

export class KeyPresence {
  /** Whether there is any NULL; without, no one need look. */
  nulls = false;
  #present = new Uint8Array(FIRST_GROUPS);

  has(id: number): boolean {
    return !this.nulls || this.#present[id] === 1;
  }

  add(id: number, present: boolean): void {
    if (id === this.#present.length) {
      const larger = new Uint8Array(2 * id);
      larger.set(this.#present);
      this.#present = larger;
    }
    this.#present[id] = present ? 1 : 0;
    if (!present) this.nulls = true;
  }

  clear(): void {
    this.nulls = false;
  }

  get validity(): Validity {
    return this.nulls ? this.#present : null;
  }
}

export function isPresent(valid: Validity, row: number): boolean {
  return valid === null || valid[row] === 1;
}
