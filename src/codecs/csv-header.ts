/**
 * The names of the columns of CSV, and what they mean to the fields of a lane. A header by which nothing sensible
 * can be read is refused as a whole, so that no file without a header turns into records of nothing but NULL.
 */
import { isUtf8 } from 'node:buffer';
import { ByteArea } from './byte-area.ts';
import type { LaneField, LineHeader } from './codec.ts';
import { CELLS_MAX, type CsvCells, PLAIN } from './csv-cells.ts';
import { shorten } from './wrong-value.ts';

/** Which cell each field is. */
export interface CsvLayout {
  /** So many cells has a line. */
  readonly cells: number;
  /** By field; -1: its column is not there. */
  readonly cellOf: Int32Array;
}

export function layoutOf(columns: readonly string[], fields: readonly LaneField[]): CsvLayout {
  const cellOf = Int32Array.from(fields, (field) => columns.indexOf(columnOf(field)));
  return { cells: columns.length, cellOf };
}

/** Blanks around a name mean nothing: what is written for people to read is aligned with them. */
function columnOf({ source: [column] }: LaneField): string {
  return column.trim();
}

/**
 * @param line its bytes; a mark of byte order before it is none of its text
 * @param closed there may be no columns but those of the fields
 */
export function readHeader(
  line: Uint8Array,
  cells: CsvCells,
  fields: readonly LaneField[],
  closed: boolean,
): LineHeader {
  const bad = (problem: string): LineHeader => ({ columns: [], problem });
  if (!isUtf8(line)) return bad('bytes that are not UTF-8');
  const marked = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
  cells.open(line);
  const count = cells.split(marked ? 3 : 0, line.length);
  if (count < 0) return bad(`${cells.failure}, at byte ${cells.failedAt + 1}`);
  if (count > CELLS_MAX) return bad(`${count} columns; the limit is ${CELLS_MAX}`);
  const columns = Array.from({ length: count }, (_, cell) => nameIn(cells, cell, line));
  const problem = problemOf(columns, fields, closed);
  return { columns, problem };
}

function nameIn(cells: CsvCells, cell: number, line: Uint8Array): string {
  const area = new ByteArea();
  if (cells.kinds[cell] === PLAIN) area.copy(line, cells.starts[cell], cells.ends[cell]);
  else cells.appendText(cell, area);
  return Buffer.from(area.written()).toString().trim();
}

function problemOf(
  columns: readonly string[],
  fields: readonly LaneField[],
  closed: boolean,
): string | null {
  const unnamed = columns.indexOf('');
  if (unnamed !== -1) return `column ${unnamed + 1} has no name`;
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column)) return `two columns are called ${shorten(column)}`;
    seen.add(column);
  }
  const other = columns.find((column) => !fields.some((field) => columnOf(field) === column));
  if (closed && other !== undefined) return `column ${shorten(other)} is no field of the lane`;
  if (fields.length === 0 || fields.some((field) => seen.has(columnOf(field)))) return null;
  return `it names no column that is read, such as ${shorten(columnOf(fields[0]))}`;
}
