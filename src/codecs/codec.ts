/**
 * The contract of a codec: lines of bytes to columns. Pure: the same lines always give the same
 * columns, NULLs and verdicts, whatever is used downstream. Finding lines, numbering them and judging
 * lateness belong to the engine's lane stage.
 */
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { FoundLines } from './lines.ts';

export type TimestampFormat = 'iso8601' | 'epoch_s' | 'epoch_ms' | 'epoch_us' | 'epoch_ns';

export interface LaneField {
  readonly name: string;
  readonly type: DataType;
  /** Path of keys in the input object. */
  readonly source: readonly string[];
  /** For timestamps: how the input writes them. */
  readonly format: TimestampFormat;
  /** Missing or null makes a bad record instead of NULL. */
  readonly required: boolean;
  /** Something downstream reads it; else it is checked but never written to a column. */
  readonly used: boolean;
}

export interface CsvPlan {
  readonly kind: 'csv';
  /** The source of each is the name of its column. */
  readonly fields: readonly LaneField[];
  /** Names of the columns, in order; null: the first line of each connection has them. */
  readonly columns: readonly string[] | null;
  /** One ASCII character. */
  readonly delimiter: string;
  /** One ASCII character, another one. */
  readonly quote: string;
  /** A cell of this text, without quotes, is NULL. */
  readonly null: string;
  /** A header with columns that no field reads is bad. */
  readonly closed: boolean;
}

export interface NdjsonPlan {
  readonly kind: 'ndjson';
  readonly fields: readonly LaneField[];
  /** A record with other keys at its top is bad. */
  readonly closed: boolean;
}

export interface PatternPlan {
  readonly kind: 'pattern';
  /** The source of each is the name of its group. */
  readonly fields: readonly LaneField[];
  /** The pattern as JavaScript has it, to be used with the flag `u`. */
  readonly regexp: string;
  /** Names of its groups by number; the whole match has none. */
  readonly groups: readonly string[];
}

export type CodecPlan =
  | NdjsonPlan
  | CsvPlan
  | PatternPlan
  /** Every line is one record with one string field. `lineEnd`: the byte that ends it. */
  | { readonly kind: 'text'; readonly used: boolean; readonly lineEnd: number };

/** Why a line is no record; `dead-letter-reasons.ts` has their meaning. */
export const BAD_RECORD_REASONS = [
  'not-utf8',
  'not-json',
  'not-an-object',
  'not-csv',
  'wrong-cell-count',
  'bad-header',
  'no-match',
  'missing-field',
  'unknown-field',
  'wrong-type',
  'number-too-large',
  'bad-event-time',
  'line-too-long',
] as const;
export type BadRecordReason = (typeof BAD_RECORD_REASONS)[number];

export interface BadLine {
  /** Index of the line among those given. */
  readonly line: number;
  readonly reason: BadRecordReason;
  /** One sentence for a person: the field, what was there, what was wanted. Never longer than 200 characters. */
  readonly detail: string;
}

/** Rows decoded from a run of lines. Columns are the decoder's own memory, valid until its next call. */
export interface Decoded {
  readonly rows: number;
  /** In the order of declaration; a field that is not used has a column of its type without rows. */
  readonly columns: readonly Column[];
  /** Row to index of its line, ascending. */
  readonly lines: Int32Array;
  readonly bad: readonly BadLine[];
  /** Lines with nothing in them: numbered, skipped, counted on their own. */
  readonly empty: number;
}

/** The memory of a decoder that its caller fills, so that nothing is copied twice. */
export interface Lines {
  /** The byte that ends a line. */
  readonly lineEnd: number;
  /**
   * Where the caller puts lines to be decoded, at least `size` bytes. What was in it is lost, and with it
   * the life of what was decoded before.
   */
  room(size: number): Buffer;
  /** Line i is room[starts[i] .. ends[i]), its end, LF, CR LF or another, left out. To be asked for after `room`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Finds at most BATCH_ROWS_MAX lines that end in room[from .. to), and writes their bounds. */
  find(from: number, to: number): FoundLines;
}

/** The first line of a connection, where it is no record but names the columns of those behind it. */
export interface LineHeader {
  readonly columns: readonly string[];
  /** Why nothing can be read by it; null: nothing is wrong. One sentence for a person, at most 120 characters. */
  readonly problem: string | null;
}

export interface LineDecoder extends Lines {
  /** Reads a line that is not empty as the header of its connection; null: lines of this codec have none. */
  readonly readHeader: ((line: number) => LineHeader) | null;
  /**
   * Decodes lines first..last-1 of those found, or written by the caller.
   * @param header of their connection, where the codec has headers
   */
  decode(first: number, last: number, header?: LineHeader | null): Decoded;
}
