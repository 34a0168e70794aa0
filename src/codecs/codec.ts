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

export type CodecPlan =
  | { readonly kind: 'ndjson'; readonly fields: readonly LaneField[] }
  /** Every line is one record with one string field, `line`. */
  | { readonly kind: 'text'; readonly used: boolean };

/** Why a line is no record; `dead-letter-reasons.ts` has their meaning. */
export const BAD_RECORD_REASONS = [
  'not-utf8',
  'not-json',
  'not-an-object',
  'missing-field',
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
  /**
   * Where the caller puts lines to be decoded, at least `size` bytes. What was in it is lost, and with it
   * the life of what was decoded before.
   */
  room(size: number): Buffer;
  /** Line i is room[starts[i] .. ends[i]), its LF or CR LF left out. To be asked for after `room`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Finds at most BATCH_ROWS_MAX lines that end in room[from .. to), and writes their bounds. */
  find(from: number, to: number): FoundLines;
}

export interface LineDecoder extends Lines {
  /** Decodes lines first..last-1 of those found, or written by the caller. */
  decode(first: number, last: number): Decoded;
}
