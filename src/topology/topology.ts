/**
 * What an author declared, checked and with its defaults filled in. Frozen. Elements are in order of name,
 * so nothing behind this model can depend on their place in the file; the order inside `fields` is kept,
 * since it is the order of output.
 *
 * Whether references lead anywhere and expressions make sense is for the planner and the rules.
 */
import type { TimestampFormat } from '../codecs/codec.ts';
import type { BodyFormat } from '../codecs/message.ts';
import type { Constant } from '../sql/expression.ts';
import type { HoldBounds } from '../stream/port.ts';
import type { DataType } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import type { Address } from './address.ts';
import type { BadRecordAnswer } from './plan.ts';
import type { Secret } from './secret.ts';
import type { Mapping, Value } from './value.ts';

export interface Topology {
  readonly name: string;
  readonly description: string | null;
  /** Constants of expressions, by name. */
  readonly params: ReadonlyMap<string, Param>;
  readonly amqp: { readonly listen: Address };
  readonly state: {
    /** Relative to the file; null: `.roundabout/<name>` beside it. */
    readonly dir: string | null;
    readonly durability: 'disk' | 'memory';
  };
  readonly vehicles: ReadonlyMap<string, Vehicle>;
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly operators: ReadonlyMap<string, OperatorElement>;
  readonly exits: ReadonlyMap<string, Exit>;
  readonly deadLetter: {
    readonly address: string;
    /** Names of vehicles. */
    readonly for: readonly string[];
    readonly hold: HoldLimits;
  };
}

/** `params.<name>`: of a scalar type. Part of what is committed, so a replay computes with the same value. */
export interface Param extends Constant {
  readonly description: string | null;
}

/** The name before a rename, so that what belonged to it follows; means nothing once no plan has the old one. */
export type FormerName = string | null;

export interface Vehicle {
  readonly name: string;
  /** Program and arguments; null: it is built in or runs elsewhere. */
  readonly command: readonly string[] | null;
  /** The name of a built-in vehicle; its settings. null: it is none. */
  readonly uses: { readonly name: string; readonly with: Mapping } | null;
  readonly env: ReadonlyMap<string, string | Secret>;
  /** Relative to the file; null: the folder of the file. */
  readonly cwd: string | null;
  /** null: it is started when the roundabout is. */
  readonly schedule: Schedule | null;
  readonly restart: Restart;
  /** null: nothing that waits for it starts it. */
  readonly wake: Wake | null;
  /** What it logs in with where exits are served; null: it does not. */
  readonly secret: Secret | null;
  /** Names of its lanes. */
  readonly lanes: readonly string[];
  readonly was: FormerName;
}

export interface Schedule {
  /** As `parseCron` reads it. */
  readonly cron: string;
  /** As `isZone` knows it. */
  readonly timezone: string;
  /** What happens when it is due while a run goes on. */
  readonly overlap: 'skip' | 'queue' | 'kill';
  /** What happens after a time in which nothing ran here. */
  readonly missed: 'skip' | 'run_once';
  /** null: a run may take as long as it likes. */
  readonly timeout: Micros | null;
}

export interface Restart {
  readonly policy: 'on_failure' | 'always' | 'never';
  /** The first pause; each is twice the one before it. */
  readonly initial: Micros;
  readonly max: Micros;
  /** So many failures; null: never. */
  readonly giveUpAfter: number | null;
}

/** One of the two is set. */
export interface Wake {
  readonly afterRecords: number | null;
  readonly after: Micros | null;
}

export interface Lane {
  readonly name: string;
  readonly vehicle: string;
  /**
   * One of `listen` and `connect` is set. A lane that says neither listens on any free port of loopback,
   * which its program finds in its environment.
   */
  readonly listen: Address | null;
  readonly connect: Address | null;
  /** How the pause between two tries to connect grows. */
  readonly retry: { readonly initial: Micros; readonly max: Micros };
  readonly codec: Codec;
  /** In the author's order. Of a text lane: computed ones, behind the field of its codec. */
  readonly fields: readonly DeclaredField[];
  readonly required: readonly string[];
  /** null: the arrival time is the record's time. */
  readonly eventTime: DeclaredEventTime | null;
  /** The stream of its late records; null: they stay among the others, and who goes by time decides. */
  readonly lateTo: string | null;
  readonly limits: {
    /** Bytes. */
    readonly maxLine: number;
    readonly maxConnections: number;
    /** Silence after which a connection is closed; null: never. */
    readonly idle: Micros | null;
  };
  readonly atEnd: 'wait' | 'finish';
  readonly unknownFields: 'ignore' | 'reject';
  readonly badRecord: BadRecordAnswer;
  readonly was: FormerName;
}

