/**
 * The cells of one line of CSV (RFC 4180): between delimiters, or between quotes, where a quote is written twice.
 * Quotes inside of a cell that does not begin with one are text. A line is all there is: a cell that is still open
 * at its end is a fault, since the lines of a lane are found before anything is read.
 */
import type { ByteArea } from './byte-area.ts';

/** More cells than this are no record but a document; as many as an object of JSON may have keys. */
export const CELLS_MAX = 1024;

export const PLAIN = 0;
export const QUOTED = 1;
/** Between quotes, with quotes inside, each of which stands twice. */
export const DOUBLED = 2;

/** Most often the text goes on in the next line, which other programs may write and nobody here can read. */
const NOT_CLOSED =
  'a quoted cell does not end in its line, and line ends inside of cells are not supported';

export class CsvCells {
  /** Cell i is bytes[starts[i] .. ends[i]), without its quotes. */
  readonly starts = new Int32Array(CELLS_MAX);
  readonly ends = new Int32Array(CELLS_MAX);
  /** PLAIN, QUOTED or DOUBLED. */
  readonly kinds = new Uint8Array(CELLS_MAX);
  failedAt = 0;
  failure = '';
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  readonly #delimiter: number;
  readonly #quote: number;

  /** @param delimiter, quote one ASCII character each */
  constructor(delimiter: string, quote: string) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote.charCodeAt(0);
  }

  /** Looks at other bytes from here on. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Finds the cells of the line [start .. end) of the bytes.
   * @returns how many there are, of which the first CELLS_MAX have been noted; -1: `failure` says what is wrong
   */
  split(start: number, end: number): number {
    const { starts, ends, kinds } = this;
    const bytes = this.#bytes;
    const delimiter = +this.#delimiter;
    const quote = +this.#quote;
    let count = 0;
    for (let at = start; ; at++) {
      let from = at;
      let to = at;
      let kind = PLAIN;
      if (at < end && bytes[at] === quote) {
        from = ++at;
        kind = QUOTED;
        for (;;) {
          at = this.#seek(at, end, quote);
          if (at >= end) return this.#fail(from - 1, NOT_CLOSED);
          if (at + 1 >= end || bytes[at + 1] !== quote) break;
          kind = DOUBLED;
          at += 2;
        }
        to = at++;
        if (at < end && bytes[at] !== delimiter) {
          return this.#fail(at, 'text behind a closing quote');
        }
      } else {
        at = this.#seek(at, end, delimiter);
        to = at;
      }
      if (count < CELLS_MAX) {
        starts[count] = from;
        ends[count] = to;
        kinds[count] = kind;
      }
      count++;
      if (at >= end) return count;
    }
  }

  /** @returns where the next such byte is, or `end` */
  #seek(from: number, end: number, mark: number): number {
    const view = this.#view;
    const bytes = this.#bytes;
    const four = mark * 0x01010101;
    let at = from;
    // Four bytes at a time: the lowest sign bit left is that of the first byte that is the mark.
    for (const last = end - 4; at <= last; at += 4) {
      const other = view.getInt32(at, true) ^ four;
      const hits = (other - 0x01010101) & ~other & 0x80808080;
      if (hits !== 0) return at + ((31 - Math.clz32(hits & -hits)) >> 3);
    }
    while (at < end && bytes[at] !== mark) at++;
    return at;
  }

  /** Appends what a cell between quotes says. */
  appendText(cell: number, into: ByteArea): void {
    const bytes = this.#bytes;
    const to = this.ends[cell];
    let from = this.starts[cell];
    for (;;) {
      const mark = bytes.indexOf(this.#quote, from);
      if (mark < 0 || mark >= to) break;
      into.copy(bytes, from, mark + 1);
      from = mark + 2;
    }
    into.copy(bytes, from, to);
  }

  #fail(at: number, why: string): number {
    this.failedAt = at;
    this.failure = why;
    return -1;
  }
}
