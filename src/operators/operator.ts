/**
 * The contract of an operator. Its file is the whole of it: shape, check, output, state and behaviour;
 * the engine, the schema, the docs and the tests read the one definition.
 *
 * An operator is synchronous and deterministic: no clock, no I/O, no randomness, no mutable fields.
 * It reaches only the batch, its state and the emitter. Calls never interleave, so the state between
 * two calls is consistent. State and timers belong to the engine.
 */
import type { Report } from '../diagnostics/report.ts';
import type { AggregateCollector } from '../sql/aggregate-call.ts';
import type { Expression, Scope } from '../sql/expression.ts';
import type { Batch } from '../stream/batch.ts';
import type { DataType, Schema } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Watermark } from '../stream/watermark.ts';
import type { State, StateShape } from './operator-state.ts';
import type { DeclaredTable } from './table.ts';

/** A stream an operator reads: what is known of it before anything runs. */
export interface InputStream {
  readonly name: string;
  readonly schema: Schema;
  /** Results of a window, so `window_start` and `window_end` exist. */
  readonly windowed: boolean;
  /**
   * Which windows, in words that two streams share when their windows begin and end together. Absent: they are none,
   * or of several kinds.
   */
  readonly window?: string | undefined;
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
   * none. Time is then moved on, by a tick if need be, for exactly that. One that the input has reached already says
   * that the others are waited for.
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
  /** Lanes whose time it goes by, with how long each waits for late records. */
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
  /** Inputs whose time it goes by, from what the author wrote. Absent: all. */
  timedBy?(spec: Spec): readonly number[] | undefined;
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