export type Codec = { readonly kind: 'ndjson' } | TextCodec | CsvCodec | PatternCodec;

export interface TextCodec {
  readonly kind: 'text';
  /** The line itself. */
  readonly field: DeclaredField;
  /** One ASCII character that ends a line. */
  readonly separator: string;
}

export interface CsvCodec {
  readonly kind: 'csv';
  /** In order; null: the first line of each connection names them. */
  readonly columns: readonly string[] | null;
  /** One ASCII character each. */
  readonly delimiter: string;
  readonly quote: string;
  /** The cell that is NULL. */
  readonly null: string;
}

export interface PatternCodec {
  readonly kind: 'pattern';
  /** With a name for each group that a field is made of; has been checked. */
  readonly pattern: string;
}

export interface DeclaredField {
  readonly name: string;
  readonly type: DataType;
  /** Paths of keys in the input object, or names of columns; the first that is present counts. */
  readonly sources: readonly (readonly string[])[];
  readonly format: TimestampFormat;
  /** How a text says the time, where `format` is none of the named ones. */
  readonly pattern: string | null;
  /** Computes it from the other fields; then nothing of the input is its own. */
  readonly expression: string | null;
}

export interface DeclaredEventTime {
  readonly field: string;
  readonly maxDelay: Micros;
  /** null: never idle. */
  readonly idleTimeout: Micros | null;
}

/** What makes records, or rows, of lines. */
export type LineFormat = Pick<Lane, 'name' | 'codec' | 'fields' | 'required' | 'unknownFields'>;

/** A file whose lines are rows; no field is computed. `name` is that of its operator. */
export interface Table extends LineFormat {
  /** Relative to the topology. */
  readonly file: string;
  /** Names of fields. */
  readonly key: readonly string[];
}

export interface OperatorElement {
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
  /** Names of what it reads, in order of inputs. */
  readonly from: readonly string[];
  /**
   * Its own fields as its definition reads them. Literals in an expression's place are their source text
   * (`1.0` stays a double); keys that the language names are sorted, those the author names are not.
   */
  readonly spec: ReadonlyMap<string, Value>;
  /** null: it looks nothing up in a file. */
  readonly table: Table | null;
  readonly was: FormerName;
  /** What becomes of its state at an edit that it cannot outlive. */
  readonly onChange: 'refuse' | 'reset';
}

export interface Exit {
  readonly name: string;
  readonly from: string;
  readonly address: string;
  /** Names of vehicles. */
  readonly for: readonly string[];
  /** The broker by which it leaves; null: vehicles take it at the listener. */
  readonly broker: string | null;
  readonly format: BodyFormat;
  /** null: all fields of `from`. Names of fields, or expressions by name; in order of output. */
  readonly fields: readonly string[] | ReadonlyMap<string, string> | null;
  /** Expressions by name. */
  readonly properties: ReadonlyMap<string, string>;
  readonly subject: string | null;
  readonly hold: DeclaredHold;
  readonly delivery: {
    readonly durable: boolean;
    /** After so many deliveries that failed a record goes to the dead letter. */
    readonly maxDeliveries: number;
    readonly maxUnsettled: number;
  };
  readonly was: FormerName;
}

/** How much waits at an exit, and for how long; null: without end. */
export interface HoldLimits {
  readonly ttl: Micros | null;
  readonly maxBytes: number | null;
  readonly maxRecords: number | null;
}

export interface DeclaredHold extends HoldLimits {
  readonly onFull: HoldBounds['onFull'];
  readonly keep: 'all' | 'latest';
  /** Names of fields that leave; empty unless only the latest is kept. */
  readonly key: readonly string[];
}
