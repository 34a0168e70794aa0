/**
 * What a sample of lines shows of the fields of a lane, whatever the codec. A guess is offered only if the decoder
 * itself, with that one field declared, finds nothing wrong in any record of the sample.
 */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { type DataType, HIDDEN_FIELDS } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Decoded, LaneField, LineDecoder, LineHeader, TimestampFormat } from './codec.ts';
import { findLines, LF } from './lines.ts';

export interface InferredField {
  readonly name: string;
  readonly type: DataType;
  readonly format: TimestampFormat;
  /** Records in which it is null or missing. */
  readonly absent: number;
}

export interface Inferred {
  /** As an author writes it. */
  readonly codec: 'ndjson' | 'csv' | { readonly csv: { readonly delimiter: string } };
  readonly records: number;
  /** Lines that are no records, whatever the fields are. */
  readonly bad: number;
  readonly fields: readonly InferredField[];
  /** Keys that no field is made of, and why not. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  /** The timestamp that is always there and goes on most evenly, with how far a record lies behind at most: a year. */
  readonly eventTime: { readonly field: string; readonly behind: Micros } | null;
}

/** 2000-01-01 to 2100-01-01: a number in it, under a name that says so, is taken for a time. Units never overlap. */
const SECONDS_FROM = 946_684_800;
const SECONDS_TO = 4_102_444_800;
const UNITS: readonly (readonly [TimestampFormat, number, string])[] = [
  ['epoch_s', 1, 's'],
  ['epoch_ms', 1e3, 'ms'],
  ['epoch_us', 1e6, 'us'],
  ['epoch_ns', 1e9, 'ns'],
];
/** `at`, `paid_at`, `createdAt`, `ts_ms`, `timestamp`: words for a time, with a unit or without one. */
const TIME_NAME =
  /(?:^|[_\W])(at|ts|time|timestamp|date|datetime|epoch|when|created|updated)(?:_?(s|ms|us|ns))?$/i;

/** Keys that no file may have. */
const REFUSED: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Names that stand for something else, in records or in the file. */
export function isName(name: string): boolean {
  const taken: readonly string[] = [...HIDDEN_FIELDS, ...REFUSED];
  return name !== '' && !taken.includes(name) && !/[\p{Cc}\p{Cs}]/u.test(name);
}

/** Lines of a sample, by where they are in its bytes, and how they are read. */
export interface Sample {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  readonly open: (fields: readonly LaneField[]) => LineDecoder;
  readonly header: LineHeader | null;
}

/** @param bytes whole lines, each ended by LF */
export function sampleOf(
  bytes: Uint8Array,
  open: Sample['open'],
  header: LineHeader | null = null,
): Sample {
  const capacity = bytes.reduce((sum, byte) => sum + (byte === LF ? 1 : 0), 0);
  const starts = new Int32Array(capacity);
  const ends = new Int32Array(capacity);
  const { count } = findLines(bytes, 0, bytes.length, starts, ends, capacity, LF);
  return { bytes, starts, ends, count, open, header };
}

/** Lines that are records, whatever the fields are; empty ones are neither good nor bad. */
export function goodLines(sample: Sample): { readonly lines: Sample; readonly bad: number } {
  const kept: number[] = [];
  let bad = 0;
  decodeAll(sample, [], (decoded, first) => {
    for (let row = 0; row < decoded.rows; row++) kept.push(first + decoded.lines[row]);
    bad += decoded.bad.length;
    return true;
  });
  const starts = Int32Array.from(kept, (line) => sample.starts[line]);
  const ends = Int32Array.from(kept, (line) => sample.ends[line]);
  return { bad, lines: { ...sample, starts, ends, count: kept.length } };
}

/** @param take what was decoded of a run of lines; false: that is enough */
export function decodeAll(
  { bytes, starts, ends, count, open, header }: Sample,
  fields: readonly LaneField[],
  take: (decoded: Decoded, first: number) => boolean,
): void {
  const decoder = open(fields);
  decoder.room(bytes.length).set(bytes);
  for (let first = 0; first < count; first += BATCH_ROWS_MAX) {
    const last = Math.min(count, first + BATCH_ROWS_MAX);
    decoder.starts.set(starts.subarray(first, last));
    decoder.ends.set(ends.subarray(first, last));
    if (!take(decoder.decode(0, last - first, header), first)) return;
  }
}

export type Guess = Pick<InferredField, 'name' | 'type' | 'format'>;

/** @returns the first guess that the decoder takes all of the sample for */
export function firstThatFits(guesses: readonly Guess[], lines: Sample): Guess | undefined {
  return guesses.find((guess) => {
    let clean = true;
    decodeAll(lines, [laneField(guess, false)], ({ bad }) => {
      clean &&= bad.length === 0;
      return clean;
    });
    return clean;
  });
}

/** The unit in which all numbers are times of this century, if the name says that they are times at all. */
export function unitOf(
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): TimestampFormat | undefined {
  const named = TIME_NAME.exec(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2'));
  if (named === null) return undefined;
  const unit = UNITS.find(
    ([, scale]) => least >= SECONDS_FROM * scale && most < SECONDS_TO * scale,
  );
  // A name that says another unit than the numbers do leaves the question to the author.
  if (unit === undefined || (named[2] !== undefined && named[2].toLowerCase() !== unit[2])) {
    return undefined;
  }
  return unit[0];
}

export function laneField({ name, type, format }: Guess, used: boolean): LaneField {
  return { name, type, format, source: [name], required: false, used };
}

/** A year: results that wait so long for records out of order help nobody, so such a time is none to go by. */
const BEHIND_MAX: Micros = 365 * 86_400_000_000;

export function eventTimeOf(
  fields: readonly InferredField[],
  lines: Sample,
): Inferred['eventTime'] {
  let best: Inferred['eventTime'] = null;
  for (const field of fields) {
    if (field.type.kind !== 'timestamp' || field.absent > 0) continue;
    const behind = mostBehind(field, lines);
    if (behind > BEHIND_MAX) continue;
    if (best === null || behind < best.behind) best = { field: field.name, behind };
  }
  return best;
}

/** How far a record's time lies behind the newest before it, at most. */
function mostBehind(field: InferredField, lines: Sample): Micros {
  let newest = Number.NEGATIVE_INFINITY;
  let behind = 0;
  decodeAll(lines, [laneField(field, true)], ({ rows, columns: [column] }) => {
    if (column.type !== 'timestamp') return false;
    for (let row = 0; row < rows; row++) {
      behind = Math.max(behind, newest - column.values[row]);
      newest = Math.max(newest, column.values[row]);
    }
    return true;
  });
  return behind;
}
