/** A record of a test as a line of CSV, and the header it stands under: what a vehicle would have sent. */
import { CsvCells } from '../codecs/csv-cells.ts';
import { readHeader } from '../codecs/csv-header.ts';
import type { CsvCodec, Lane } from '../topology/topology.ts';
import type { FedRecord } from '../topology/topology-test.ts';

/** @returns a header with all columns that the lane reads; undefined: its lines have none */
export function csvHeader(lane: Lane, codec: CsvCodec): string | undefined {
  if (codec.columns !== null) return undefined;
  const read = lane.fields.filter(({ expression }) => expression === null);
  const columns = new Set(read.flatMap(({ sources }) => sources.map(([column]) => column.trim())));
  return lineOf([...columns], codec);
}

/**
 * @param header the first line of the connection, where lines have one
 * @returns the record under that header; a column that the record lacks is NULL
 */
export function csvLine(
  record: FedRecord,
  codec: CsvCodec,
  header: Uint8Array | undefined,
): string {
  const cells = new CsvCells(codec.delimiter, codec.quote);
  const columns =
    codec.columns ?? readHeader(header ?? new Uint8Array(0), cells, [], false).columns;
  return lineOf(
    columns.map((column) => record.get(column) ?? null),
    codec,
  );
}

/** The first line that is not empty, without its end; undefined: there is none yet. */
export function firstLineOf(bytes: Uint8Array): Uint8Array | undefined {
  const [line] = /[^\r\n]+/.exec(Buffer.from(bytes).toString('latin1')) ?? [];
  return line === undefined ? undefined : Buffer.from(line, 'latin1');
}

function lineOf(cells: readonly (string | null)[], codec: CsvCodec): string {
  return `${cells.map((cell) => cellOf(cell, codec)).join(codec.delimiter)}\n`;
}

function cellOf(cell: string | null, { delimiter, quote, null: nothing }: CsvCodec): string {
  if (cell === null) return nothing;
  if (cell !== nothing && !cell.includes(delimiter) && !cell.includes(quote)) return cell;
  return quote + cell.replaceAll(quote, quote + quote) + quote;
}
