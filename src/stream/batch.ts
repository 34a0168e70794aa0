/**
 * A batch: the rows of one log entry (at most 4,096) as columns, with the hidden columns that travel
 * beside them. Valid until the call that received it returns; keep by copying into state.
 */
import type { Column } from './column.ts';
import type { Schema } from './schema.ts';
import type { Micros } from './time.ts';

/** More rows than this and the lane stage starts another batch of the same entry. */
export const BATCH_ROWS_MAX = 4096;

export interface Batch {
  readonly schema: Schema;
  readonly columns: readonly Column[]; // in the order of schema.fields
  readonly rows: number;
  /** Positions of the rows that count, ascending; null: all rows. May be longer than `selected`. */
  readonly selection: Int32Array | null;
  /** How many rows count: selection's used length, or `rows`. */
  readonly selected: number;
  readonly eventTime: Float64Array; // `_time`, per row position
  readonly sequence: Float64Array; // `_seq`, per row position; ties of order
  readonly late: Uint8Array | null; // 1 = late; null: none is
  /** Of late rows: how much longer their lane would have had to wait, in microseconds. null with `late`. */
  readonly lateBy: Float64Array | null;
  readonly ingestTime: Micros; // one entry, one arrival time
  /** The name of the lane it came in by; absent behind an operator with state. */
  readonly lane?: string;
  /** Bounds of the window a result came from; null before the first window. */
  readonly windowStart: Float64Array | null;
  readonly windowEnd: Float64Array | null;
}
