/** Kept rows of texts: their bytes lie in the order of the rows, without gaps, in an area of the store's own. */
import assert from 'node:assert';
import type { Column, StringColumn } from '../stream/column.ts';
import { closeRanks, FIRST_ROWS, room } from './row-arrays.ts';
import { ValidityStore } from './validity-store.ts';

const FIRST_BYTES = 1024;
/** Ranges are 32-bit. */
const BYTES_MAX = 2 ** 31 - 1;
/** From here on the copy of the platform is faster than a loop. */
const LONG_TEXT = 48;

export class TextStore {
  readonly #validity = new ValidityStore();
  #starts = new Int32Array(FIRST_ROWS);
  #ends = new Int32Array(FIRST_ROWS);
  #bytes = new Uint8Array(FIRST_BYTES);
  #size = 0;
  #used = 0;

  append(column: Column, rows: Int32Array | null, count: number): void {
    assert(column.type === 'string', 'a column of texts');
    this.#validity.append(column.valid, rows, count);
    const end = this.#size + count;
    this.#starts = room(this.#starts, this.#size, end);
    this.#ends = room(this.#ends, this.#size, end);
    this.#makeRoom(column, rows, count);
    this.#copy(column, rows, count);
    this.#size = end;
  }

  drop(rows: number): void {
    if (rows === 0) return;
    this.#validity.drop(rows);
    const shift = rows === this.#size ? this.#used : this.#starts[rows];
    this.#size -= rows;
    this.#used -= shift;
    this.#starts = closeRanks(this.#starts, rows, this.#size);
    this.#ends = closeRanks(this.#ends, rows, this.#size);
    this.#bytes = closeRanks(this.#bytes, shift, this.#used);
    const starts = this.#starts;
    const ends = this.#ends;
    for (let i = 0; i < this.#size; i++) {
      starts[i] -= shift;
      ends[i] -= shift;
    }
  }

  column(): StringColumn {
    const valid = this.#validity.valid;
    return { type: 'string', bytes: this.#bytes, starts: this.#starts, ends: this.#ends, valid };
  }

  /** The text under a NULL is legal, so it counts too: it is rare and then short. */
  #makeRoom({ starts, ends }: StringColumn, rows: Int32Array | null, count: number): void {
    const n = count | 0;
    let needed = this.#used;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      needed += ends[row] - starts[row];
    }
    assert(needed <= BYTES_MAX, `at most ${BYTES_MAX} bytes of one text field are kept`);
    this.#bytes = room(this.#bytes, this.#used, needed);
  }

  #copy({ bytes, starts, ends }: StringColumn, rows: Int32Array | null, count: number): void {
    const n = count | 0;
    const into = this.#bytes;
    const size = this.#size | 0;
    let used = this.#used | 0;
    for (let k = 0; k < n; k++) {
      const row = rows === null ? k : rows[k];
      const start = starts[row];
      const end = ends[row];
      this.#starts[size + k] = used;
      if (end - start >= LONG_TEXT) into.set(bytes.subarray(start, end), used);
      else for (let at = start, to = used; at < end; at++) into[to++] = bytes[at];
      used += end - start;
      this.#ends[size + k] = used;
    }
    this.#used = used;
  }
}
