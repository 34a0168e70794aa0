/**
 * CSV: a line is cells, a field is the cell of its column. Verdicts are as strict as those on JSON: the line is
 * checked whole, every declared field for its type, whoever reads it. Which cells there are is for `csv-cells`,
 * which column is where for `csv-header`; a number or a time is written as in JSON, without the quotes.
 */
import assert from 'node:assert';
import { isUtf8 } from 'node:buffer';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { CellValues } from './cell-values.ts';
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
import type { FieldNode } from './json-field.ts';
import { LineRoom } from './line-room.ts';
import type { FoundLines } from './lines.ts';
import { SideArea } from './side-area.ts';
import { shorten } from './wrong-value.ts';

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
  readonly #values: CellValues;
  readonly #cells: CsvCells;
  readonly #null: Uint8Array;
  readonly #side = new SideArea();
  readonly #room = new LineRoom();
  readonly #lines = new Int32Array(BATCH_ROWS_MAX);
  /** Where the columns are without a header. */
  readonly #fixed: CsvLayout | null;
  readonly #layouts = new WeakMap<LineHeader, CsvLayout>();
  #bad: BadLine[] = [];

  constructor({ fields, columns, delimiter, quote, null: nothing, closed }: CsvPlan) {
    this.lineEnd = this.#room.lineEnd;
    this.starts = this.#room.starts;
    this.ends = this.#room.ends;
    this.#fields = fields;
    this.#closed = closed;
    this.#values = new CellValues(fields);
    this.#cells = new CsvCells(delimiter, quote);
    this.#null = Uint8Array.from(Buffer.from(nothing));
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
    this.#bad = [];
    this.#values.open(bytes);
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
    const columns = this.#values.columns(rows, this.#side.behind(bytes, base));
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
    const values = this.#values;
    for (let field = 0; field < layout.cellOf.length; field++) {
      const cell = layout.cellOf[field];
      if (cell < 0 || this.#isNull(cell)) {
        if (this.#fields[field].required) return this.#rejectMissing(line, field, cell);
        values.nodes[field].blank(row);
        continue;
      }
      const [from, to] = [cells.starts[cell], cells.ends[cell]];
      const fault = values.read(field, from, to, row);
      if (fault !== 0) {
        const { reason, detail } = values.wrong(field, from, to, fault);
        return this.#reject(line, reason, detail);
      }
      if (cells.kinds[cell] === DOUBLED) this.#undouble(values.nodes[field], cell, row);
    }
    return true;
  }

  #isNull(cell: number): boolean {
    const from = this.#cells.starts[cell];
    const to = this.#cells.ends[cell];
    return this.#cells.kinds[cell] === PLAIN && this.#values.says(from, to, this.#null);
  }

  /** A text with quotes inside, each of which stands twice in the line. */
  #undouble(node: FieldNode, cell: number, row: number): void {
    if (node.kind !== 'string' || !node.used) return;
    const side = this.#side;
    node.starts[row] = side.base + side.length;
    this.#cells.appendText(cell, side);
    node.ends[row] = side.base + side.length;
  }

  #rejectMissing(line: number, field: number, cell: number): false {
    const name = shorten(this.#fields[field].source[0]);
    const detail = cell < 0 ? `the header has no column ${name}` : `${name} is missing or null`;
    return this.#reject(line, 'missing-field', detail);
  }

  #reject(line: number, reason: BadRecordReason, detail: string): false {
    this.#bad.push({ line, reason, detail });
    return false;
  }
}
