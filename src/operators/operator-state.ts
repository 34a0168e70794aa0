/**
 * What the engine keeps for operators: shapes they ask for, and the states they are given. All of it belongs to the
 * engine, which makes, hands over and drops it; an operator reads and fills it between two calls.
 */
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { Column, Validity } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Watermark } from '../stream/watermark.ts';
import type { SeriesShape, SeriesState } from './series-state.ts';
import type { TableState } from './table.ts';
/** What the engine keeps for an operator. */
export type StateShape =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'windows';
      readonly keys: readonly DataType[];
      readonly accumulators: readonly AccumulatorKind[];
      /** What is kept of rows, beside what is accumulated. Absent: nothing. */
      readonly columns?: readonly DataType[];
      /** event: closes when W >= end - 1 us. arrival: when log time >= end. */
      readonly time: 'event' | 'arrival';
    }
  | {
      readonly kind: 'sessions';
      readonly keys: readonly DataType[];
      readonly accumulators: readonly AccumulatorKind[];
      /** What is kept of rows, beside what is accumulated. Absent: nothing. */
      readonly columns?: readonly DataType[];
      /** How far records of one session may be apart; END: each key has one session, which never ends. */
      readonly gap: Micros;
      /** Whether it remembers which sessions have changed. */
      readonly updates: boolean;
    }
  | {
      readonly kind: 'rows';
      readonly keys: readonly DataType[];
      readonly sides: readonly RowSideShape[];
    }
  | SeriesShape
  /** What its table has now. Nothing of it comes from records, so no edit can lose it. */
  | { readonly kind: 'table' };

export interface RowSideShape {
  /** What is kept of a row besides its time. */
  readonly columns: readonly DataType[];
  /** Rows that have found no partner are asked for, in order of time, before they are forgotten. */
  readonly expires: boolean;
  /**
   * newest: of each key only the last row to be appended is kept; the one before it is let go of. none: rows have no
   * keys, they wait for their time. Absent: all are found.
   */
  readonly found?: 'newest' | 'none';
}

/** Rows in order of arrival. Which of them still matter, whoever adds to them has to say from time to time. */
export interface RowList {
  readonly size: number;
  /** It is so much larger than when rows were last forgotten that it is time to look for some. */
  readonly grown: boolean;
  /** Adds rows[0..count-1] of the columns; rows null: rows 0..count-1. */
  append(columns: readonly Column[], rows: Int32Array | null, count: number): void;
  /** Valid until rows are added or forgotten. Numbers and flags may be overwritten in place. */
  columns(): readonly Column[];
  /** Forgets all rows but those at[0..count-1], ascending positions, which move up. */
  keep(at: Int32Array, count: number): void;
}

/** Groups, each a key and what was accumulated of it, as columns of `size` rows. */
export interface Groups {
  readonly size: number;
  readonly accumulators: readonly Accumulator[];
  keys(): readonly Column[];
  /**
   * Where an accumulator has seen all of a group; elsewhere an edit added it while the group was open.
   * null: everywhere.
   */
  whole(accumulator: number): Validity;
}

/** Groups by key columns: dense ids in order of first arrival, accumulators indexed by id. */
export interface GroupTable extends Groups {
  /** Rows kept beside the groups, forgotten with them; of no columns unless the shape has some. */
  readonly rows: RowList;
  /**
   * Finds or makes the group of each selected row: ids[row] for rows[0..count-1] (null: rows 0..count-1).
   * Grows accumulators first, so columns taken before this call are stale after it.
   */
  locate(keys: readonly Column[], rows: Int32Array | null, count: number, ids: Int32Array): void;
}

/** A stretch of time, which never overlaps another, and the groups of its records. */
export interface Pane {
  readonly start: Micros;
  readonly end: Micros; // exclusive
  readonly groups: GroupTable;
}

/** One table a pane, dropped whole. A window is a pane, or several that follow each other. */
export interface WindowState {
  /** How far windows have been closed, where panes outlive them; falls to BEGINNING when nothing is open. */
  passed: Watermark;
  /** The table of the pane that starts at `start`, made if it is not there. */
  at(start: Micros, end: Micros): GroupTable;
  /** The earliest pane; undefined: nothing is open. */
  first(): Pane | undefined;
  /** The panes that end by `end`, by time. */
  until(end: Micros): readonly Pane[];
  dropFirst(): void;
  /** An empty table that panes are to be merged in; valid until the next call. */
  scratch(panes: readonly Pane[]): GroupTable;
}

/**
 * Sessions of keys: the spans [time, time + gap] of a key's records, merged where they touch. Accumulators,
 * and times of the first and the last record, are indexed by the id of a session.
 */
export interface SessionState {
  readonly accumulators: readonly Accumulator[];
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  /** A number that no other session of this state ever has; -1: there is none with this id. */
  readonly orders: Float64Array;
  /** Rows kept beside the sessions; whose they are, and when they go, is the operator's to say. */
  readonly rows: RowList;
  /** When changes are to leave, log time, as the operator has said; END once there are none. */
  due: Micros;
  /** Names the rows that `place` is for. */
  begin(keys: readonly Column[], times: Float64Array, rows: Int32Array | null, count: number): void;
  /**
   * Finds or makes the sessions of those rows, from the from-th on: ids[row]. Stops before a row that joins
   * two sessions, which have to be merged first, and before one that would be the first of a key more than there
   * may be. Grows accumulators, so columns taken before are stale.
   * @param most keys that may have sessions
   * @returns where it has stopped; `count`: nowhere
   */
  place(from: number, ids: Int32Array, most: number): number;
  /** The two that it has stopped at: the first to come stays. -1: it has stopped at a key too many. */
  readonly joining: { readonly into: number; readonly gone: number };
  /** Makes them one. What `gone` has accumulated is the caller's to merge before. */
  join(): void;
  /** Sessions as groups; valid until the next call. */
  pick(ids: Int32Array, count: number): Groups;
  /** The least watermark that ends a session; END: no watermark does. */
  earliestEnd(): Watermark;
  /** Sessions that `mark` ends: by end, then by first arrival. Each must be dropped before anything else. */
  ended(mark: Watermark): Int32Array;
  drop(ids: Int32Array): void;
  /**
   * The newest session of each key if it has changed since it was last asked for here, in the order in which
   * they first did; of `among` only, if that is given.
   */
  changed(among?: Int32Array): Int32Array;
  /** There is something that `changed` would give. */
  readonly hasChanges: boolean;
  /** The newest session of each key, in the order in which they came. */
  newest(): Int32Array;
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
  /** Of hashes, 32 bits that peers do not know; no result depends on it. */
  readonly seed: number;
  /** Forgets the rows of a side up to a time. */
  forget(side: number, through: Watermark): void;
}

export type State =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'windows' } & WindowState)
  | ({ readonly kind: 'sessions' } & SessionState)
  | ({ readonly kind: 'rows' } & RowState)
  | ({ readonly kind: 'series' } & SeriesState)
  | ({ readonly kind: 'table' } & TableState);
