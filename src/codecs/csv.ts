/**
 * CSV: a line is cells, a field is the cell of its column. Verdicts are as strict as those on JSON: the line is
 * checked whole, every declared field for its type, whoever reads it. Which cells there are is for `csv-cells`,
 * which column is where for `csv-header`; a number or a time is written as in JSON, without the quotes.
 */
import assert from 'node:assert';
import { isUtf8 } from 'node:buffer';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { LATEST } from '../stream/time.ts';
import type {
  BadLine,
  BadRecordReason,
  CsvPlan,
  Decoded,
  LaneField,
  LineDecoder,
  LineHeader,
} from './codec.ts';
import { CsvCells, DOUBLED, PLAIN } from './csv-cells.ts';
import { type CsvLayout, layoutOf, readHeader } from './csv-header.ts';
import { emptyColumn } from './empty-column.ts';
import { parseIsoTimestamp } from './iso-timestamp.ts';
import { FieldNode } from './json-field.ts';
import { JsonNumber } from './json-number.ts';
import { LineRoom } from './line-room.ts';
import type { FoundLines } from './lines.ts';
import { SideArea } from './side-area.ts';
import { shorten, TOO_LARGE, WRONG_TYPE, wrongValue } from './wrong-value.ts';

const word = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const TRUE = word('true');
const FALSE = word('false');

/** @param plan its fields have types of single values only */
export function createCsvDecoder(plan: CsvPlan): LineDecoder {
  return new CsvDecoder(plan);
}

class CsvDecoder implements LineDecoder {
  readonly readHeader: LineDecoder['readHeader'];
  readonly lineEnd: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #fields: readonly LaneField[];
  readonly #closed: boolean;
  readonly #nodes: readonly FieldNode[];
  readonly #cells: CsvCells;
  readonly #null: Uint8Array;
  readonly #numbers = new JsonNumber();
  readonly #side = new SideArea();
  readonly #room = new LineRoom();
  readonly #lines = new Int32Array(BATCH_ROWS_MAX);
  /** Where the columns are without a header. */
  readonly #fixed: CsvLayout | null;
  readonly #layouts = new WeakMap<LineHeader, CsvLayout>();
  #bytes: Uint8Array = new Uint8Array(0);
  #bad: BadLine[] = [];

