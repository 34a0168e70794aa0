/**
 * What an operator knows of its table, and what it may ask of its rows. The rows are the engine's, which loads
 * them as a whole; where they come from, and how they are found, is no matter of an operator.
 */
import type { Column } from '../stream/column.ts';
import type { Schema } from '../stream/schema.ts';

/** The table as the author declares it. */
export interface DeclaredTable {
  /** Relative to the topology. */
  readonly file: string;
  readonly schema: Schema;
  /** Names of the fields that tell rows apart. */
  readonly key: readonly string[];
}

/** Rows of a table, no two with the same key. */
export interface TableRows {
  /**
   * Finds the row of each key: at[row] for rows[0..count-1] (null: rows 0..count-1), -1 where there is none, as
   * where a part of the key is NULL.
   * @param keys of the types of the table's key, in its order
   */
  find(keys: readonly Column[], rows: Int32Array | null, count: number, at: Int32Array): void;
  /** All fields of the table, by position. Position 0 may be read even if there is no row. */
  columns(): readonly Column[];
}

export interface TableState {
  /** Another one whenever the table has been loaded anew; never during a call. */
  readonly current: TableRows;
}
