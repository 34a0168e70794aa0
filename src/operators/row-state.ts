/** State of an operator that finds rows by a key, on one side or several, and forgets them as time goes on. */
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Watermark } from '../stream/watermark.ts';

export interface RowShape {
  readonly kind: 'rows';
  readonly keys: readonly DataType[];
  readonly sides: readonly RowSideShape[];
}

export interface RowSideShape {
  /** What is kept of a row besides its time. */
  readonly columns: readonly DataType[];
  /** Rows that have found no partner are asked for, in order of time, before they are forgotten. */
  readonly expires: boolean;
}

/** What of a batch is looked up, or kept; arrays by row position. */
export interface KeyedRows {
  readonly keys: readonly Column[];
  /** As `RowState.hash` has made them; -1: the row is never found. */
  readonly hashes: Int32Array;
  readonly times: Float64Array;
  /** rows[0..count-1]; null: rows 0..count-1. */
  readonly rows: Int32Array | null;
  readonly count: number;
}

/** Pairs of a row of a batch and the position of a kept one. */
export interface Candidates {
  /** Replaced when they grow. */
  probing: Int32Array<ArrayBuffer>;
  kept: Int32Array<ArrayBuffer>;
  count: number;
  /** How many of the batch's rows have been looked at. */
  next: number;
}

/**
 * Rows of one side, in order of arrival, found by their key. Positions are valid until the
 * next `append` or `forget`.
 */
export interface RowSide {
  /** Rows up to this time are forgotten. */
  readonly floor: Watermark;
  /**
   * Adds pairs of further rows of the batch and kept rows of the same key, whose time lies at least `low` and
   * at most `high` after the row's, in order of the batch's rows, then of arrival; stops after the row with
   * which there are `enough`.
   * @param each how many kept rows are wanted for a row; which of them is then not said
   */
  find(
    batch: KeyedRows,
    low: Micros,
    high: Micros,
    into: Candidates,
    enough: number,
    each: number,
  ): void;
  /** The time of the newest row, by arrival, that has the key of a row of the batch; BEGINNING: none is kept. */
  newest(batch: KeyedRows, row: number): Micros;
  /**
   * Gives that row the time of the batch's row, which is no less, if it was kept so lately that little is remembered
   * longer for it. Not for rows that expire. @returns false: it does not, or there is none
   */
  renew(batch: KeyedRows, row: number): boolean;
  /**
   * Keeps rows, all of them later than the floor.
   * @param columns as the shape has them
   * @param matched by row position: it has found a partner; null: none has
   */
  append(batch: KeyedRows, columns: readonly Column[], matched: Uint8Array | null): void;
  /** By position: the row has found a partner. */
  readonly matched: Uint8Array;
  readonly times: Float64Array;
  columns(): readonly Column[];
  /** Positions of rows up to a time that have found no partner, by time, then arrival. Each is given once. */
  expired(through: Watermark): Int32Array;
  /** The least time at which rows expire or are forgotten; END: none is kept. */
  earliest(): Micros;
}

/** Rows found by a key that all sides share. */
export interface RowState {
  /**
   * Hashes of the keys of rows, not negative: hashes[row] for rows[0..count-1] (null: rows 0..count-1). To be asked
   * for before rows are found or kept. NULL is a key like others.
   */
  hash(keys: readonly Column[], rows: Int32Array | null, count: number, hashes: Int32Array): void;
  readonly sides: readonly RowSide[];
  /** Forgets the rows of a side up to a time. */
  forget(side: number, through: Watermark): void;
}
