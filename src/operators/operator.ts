/**
 * The contract of an operator. Its file is the whole of it: shape, check, output, state and behaviour;
 * the engine, the schema, the docs and the tests read the one definition.
 *
 * An operator is synchronous and deterministic: no clock, no I/O, no randomness, no mutable fields.
 * It reaches only the batch, its state and the emitter. Calls never interleave, so the state between
 * two calls is consistent. State and timers belong to the engine.
 */
import type { Report } from '../diagnostics/report.ts';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { AggregateCollector } from '../sql/aggregate-call.ts';
import type { Expression, Scope } from '../sql/expression.ts';
import type { Batch } from '../stream/batch.ts';
import type { Column, Validity } from '../stream/column.ts';
import type { DataType, Schema } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Watermark } from '../stream/watermark.ts';
import type { RowShape, RowState } from './row-state.ts';
import type { SeriesShape, SeriesState } from './series-state.ts';
import type { DeclaredTable, TableState } from './table.ts';

/** A stream an operator reads: what is known of it before anything runs. */
export interface InputStream {
  readonly name: string;
  readonly schema: Schema;
  /** Results of a window, so `window_start` and `window_end` exist. */
  readonly windowed: boolean;
  /** Only stateless operators stand between the lane and here. */
  readonly stateless: boolean;
  /**
   * watermark: what reads it can know that a stretch of time is complete. revisions: a later record takes the
   * place of an earlier one. none: neither; its records are final, but come at any time.
   */
  readonly progress: 'watermark' | 'revisions' | 'none';
}

/** What is known of a stream that an operator makes. */
export type OutputStream = Omit<InputStream, 'name'>;

/**
 * How an operator names what it reads: `from` with one name, `from` with a list, or `left` and `right`.
 * Its inputs are numbered in that order.
 */
export type InputForm = 'one' | 'several' | 'pair';

/** What `check` is given besides the author's fields. */
export interface CheckContext {
  readonly name: string;
  readonly inputs: readonly InputStream[];
  /** Absent: the operator has none. */
  readonly table?: DeclaredTable | undefined;
  /** Paths are relative to the operator's element: `['fields', 'n']`. */
  readonly report: Report;
  /**
   * Parses and checks the expression at a path; reports all its problems.
   * @returns undefined when it had any
   */
  expression(
    value: unknown,
    path: readonly (string | number)[],
    scope: Scope,
    want?: { readonly type?: DataType; readonly aggregates?: AggregateCollector },
  ): Expression | undefined;
}

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
  | RowShape
  | SeriesShape
  /** What its table has now. Nothing of it comes from records, so no edit can lose it. */
  | { readonly kind: 'table' };

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

export type State =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'windows' } & WindowState)
  | ({ readonly kind: 'sessions' } & SessionState)
  | ({ readonly kind: 'rows' } & RowState)
  | ({ readonly kind: 'series' } & SeriesState)
  | ({ readonly kind: 'table' } & TableState);

/** Why an operator cannot take a record: what its dead letter says. */
export const REJECT_REASONS = ['strict-null', 'too-many-groups'] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Where an operator puts its results, and accounts for what it does not pass on. */
export interface Emitter {
  /** Log time, which goes on after the end of all input, where `Marks` say END. */
  readonly now: Micros;
  /** Valid during the call. `stream` is one of the definition's `streams`; absent: the operator's own. */
  emit(batch: Batch, stream?: string): void;
  /** This many input records were let go: by a condition, or because they were late. */
  drop(why: 'filtered' | 'late', records: number): void;
  /**
   * Input records that cannot go on, rows[0..count-1] of a batch: each becomes a dead letter with all that the batch
   * has of it, so every column of the input must be read.
   * @param detail one sentence for a person
   */
  reject(reason: RejectReason, detail: string, batch: Batch, rows: Int32Array, count: number): void;
}

export interface Marks {
  readonly inputs: readonly Watermark[];
  /** Log time; END: all input has come to its end. */
  readonly now: Micros;
}

