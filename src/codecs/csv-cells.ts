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
  readonly #delimiter: number;
  readonly #quote: number;

  /** @param delimiter, quote one ASCII character each */
  constructor(delimiter: string, quote: string) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote.charCodeAt(0);
  }

  /**
   * Finds the cells of the line bytes[start .. end).
   * @returns how many there are, of which the first CELLS_MAX have been noted; -1: `failure` says what is wrong
   */
  split(bytes: Uint8Array, start: number, end: number): number {
    const { starts, ends, kinds } = this;
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
          while (at < end && bytes[at] !== quote) at++;
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
        while (at < end && bytes[at] !== delimiter) at++;
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

  /** Appends what a cell between quotes says. */
  appendText(cell: number, bytes: Uint8Array, into: ByteArea): void {
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
