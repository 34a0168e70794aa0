/**
 * What the rest of the house knows of the expression language: a scope to look names up in, a checked
 * expression, and a program that computes one column from a batch. The language is a strict subset of
 * Spark SQL expressions; expressions are total (an error is NULL).
 */
import type { Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import {
  BOOLEAN,
  type DataType,
  INTERVAL,
  type Schema,
  STRING,
  TIMESTAMP,
} from '../stream/schema.ts';
import type { TypedNode, Value } from './typed.ts';

/** Where a name's value comes from when a program runs. */
export type Slot =
  | { readonly from: 'column'; readonly index: number } // batch.columns[index]
  | { readonly from: HiddenSlot }
  /** What a lambda calls an element; gone before a program is made. Compared by identity. */
  | { readonly from: 'parameter' };

/** What travels beside a record's own fields. */
type HiddenSlot =
  | 'event_time'
  | 'sequence'
  | 'ingest_time'
  | 'lane'
  | 'late'
  | 'late_by'
  | 'window_start'
  | 'window_end';

export interface Found {
  readonly slot: Slot;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The names an expression may use. Column names are case-sensitive. */
export interface Scope {
  /** `qualifier` is what stands before the dot in `orders.id`; null without one. */
  find(name: string, qualifier: string | null): Found | 'ambiguous' | undefined;
  /** Names to list and to suggest from, hidden ones left out. */
  readonly names: readonly string[];
}

/** A value that stands for itself wherever it is named: `params.limit`. */
export interface Constant {
  readonly type: DataType;
  readonly value: Value;
}
/** By name; undefined: it is there, but what is wrong with it has been said elsewhere. */
export type Constants = ReadonlyMap<string, Constant | undefined>;

/** A problem inside an expression's text; the caller adds the place of the text. */
export interface Problem {
  readonly rule: string;
  readonly start: number; // UTF-16 units, half open
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
}

/** A checked expression: typed tree, ready to be compiled. */
export interface Expression {
  /** As it was written, with the values of its parameters: two of one text compute the same. */
  readonly text: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly node: TypedNode;
  /** Indexes of the batch columns it reads. */
  readonly reads: ReadonlySet<number>;
}

/** Evaluates over the selected rows of a batch. One program belongs to one owner: it keeps scratch. */
export interface Program {
  readonly type: DataType;
  /**
   * @returns a column whose values are right at the selected row positions; valid until the next call
   */
  evaluate(batch: Batch): Column;
}

/**
 * The scope of one input: its fields, with or without its name before a dot, and the hidden columns.
 * @param windowed it has the bounds of a window
 * @param stateless its records are those of a lane, so each has a time of arrival, and may have been late
 */
export function inputScope(
  name: string,
  schema: Schema,
  windowed = false,
  stateless = true,
): Scope {
  const found = new Map<string, Found>();
  const hidden = (key: string, from: HiddenSlot, type = TIMESTAMP, nullable = false): void => {
    found.set(key, { slot: { from }, type, nullable });
  };
  hidden('_time', 'event_time');
  if (stateless) {
    hidden('_ingest_time', 'ingest_time');
    hidden('_lane', 'lane', STRING);
    hidden('_late', 'late', BOOLEAN);
    hidden('_late_by', 'late_by', INTERVAL, true);
  }
  if (windowed) {
    hidden('window_start', 'window_start');
    hidden('window_end', 'window_end');
  }
  schema.fields.forEach((field, index) => {
    found.set(field.name, {
      slot: { from: 'column', index },
      type: field.type,
      nullable: field.nullable,
    });
  });
  return {
    find: (key, qualifier) =>
      qualifier === null || qualifier === name ? found.get(key) : undefined,
    names: schema.fields.map((field) => field.name),
  };
}
