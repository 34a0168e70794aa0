/**
 * NDJSON: one JSON object a line. The verdict on a line depends on the lane alone: the whole line is
 * checked as UTF-8 and as JSON, every declared field for its type, whoever reads it; `used` only
 * decides which columns are handed on. Walking the bytes belongs to the scanner, which takes plain lines
 * only, and to the reader, which takes all; where both could take a line they give the same.
 */
import assert from 'node:assert';
import { isUtf8 } from 'node:buffer';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { BadLine, BadRecordReason, Decoded, LaneField, LineDecoder, Lines } from './codec.ts';
import { emptyColumn } from './empty-column.ts';
import { type FieldNode, fieldTree, type KeyTable } from './json-field.ts';
import { JsonReader } from './json-reader.ts';
import { BRACE_OPEN } from './json-text.ts';
import { LineRoom } from './line-room.ts';
import type { FoundLines } from './lines.ts';
import { NdjsonScanner } from './ndjson-scanner.ts';
import { shorten, wrongValue } from './wrong-value.ts';

/** Keys of all objects of a line together: more is no record but a document. */
const KEYS_MAX = 1024;

/**
 * @param fields the lane's fields in the order of declaration, none of type map or interval
 * @param closed a record with other keys at its top is bad
 * @param fast false: by the reader alone, which gives the same, slower
 */
export function createNdjsonDecoder(
  fields: readonly LaneField[],
  closed = false,
  fast = true,
): LineDecoder {
  return new NdjsonDecoder(fields, closed, fast);
}

class NdjsonDecoder implements LineDecoder {
  readonly readHeader = null;
  readonly #fields: readonly LaneField[];
  readonly #closed: boolean;
  readonly #root: KeyTable;
  readonly #nodes: readonly FieldNode[];
  readonly #reader: JsonReader;
  /** null: no field list for it, or no system for it. */
  readonly #scanner: NdjsonScanner | null;
  readonly #area: Lines;
  readonly #lines = new Int32Array(BATCH_ROWS_MAX);
  #bad: BadLine[] = [];

  constructor(fields: readonly LaneField[], closed: boolean, fast: boolean) {
    this.#fields = fields;
    this.#closed = closed;
    const { root, nodes } = fieldTree(fields);
    this.#root = root;
    this.#nodes = nodes;
    this.#reader = new JsonReader(fields.length);
    this.#scanner = fast ? NdjsonScanner.over(fields, nodes, closed) : null;
    this.#area = this.#scanner ?? new LineRoom();
  }

  room(size: number): Buffer {
    return this.#area.room(size);
  }

  get lineEnd(): number {
    return this.#area.lineEnd;
  }

  get starts(): Int32Array {
    return this.#area.starts;
  }

  get ends(): Int32Array {
    return this.#area.ends;
  }

  find(from: number, to: number): FoundLines {
    return this.#area.find(from, to);
  }

  decode(first: number, last: number): Decoded {
    assert(last - first <= BATCH_ROWS_MAX);
    const { starts, ends } = this.#area;
    const bytes = this.#area.room(0);
    const reader = this.#reader;
    const scanner = this.#scanner;
    const lines = scanner === null ? this.#lines : scanner.lines;
    this.#bad = [];
    for (const node of this.#nodes) node.reset();
    reader.open(bytes);
    reader.side.begin(last > first ? ends[last - 1] : 0);
    // Line ends are no part of any character: what is UTF-8 as a whole is so line by line.
    const utf8 = last > first && isUtf8(bytes.subarray(starts[first], ends[last - 1]));
    const scans = utf8 && scanner?.begin() === true;
    let rows = 0;
    let empty = 0;
    let left = 0;
    for (let line = first; line < last; line++) {
      if (scans) {
        const stop = scanner.scan(line, last, rows);
        rows += stop - line;
        line = stop;
        if (line === last) break;
        left++;
      }
      const start = starts[line];
      const end = ends[line];
      reader.end = end;
      const at = reader.space(start);
      if (at === end) {
        empty++;
      } else if (!utf8 && !isUtf8(bytes.subarray(start, end))) {
        this.#reject(line, 'not-utf8', 'bytes that are not UTF-8');
      } else if (this.#line(line, at, start, rows)) {
        lines[rows++] = line;
      }
    }
    if (scans) scanner.end(last - first, left);
    const base = last > first ? starts[first] : 0;
    const area = reader.side.behind(bytes, base);
    const columns = this.#nodes.map((node, field) =>
      node.used ? node.column(rows, area) : emptyColumn(this.#fields[field].type),
    );
    return { rows, columns, lines, bad: this.#bad, empty };
  }

  /** Reads a line into a row. @returns whether it is a record; if not, it has been rejected */
  #line(line: number, at: number, start: number, row: number): boolean {
    const reader = this.#reader;
    reader.begin();
    for (const node of this.#nodes) node.valid[row] = 0;
    const object = reader.peek(at) === BRACE_OPEN;
    const end = object ? reader.object(this.#root, at, row, 1) : reader.skip(at, 0);
    if (end < 0) {
      const place = reader.failedAt - start + 1;
      return this.#reject(line, 'not-json', `${reader.failure}, at byte ${place}`);
    }
    if (reader.space(end) !== reader.end) {
      return this.#reject(line, 'not-json', `more than one value, at byte ${end - start + 1}`);
    }
    if (reader.keys > KEYS_MAX) {
      return this.#reject(line, 'not-json', `${reader.keys} keys; the limit is ${KEYS_MAX}`);
    }
    if (reader.lone) {
      return this.#reject(line, 'not-utf8', 'an escape that is half of a surrogate pair');
    }
    if (!object) {
      const found = this.#excerpt(at, end);
      return this.#reject(line, 'not-an-object', `${found} where an object is wanted`);
    }
    if (this.#closed && reader.otherEnd > 0) {
      const other = this.#excerpt(reader.otherStart, reader.otherEnd);
      return this.#reject(line, 'unknown-field', `${other} is no field of the lane`);
    }
    return this.#judge(line, row);
  }

  /** The first field, in the order of declaration, that is wrong or missing makes the verdict. */
  #judge(line: number, row: number): boolean {
    const reader = this.#reader;
    const nodes = this.#nodes;
    for (let field = 0; field < nodes.length; field++) {
      if (nodes[field].valid[row] !== 0 && reader.faulty === 0) continue;
      const fault = reader.faults[field];
      if (fault !== 0) return this.#rejectValue(line, field, fault);
      if (nodes[field].valid[row] !== 0) continue;
      if (this.#fields[field].required) {
        const name = shorten(this.#fields[field].source.join('.'));
        return this.#reject(line, 'missing-field', `${name} is missing or null`);
      }
      nodes[field].blank(row);
    }
    return true;
  }

  #rejectValue(line: number, field: number, fault: number): false {
    const found = this.#excerpt(this.#reader.faultStarts[field], this.#reader.faultEnds[field]);
    const { reason, detail } = wrongValue(this.#fields[field], fault, found);
    return this.#reject(line, reason, detail);
  }

  #reject(line: number, reason: BadRecordReason, detail: string): false {
    this.#bad.push({ line, reason, detail });
    return false;
  }

  #excerpt(from: number, to: number): string {
    const { bytes } = this.#reader;
    return shorten(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from));
  }
}
