/** State of an operator that looks at each record beside those of its group before it, in order of time. */
import type { AccumulatorKind } from '../sql/accumulator.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Watermark } from '../stream/watermark.ts';
import type { Groups } from './operator-state.ts';

export interface SeriesShape {
  readonly kind: 'series';
  readonly keys: readonly DataType[];
  /** What is kept of a row besides its time. */
  readonly columns: readonly DataType[];
}

/** In `previous` and `newest`: there is no row. */
export const NONE = -1;
/** In `previous`: the row has not passed yet. */
export const WAITING = -2;

/**
 * Rows by position, in order of arrival. They wait, then pass one after the other, and each that has passed
 * knows the one of its group before it. Arrays may be longer than there are rows; positions, groups and arrays
 * are valid until the next `append` or `keep`.
 */
export interface SeriesState {
  readonly size: number;
  /** As of a `RowList`. */
  readonly grown: boolean;
  readonly times: Float64Array;
  /** By position: the row of its group that passed before it. */
  readonly previous: Int32Array;
  readonly groups: Int32Array;
  /** By group: the row that passed last. As long as there are groups. */
  readonly newest: Int32Array;
  columns(): readonly Column[];
  /** By group. */
  keys(): readonly Column[];
  append(
    keys: readonly Column[],
    columns: readonly Column[],
    times: Float64Array,
    rows: Int32Array | null,
    count: number,
  ): void;
  /** The least time of a row that waits; END: none does. */
  earliest(): Micros;
  /** Rows that wait no longer than `through`, by time, then arrival. All of them must then pass. */
  take(through: Watermark): Int32Array;
  /** Rows pass, in this order. */
  pass(rows: Int32Array): void;
  /** Forgets all rows but at[0..count-1], ascending positions, and the groups that have none any more. */
  keep(at: Int32Array, count: number): void;
  /** New groups with such accumulators, and without keys. */
  frames(kinds: readonly AccumulatorKind[], size: number): Groups;
}
