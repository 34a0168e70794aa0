/** Which of the kept rows of a column are there; nothing is kept while all are. */
import type { Validity } from '../stream/column.ts';
import { appendFlags, closeRanks, FIRST_ROWS, room } from './row-arrays.ts';

export class ValidityStore {
  #size = 0;
  #present: Uint8Array<ArrayBuffer> | null = null;

  append(valid: Validity, rows: Int32Array | null, count: number): void {
    const end = this.#size + count;
    if (valid !== null && this.#present === null) {
      this.#present = new Uint8Array(Math.max(FIRST_ROWS, 2 * end)).fill(1, 0, this.#size);
    }
    if (this.#present !== null) {
      this.#present = room(this.#present, this.#size, end);
      if (valid === null) this.#present.fill(1, this.#size, end);
      else appendFlags(this.#present, this.#size, valid, rows, count);
    }
    this.#size = end;
  }

  drop(rows: number): void {
    this.#size -= rows;
    if (this.#size === 0) this.#present = null;
    if (this.#present !== null) this.#present = closeRanks(this.#present, rows, this.#size);
  }

  get valid(): Validity {
    return this.#present;
  }
}