  constructor({ fields, columns, delimiter, quote, null: nothing, closed }: CsvPlan) {
    this.lineEnd = this.#room.lineEnd;
    this.starts = this.#room.starts;
    this.ends = this.#room.ends;
    this.#fields = fields;
    this.#closed = closed;
    this.#nodes = fields.map(
      ({ name, type, used, format }, field) =>
        new FieldNode(name, type, { field, used, format }, BATCH_ROWS_MAX),
    );
    this.#cells = new CsvCells(delimiter, quote);
    this.#null = word(nothing);
    this.#fixed = columns === null ? null : layoutOf(columns, fields);
    this.readHeader = columns === null ? (line) => this.#header(line) : null;
  }

  room(size: number): Buffer {
    return this.#room.room(size);
  }

  find(from: number, to: number): FoundLines {
    return this.#room.find(from, to);
  }

  decode(first: number, last: number, header: LineHeader | null = null): Decoded {
    assert(last - first <= BATCH_ROWS_MAX);
    const { starts, ends } = this;
    const bytes = this.#room.room(0);
    const base = last > first ? starts[first] : 0;
    const stop = last > first ? ends[last - 1] : 0;
    this.#bytes = bytes;
    this.#bad = [];
    this.#numbers.open(bytes);
    this.#cells.open(bytes);
    this.#side.begin(stop);
    const utf8 = isUtf8(bytes.subarray(base, stop));
    const layout = this.#layout(header);
    let rows = 0;
    let empty = 0;
    for (let line = first; line < last; line++) {
      const start = starts[line];
      const end = ends[line];
      if (start === end) {
        empty++;
      } else if (layout === null) {
        this.#reject(line, 'bad-header', `no record under a bad header: ${header?.problem}`);
      } else if (!utf8 && !isUtf8(bytes.subarray(start, end))) {
        this.#reject(line, 'not-utf8', 'bytes that are not UTF-8');
      } else if (this.#line(line, layout, rows)) {
        this.#lines[rows++] = line;
      }
    }
    const area = this.#side.behind(bytes, base);
    const columns = this.#nodes.map((node, field) =>
      node.used ? node.column(rows, area) : emptyColumn(this.#fields[field].type),
    );
    return { rows, columns, lines: this.#lines, bad: this.#bad, empty };
  }

  #header(line: number): LineHeader {
    const bytes = this.#room.room(0).subarray(this.starts[line], this.ends[line]);
    return readHeader(bytes, this.#cells, this.#fields, this.#closed);
  }

  /** @returns null: nothing can be read */
  #layout(header: LineHeader | null): CsvLayout | null {
    if (this.#fixed !== null) return this.#fixed;
    assert(header !== null, 'lines of CSV come before their header');
    if (header.problem !== null) return null;
    let layout = this.#layouts.get(header);
    if (layout === undefined) {
      layout = layoutOf(header.columns, this.#fields);
      this.#layouts.set(header, layout);
    }
    return layout;
  }

  /** Reads a line into a row. @returns whether it is a record; if not, it has been rejected */
  #line(line: number, layout: CsvLayout, row: number): boolean {
    const start = this.starts[line];
    const cells = this.#cells;
    const count = cells.split(start, this.ends[line]);
    if (count < 0) {
      const place = cells.failedAt - start + 1;
      return this.#reject(line, 'not-csv', `${cells.failure}, at byte ${place}`);
    }
    if (count !== layout.cells) {
      const found = count === 1 ? '1 cell' : `${count} cells`;
      const there = layout.cells === 1 ? 'is 1 column' : `are ${layout.cells} columns`;
      return this.#reject(line, 'wrong-cell-count', `${found} where there ${there}`);
    }
    const nodes = this.#nodes;
    for (let field = 0; field < nodes.length; field++) {
      const cell = layout.cellOf[field];
      if (cell < 0 || this.#isNull(cell)) {
        if (this.#fields[field].required) return this.#rejectMissing(line, field, cell);
        nodes[field].blank(row);
        continue;
      }
      const fault = this.#value(nodes[field], cell, row);
      if (fault !== 0) return this.#rejectValue(line, field, cell, fault);
      nodes[field].valid[row] = 1;
    }
    return true;
  }

  #isNull(cell: number): boolean {
    const from = this.#cells.starts[cell];
    return (
      this.#cells.kinds[cell] === PLAIN && this.#says(from, this.#cells.ends[cell], this.#null)
    );
  }

  #says(from: number, to: number, text: Uint8Array): boolean {
    if (to - from !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.#bytes[from + i] !== text[i]) return false;
    return true;
  }

  /** Reads a cell into a row of its field's memory. @returns what is wrong with it; 0: nothing */
  #value(node: FieldNode, cell: number, row: number): number {
    const from = this.#cells.starts[cell];
    const to = this.#cells.ends[cell];
    switch (node.kind) {
      case 'string':
        if (this.#cells.kinds[cell] === DOUBLED && node.used) {
          const side = this.#side;
          node.starts[row] = side.base + side.length;
          this.#cells.appendText(cell, side);
          node.ends[row] = side.base + side.length;
        } else {
          node.starts[row] = from;
          node.ends[row] = to;
        }
        return 0;
      case 'boolean': {
        const yes = this.#says(from, to, TRUE);
        node.flags[row] = yes ? 1 : 0;
        return yes || this.#says(from, to, FALSE) ? 0 : WRONG_TYPE;
      }
      case 'timestamp':
        return this.#timestamp(node, from, to, row);
      default:
        return this.#number(node, from, to, row);
    }
  }

  #number(node: FieldNode, from: number, to: number, row: number): number {
    const numbers = this.#numbers;
    numbers.end = to;
    if (numbers.number(from) !== to) return WRONG_TYPE;
    if (node.kind === 'double') {
      node.numbers[row] = numbers.double(from, to);
      return 0;
    }
    const value = numbers.long(from, to);
    node.numbers[row] = value;
    if (value - value === 0) return 0;
    return value > 0 ? TOO_LARGE : WRONG_TYPE;
  }

  #timestamp(node: FieldNode, from: number, to: number, row: number): number {
    let micros = Number.NaN;
    if (node.format === 'iso8601') {
      micros = parseIsoTimestamp(this.#bytes, from, to);
    } else {
      const numbers = this.#numbers;
      numbers.end = to;
      if (numbers.number(from) === to) micros = numbers.epoch(node.format, from, to);
    }
    node.numbers[row] = micros;
    return micros <= LATEST && micros >= -LATEST ? 0 : WRONG_TYPE;
  }

  #rejectMissing(line: number, field: number, cell: number): false {
    const name = shorten(this.#fields[field].source[0]);
    const detail = cell < 0 ? `the header has no column ${name}` : `${name} is missing or null`;
    return this.#reject(line, 'missing-field', detail);
  }

  #rejectValue(line: number, field: number, cell: number, fault: number): false {
    const found = this.#room.room(0).subarray(this.#cells.starts[cell], this.#cells.ends[cell]);
    const text = found.length === 0 ? 'an empty text' : shorten(found);
    const { reason, detail } = wrongValue(this.#fields[field], fault, text);
    return this.#reject(line, reason, detail);
  }

  #reject(line: number, reason: BadRecordReason, detail: string): false {
    this.#bad.push({ line, reason, detail });
    return false;
  }
}
