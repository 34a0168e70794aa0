/** The fields of a lane guessed from a sample of CSV with a header: of each column the narrowest type of all its cells. */
import { RoundaboutError } from '../stream/error.ts';
import type { DataType } from '../stream/schema.ts';
import type { TimestampFormat } from './codec.ts';
import { createCsvDecoder } from './csv.ts';
import { CsvCells } from './csv-cells.ts';
import { readHeader } from './csv-header.ts';
import {
  decodeAll,
  eventTimeOf,
  firstThatFits,
  type Guess,
  goodLines,
  type Inferred,
  type InferredField,
  isName,
  laneField,
  type Sample,
  sampleOf,
  unitOf,
} from './infer-sample.ts';

const QUOTE = '"';
const LF = 0x0a;
const CR = 0x0d;
/** What stands between cells, the most usual one first. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * @param bytes whole lines, each ended by LF
 * @throws RoundaboutError `bad-usage` when the first line does not name columns
 */
export function inferCsv(bytes: Uint8Array): Inferred {
  const [start, end] = firstLine(bytes);
  const line = bytes.subarray(start, end);
  const delimiter = delimiterOf(line);
  const header = readHeader(line, new CsvCells(delimiter, QUOTE), [], false);
  if (header.problem !== null) {
    throw new RoundaboutError('bad-usage', `the first line is no header: ${header.problem}`);
  }
  const open: Sample['open'] = (fields) => createCsvDecoder(planOf(delimiter, fields));
  const { lines, bad } = goodLines(sampleOf(bytes.subarray(end), open, header));
  const fields: InferredField[] = [];
  const leftOut: { name: string; why: string }[] = [];
  for (const name of header.columns) {
    const present = isName(name) ? presentIn(name, lines) : 0;
    const guess = present > 0 ? firstThatFits(guesses(name, lines), lines) : undefined;
    if (guess !== undefined) fields.push({ ...guess, absent: lines.count - present });
    else leftOut.push({ name, why: whyNot(name) });
  }
  return {
    codec: delimiter === ',' ? 'csv' : { csv: { delimiter } },
    records: lines.count,
    bad,
    fields,
    leftOut,
    eventTime: eventTimeOf(fields, lines),
  };
}

/** @returns where the first line that is not empty begins and ends, the end of the line left out */
function firstLine(bytes: Uint8Array): readonly [start: number, end: number] {
  const start = bytes.findIndex((byte) => byte !== LF && byte !== CR);
  if (start < 0) return [bytes.length, bytes.length];
  const end = bytes.findIndex((byte, at) => at > start && (byte === LF || byte === CR));
  return [start, end < 0 ? bytes.length : end];
}

function whyNot(name: string): string {
  return isName(name) ? 'it is always null' : 'no field can have this name';
}

function planOf(delimiter: string, fields: Parameters<Sample['open']>[0]) {
  return {
    kind: 'csv',
    fields,
    columns: null,
    delimiter,
    quote: QUOTE,
    null: '',
    closed: false,
  } as const;
}

/** The one that makes the most columns of the header. */
function delimiterOf(header: Uint8Array): string {
  const counts = DELIMITERS.map((one) => {
    const cells = new CsvCells(one, QUOTE);
    cells.open(header);
    return cells.split(0, header.length);
  });
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/** In how many records there is a cell. */
function presentIn(name: string, lines: Sample): number {
  let present = 0;
  decodeAll(lines, [laneField(guess(name, 'string'), true)], ({ rows, columns: [{ valid }] }) => {
    for (let row = 0; row < rows; row++) present += valid === null ? 1 : valid[row];
    return true;
  });
  return present;
}

function guesses(name: string, lines: Sample): readonly Guess[] {
  const unit = unitOf(name, boundsOf(name, lines));
  return [
    guess(name, 'boolean'),
    guess(name, 'timestamp'),
    ...(unit === undefined ? [] : [guess(name, 'timestamp', unit)]),
    guess(name, 'long'),
    guess(name, 'double'),
    guess(name, 'string'),
  ];
}

function guess(
  name: string,
  kind: Exclude<DataType['kind'], 'array' | 'struct' | 'map'>,
  format: TimestampFormat = 'iso8601',
): Guess {
  return { name, type: { kind }, format };
}

/** Of the cells that are numbers. */
function boundsOf(name: string, lines: Sample): { readonly least: number; readonly most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  decodeAll(lines, [laneField(guess(name, 'double'), true)], ({ rows, columns: [column] }) => {
    if (column.type !== 'double') return false;
    for (let row = 0; row < rows; row++) {
      if (column.valid !== null && column.valid[row] === 0) continue;
      least = Math.min(least, column.values[row]);
      most = Math.max(most, column.values[row]);
    }
    return true;
  });
  return { least, most };
}
