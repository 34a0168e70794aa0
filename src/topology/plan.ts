/**
 * What will run, engine-neutral: lanes, stages in topological order (ties by name, never by place in
 * the file), exits. Frozen. Built by `planner.ts` from a topology and the tables of ids.
 */
import type { CodecPlan } from '../codecs/codec.ts';
import type { BodyFormat } from '../codecs/message.ts';
import type { AnyOperatorDefinition } from '../operators/operator.ts';
import type { Expression } from '../sql/expression.ts';
import type { Id } from '../stream/entry.ts';
import type { HoldBounds } from '../stream/port.ts';
import type { Schema } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';

export interface EventTimePlan {
  readonly field: string;
  readonly maxDelay: Micros;
  /** null: never idle. */
  readonly idleTimeout: Micros | null;
}

/** A field that is made of what the codec gave, or of other fields. */
export interface DerivedField {
  readonly name: string;
  /** In the lane's schema. */
  readonly index: number;
  readonly expression: Expression;
  /** NULL makes a bad record. */
  readonly required: boolean;
  /** NULL although a text is there makes one too: the text is no time by this pattern. */
  readonly pattern: string | null;
}

/** How the fields of a lane come from the columns of its codec. */
export interface LaneDerivation {
  /** For each field the column of the codec that it is, or -1. */
  readonly taken: readonly number[];
  /** Over the codec's columns, in order of the fields. */
  readonly read: readonly DerivedField[];
  /**
   * Over the lane's fields, computed ones excepted, in order of the fields. Behind the fields is one column
   * more: the record as it came.
   */
  readonly computed: readonly DerivedField[];
}

/**
 * What is done about a line that is no record, beside counting it. It is held at the dead letter, but for `skip`;
 * `stop` ends the runner, `close` the connection: both are done by the runner, and never at a replay.
 */
export type BadRecordAnswer = 'dead_letter' | 'skip' | 'stop' | 'close';

export interface LanePlan {
  readonly id: Id;
  readonly name: string;
  readonly vehicle: Id;
  /** The vehicle is started by us: its runs end with its process, not with its connections. */
  readonly supervised: boolean;
  readonly codec: CodecPlan;
  /** Its fields in order of declaration, nullable unless required; batches have only the used ones filled. */
  readonly schema: Schema;
  /** null: the codec's columns are the fields. */
  readonly derivation: LaneDerivation | null;
  /** null: the arrival time is the record's time. */
  readonly eventTime: EventTimePlan | null;
  /** The stream that late records leave on, and no other; null: they leave with the rest. */
  readonly lateTo: string | null;
  readonly maxLineBytes: number;
  readonly atEnd: 'wait' | 'finish';
  readonly badRecord: BadRecordAnswer;
}

/** A file whose lines are rows, and how they are read. */
export interface TablePlan {
  readonly id: Id;
  /** The operator that looks up in it. */
  readonly name: string;
  /** Relative to the topology. */
  readonly file: string;
  readonly codec: CodecPlan;
  /** Its fields in order of declaration, nullable unless required. All are kept. */
  readonly schema: Schema;
  /** null: the codec's columns are the fields. */
  readonly derivation: LaneDerivation | null;
  /** Of the key, columns of the schema. */
  readonly keys: readonly number[];
}

/** Who reads a stream: an input of a stage, or an exit. Sorted by (order of stage, input), then exits by name. */
export type Consumer =
  | { readonly kind: 'stage'; readonly index: number; readonly input: number }
  | { readonly kind: 'exit'; readonly index: number };

export interface StagePlan {
  readonly name: string;
  readonly definition: AnyOperatorDefinition;
  /** Its name before a rename; see `formerName`. */
  readonly was: string | null;
  /** What the definition's `check` made. */
  readonly checked: unknown;
  /** Names of the streams it reads, in order of inputs. */
  readonly from: readonly string[];
  /** Names of the streams it makes. */
  readonly streams: readonly string[];
  /** null: it looks nothing up in a file. */
  readonly table: TablePlan | null;
}

export interface ExitField {
  readonly name: string;
  readonly expression: Expression;
}

export interface ExitPlan {
  readonly id: Id;
  readonly name: string;
  readonly address: string;
  readonly from: string;
  /** Names of vehicles it is meant for. */
  readonly for: readonly string[];
  readonly format: BodyFormat;
  /** What leaves, in order. */
  readonly fields: readonly ExitField[];
  /** Application properties of its messages, in order. */
  readonly properties: readonly ExitField[];
  /** A text; null: its messages have none. */
  readonly subject: Expression | null;
  /** The mark that its messages carry for those who pass them on. */
  readonly durable: boolean;
  readonly maxDeliveries: number;
  readonly maxUnsettled: number;
  readonly bounds: HoldBounds;
  /** Of the fields that leave, those that tell records apart where only the latest is held; else empty. */
  readonly key: readonly number[];
  /** 128 random bits in hex: one life of the exit's numbering. */
  readonly stream: string;
}

/** The built-in exit of bad records and refused messages. Always there. */
export interface DeadLetterPlan {
  readonly id: Id;
  readonly name: 'dead_letter';
  readonly address: string;
  /** Names of vehicles it is meant for. */
  readonly for: readonly string[];
  readonly bounds: HoldBounds;
  readonly stream: string;
}

export interface Plan {
  readonly lanes: readonly LanePlan[]; // by name
  readonly stages: readonly StagePlan[]; // topological, ties by name
  readonly exits: readonly ExitPlan[]; // by name
  readonly deadLetter: DeadLetterPlan;
  /** Consumers of each stream, by its name. */
  readonly consumers: ReadonlyMap<string, readonly Consumer[]>;
}
