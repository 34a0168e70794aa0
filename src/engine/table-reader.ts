/**
 * From the bytes of a file to the rows of a table. A table is whole or it is none: every line that is no row, and
 * every key that two rows have, is a problem with its line, and then nothing of it is used. The same bytes always
 * give the same rows and the same problems.
 */
import type { Decoded, LineDecoder, LineHeader } from '../codecs/codec.ts';
import { createDecoder } from '../codecs/index.ts';
import type { TablePlan } from '../topology/plan.ts';
import { LaneFields } from './lane-fields.ts';
import { LookupTable } from './lookup-table.ts';
import { FIRST_ROWS, room } from './row-arrays.ts';

/** Each content goes into the log as a whole, and is read back at every start. */
const TABLE_BYTES_MAX = 64 * 1024 * 1024;
/** Decoded at once, and so the longest line: as much as a line of a lane has by default. */
const LINE_BYTES_MAX = 1024 * 1024;
/** A file of another kind would be one problem a line; after so many it is clear. */
const PROBLEMS_MAX = 20;

/** What some editors begin a UTF-8 file with. */
const MARK = [0xef, 0xbb, 0xbf];

export interface TableProblem {
  /** From 1; 0: it is no matter of one line. */
  readonly line: number;
  readonly message: string;
}

/** Rows, or what keeps the bytes from being any: at most PROBLEMS_MAX, in order of line. */
export type TableReading =
  | { readonly rows: LookupTable }
  | { readonly problems: readonly TableProblem[] };

/** @param seed of the hashes of keys; no result depends on it */
export function readTable(plan: TablePlan, bytes: Uint8Array, seed: number): TableReading {
  const tooLarge = sizeProblem(bytes.length);
  if (tooLarge !== undefined) return { problems: [tooLarge] };
  const reader = new TableReader(plan, seed);
  reader.read(bytes);
  const problems = reader.problems.sort((a, b) => a.line - b.line);
  return problems.length === 0 ? { rows: reader.rows } : { problems };
}

/** What is wrong with a file of so many bytes, whatever they are. */
export function sizeProblem(bytes: number): TableProblem | undefined {
  if (bytes <= TABLE_BYTES_MAX) return undefined;
  const message = `it has ${bytes} bytes; the limit for a table is ${TABLE_BYTES_MAX}`;
  return { line: 0, message };
}

class TableReader {
  readonly rows: LookupTable;
  readonly problems: TableProblem[] = [];
  readonly #decoder: LineDecoder;
  readonly #fields: LaneFields | null;
  /** By position: its line. */
  #lineOf = new Int32Array(FIRST_ROWS);
  /** null: none has come. */
  #header: LineHeader | null = null;
  /** Before those that are decoded next. */
  #lines = 0;

  constructor(plan: TablePlan, seed: number) {
    this.rows = new LookupTable(plan, seed);
    this.#decoder = createDecoder(plan.codec);
    this.#fields = plan.derivation === null ? null : new LaneFields(plan, plan.derivation);
  }

  /** Takes whole lines, as many as fit; the last of the file may lack its end. */
  read(bytes: Uint8Array): void {
    const { length } = bytes;
    let from = MARK.every((byte, i) => bytes[i] === byte) ? MARK.length : 0;
    while (from < length && this.problems.length < PROBLEMS_MAX) {
      const most = Math.min(length, from + LINE_BYTES_MAX);
      const to = most === length ? length : bytes.lastIndexOf(this.#decoder.lineEnd, most - 1) + 1;
      if (to <= from) {
        this.#reject(this.#lines + 1, `it is longer than ${LINE_BYTES_MAX} bytes`);
        return;
      }
      this.#decode(bytes.subarray(from, to));
      from = to;
    }
    // Nothing at all is a file that is being written rather than a table without rows.
    if (this.#decoder.readHeader !== null && this.#header === null && this.problems.length === 0) {
      this.#reject(0, 'it has no header');
    }
  }

  #decode(lines: Uint8Array): void {
    const size = lines.length + 1;
    const buffer = this.#decoder.room(size);
    buffer.set(lines);
    buffer[lines.length] = this.#decoder.lineEnd;
    const end = lines.at(-1) === this.#decoder.lineEnd ? lines.length : size;
    for (let from = 0; ; ) {
      const { count, next } = this.#decoder.find(from, end);
      if (count === 0) return;
      const first = this.#readHeader(count);
      if (first < count) this.#take(this.#decoder.decode(first, count, this.#header), buffer);
      this.#lines += count;
      from = next;
    }
  }

  /** Takes the header from lines, where the codec has one, and empty lines before it. @returns the first behind it */
  #readHeader(count: number): number {
    const { readHeader, starts, ends } = this.#decoder;
    if (readHeader === null) return 0;
    if (this.#header !== null) return this.#header.problem === null ? 0 : count;
    let line = 0;
    while (line < count && starts[line] === ends[line]) line++;
    if (line === count) return count;
    this.#header = readHeader(line);
    const { problem } = this.#header;
    if (problem === null) return line + 1;
    // Every line under it would be a problem of the same cause.
    this.#reject(this.#lines + line + 1, problem);
    return count;
  }

  #take(decoded: Decoded, bytes: Uint8Array): void {
    const first = this.#lines + 1;
    for (const { line, detail } of decoded.bad) this.#reject(first + line, detail);
    const { starts, ends } = this.#decoder;
    const { columns, kept, count } = this.#fields?.derive(
      decoded,
      { bytes, starts, ends },
      0,
      (line, _, detail) => this.#reject(first + line, detail),
    ) ?? { columns: decoded.columns, kept: null, count: decoded.rows };
    const before = this.rows.size;
    this.#lineOf = room(this.#lineOf, before, before + count);
    for (let k = 0; k < count; k++) {
      this.#lineOf[before + k] = first + decoded.lines[kept === null ? k : kept[k]];
    }
    this.rows.add(columns, kept, count, (row, other) => {
      this.#reject(this.#lineOf[row], `its key is that of line ${this.#lineOf[other]}`);
    });
  }

  #reject(line: number, message: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ line, message });
  }
}