export interface Operator {
  onBatch(batch: Batch, input: number, out: Emitter): void;
  /**
   * Time has moved: emit and forget what closes.
   * @returns the watermark to pass on; never falls
   */
  onTime(marks: Marks, out: Emitter): Watermark;
  /**
   * The time of the last result, by event time, of the windows that hold a record of `time`. A clean end of a
   * run moves time just so far that the operator passes that on. Absent: the operator has no such window.
   */
  closingMark?(time: Micros): Watermark;
  /**
   * The least watermark of an input at which it will emit or forget something; absent or END: it waits for
   * none. Time is then moved on, by a tick if need be, for exactly that.
   */
  pending?(input: number): Watermark;
  /** The log time at which it will do so whatever the watermarks are; absent or END: never. */
  due?(): Micros;
  /** The least watermark of an input at which it passes `mark` on. Absent: `mark` itself. */
  needs?(input: number, mark: Watermark): Watermark;
}

/** JSON Schema (draft-07) of an operator's own fields; `type`, what it reads and `description` are added to it. */
export interface SpecSchema {
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  /** Those that can't run yet: any value but their default is refused. */
  readonly coming?: readonly string[];
}

/**
 * What becomes of state at an edit. kept: the new operator goes on with it. adapted: so it does, with
 * accumulators of other places: `accumulators[i]` is where the new i-th stood before, -1 if it is new. reset: it
 * cannot be used any more; `because` completes "its state cannot be kept: ...", in the author's words.
 */
export type Carry =
  | { readonly kind: 'kept' }
  | { readonly kind: 'adapted'; readonly accumulators: readonly number[] }
  | { readonly kind: 'reset'; readonly because: string };

/** What `describe` is told of the place where the operator stands. */
export interface Surroundings {
  readonly name: string;
  /** Names of the streams it reads, in order of inputs. */
  readonly from: readonly string[];
  /** Lanes its records come from, with how long each waits for late records. */
  readonly lanes: readonly { readonly name: string; readonly maxDelay: Micros }[];
}

/** An operator read aloud: whole sentences, for `explain` and the drawing. */
export interface Spoken {
  /** A few words that stand under its name in a drawing: `delay > 15`. */
  readonly brief: string;
  /** What it makes of what it reads, and what becomes of records that it does not pass on. */
  readonly does: readonly string[];
  /** What it keeps, for how long, and how much that is at worst. Empty: nothing. */
  readonly keeps: readonly string[];
  /** When results leave. Empty: with the record that they come from. */
  readonly leaves: readonly string[];
}

export interface OperatorDefinition<Spec, Checked> {
  readonly type: string;
  /** One sentence for docs, completion and the editor. */
  readonly summary: string;
  /** Absent: one. */
  readonly inputs?: InputForm;
  /** It looks rows up in a file, which its field `table` describes. Absent: false. */
  readonly hasTable?: boolean;
  readonly schema: SpecSchema;
  /**
   * Every stream it makes, by name, from what the author wrote (which may be wrong in any way). Absent: one,
   * with the operator's own name.
   */
  streams?(name: string, spec: Spec): readonly string[];
  /** Reports everything that is wrong. `spec` has passed the schema. */
  check(spec: Spec, context: CheckContext): Checked | undefined;
  /** The stream of the operator's own name, if it makes one; else any of its streams. */
  output(checked: Checked): OutputStream;
  /** The streams beside it, by name. */
  further?(checked: Checked): ReadonlyMap<string, OutputStream>;
  /**
   * Indexes of an input's columns that it reads or passes on; what no one reads is never decoded.
   * @param wanted columns that are read of its own stream
   * @param further columns that are read of the streams beside it, by name
   */
  reads(
    checked: Checked,
    wanted: ReadonlySet<number>,
    input: number,
    further: ReadonlyMap<string, ReadonlySet<number>>,
  ): ReadonlySet<number>;
  state(checked: Checked): StateShape;
  /** What becomes of the state when the author edits a running operator. Absent: it is kept as it is. */
  carry?(before: Checked, after: Checked): Carry;
  /** Reads it aloud. Absent: its summary says all there is to say. */
  describe?(checked: Checked, around: Surroundings): Spoken;
  open(checked: Checked, state: State): Operator;
}

/** A definition whose two types are known only to itself: what the list holds. */
export type AnyOperatorDefinition = OperatorDefinition<never, unknown>;
