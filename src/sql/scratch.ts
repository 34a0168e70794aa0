/**
 * The memory of one step of a program: result arrays that grow with the largest batch seen and are used
 * again for the next. A column made from it is valid until the step runs again.
 */
import type { StringColumn, Validity } from '../stream/column.ts';
import type { Rows } from './kernel.ts';

/** A text that a function makes (not one it cuts from another) is NULL beyond this: `repeat` must not take the memory. */
export const TEXT_RESULT_MAX = 1024 * 1024;
/** All texts one step makes for one batch; ranges are 32-bit, and 4,096 rows must not take the memory either. */
const ARENA_MAX = 64 * 1024 * 1024;
const ARENA_MIN = 4096;

/** Rows the arrays begin with, so that small batches do not grow them step by step. */
const ROWS_MIN = 256;

function roomFor(rows: number): number {
  return Math.max(ROWS_MIN, 2 ** Math.ceil(Math.log2(Math.max(1, rows))));
}

const NO_NUMBERS = new Float64Array(0);
const NO_BYTES = new Uint8Array(0);
const NO_POSITIONS = new Int32Array(0);
const encoder = new TextEncoder();
// A byte order mark inside a record is a character like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 of a constant. */
export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of a range, for what can't be done on bytes. */
export function decode(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}

/** The text of a row that is not NULL. */
export function textAt({ bytes, starts, ends }: StringColumn, row: number): string {
  return decode(bytes, starts[row], ends[row]);
}

export class Scratch {
  /** Where the inputs of a strict operation are all present; set before its kernel runs. */
  valid: Validity = null;
  /** Bytes of texts made by this step, `used` of them in this batch. */
  bytes: Uint8Array = NO_BYTES;
  used = 0;
  #numbers = NO_NUMBERS;
  #flags = NO_BYTES;
  #valid = NO_BYTES;
  #starts = NO_POSITIONS;
  #ends = NO_POSITIONS;
  #positions = NO_POSITIONS;
  /** Of steps whose result has parts of its own: elements of an array, fields of a struct. */
  #parts: Scratch[] = [];

  numbers(rows: number): Float64Array {
    if (this.#numbers.length < rows) this.#numbers = new Float64Array(roomFor(rows));
    return this.#numbers;
  }

  flags(rows: number): Uint8Array {
    if (this.#flags.length < rows) this.#flags = new Uint8Array(roomFor(rows));
    return this.#flags;
  }

  starts(rows: number): Int32Array {
    if (this.#starts.length < rows) this.#starts = new Int32Array(roomFor(rows));
    return this.#starts;
  }

  ends(rows: number): Int32Array {
    if (this.#ends.length < rows) this.#ends = new Int32Array(roomFor(rows));
    return this.#ends;
  }

  positions(rows: number): Int32Array {
    if (this.#positions.length < rows) this.#positions = new Int32Array(roomFor(rows));
    return this.#positions;
  }

  part(index: number): Scratch {
    this.#parts[index] ??= new Scratch();
    return this.#parts[index];
  }

  /** Writes range `index` of a list whose length is not known before; grows, keeping what is there. */
  pushRange(index: number, start: number, end: number): void {
    if (index >= this.#starts.length) {
      const room = roomFor(index + 1);
      const [starts, ends] = [new Int32Array(room), new Int32Array(room)];
      starts.set(this.#starts);
      ends.set(this.#ends);
      this.#starts = starts;
      this.#ends = ends;
    }
    this.#starts[index] = start;
    this.#ends[index] = end;
  }

  /** A validity array of this step, its contents undefined. */
  validity(rows: number): Uint8Array {
    if (this.#valid.length < rows) this.#valid = new Uint8Array(roomFor(rows));
    return this.#valid;
  }

  /** Makes `valid` this step's own, so that a kernel may clear rows in it. */
  ownValidity({ rows, selection, selected }: Rows): Uint8Array {
    const from = this.valid;
    const own = this.validity(rows);
    if (from === null) own.fill(1, 0, rows);
    else if (from !== own) copyFlags(own, from, selection, selection === null ? rows : selected);
    this.valid = own;
    return own;
  }

  /**
   * Makes room for `length` bytes of a text that an author can make as long as he likes.
   * @param already how many bytes of the text are there
   * @returns false when it is larger than a text or the step may be; the result is then NULL
   */
  reserve(length: number, already = 0): boolean {
    if (already + length > TEXT_RESULT_MAX || this.used + length > ARENA_MAX) return false;
    this.makeRoom(length);
    return true;
  }

  /** Makes room for a text that is about as long as one that is there. */
  makeRoom(length: number): void {
    const needed = this.used + length;
    if (this.bytes.length >= needed) return;
    const larger = new Uint8Array(Math.max(ARENA_MIN, needed, Math.min(2 * needed, ARENA_MAX)));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }

  /** Appends bytes that there is room for. Short texts are the rule, for which a loop beats `set`. */
  append(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    if (end - start > 64) bytes.set(from.subarray(start, end), this.used);
    else for (let i = start, to = this.used; i < end; i++, to++) bytes[to] = from[i];
    this.used += end - start;
  }

  /**
   * Appends to the text that begins at byte `begin`.
   * @returns false, and appends nothing, when it would be larger than `reserve` allows
   */
  extend(begin: number, from: Uint8Array, start: number, end: number): boolean {
    if (!this.reserve(end - start, this.used - begin)) return false;
    this.append(from, start, end);
    return true;
  }

  /** Makes the text of each row that is not NULL: `make` appends it, or says that it is too large. */
  texts(rows: Rows, make: (row: number) => boolean): StringColumn {
    const [starts, ends] = [this.starts(rows.rows), this.ends(rows.rows)];
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const begin = this.used;
      if ((this.valid === null || this.valid[i] === 1) && !make(i)) {
        this.used = begin;
        this.ownValidity(rows)[i] = 0;
      }
      starts[i] = begin;
      ends[i] = this.used;
    }
    return this.textColumn(rows.rows);
  }

  /** Appends a JavaScript string, making room for it. */
  appendText(text: string): void {
    this.makeRoom(3 * text.length); // a UTF-16 unit takes at most three bytes
    this.used += encoder.encodeInto(text, this.bytes.subarray(this.used)).written;
  }

  /** The texts made so far, as a column of the ranges in `starts` and `ends`. */
  textColumn(rows: number): StringColumn {
    return {
      type: 'string',
      bytes: this.bytes,
      starts: this.starts(rows),
      ends: this.ends(rows),
      valid: this.valid,
    };
  }
}

function copyFlags(
  out: Uint8Array,
  from: Uint8Array,
  selection: Int32Array | null,
  count: number,
): void {
  if (selection === null) for (let i = 0; i < count; i++) out[i] = from[i];
  else for (let k = 0; k < count; k++) out[selection[k]] = from[selection[k]];
}
