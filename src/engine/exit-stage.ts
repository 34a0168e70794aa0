/**
 * The last stage before a hold: computes the fields that leave, numbers the messages densely and
 * encodes each once. A message over the limit goes to the dead letter instead and takes no number.
 */
import {
  createMessageEncoder,
  KeyEncoder,
  type MessageEncoder,
  type NamedType,
} from '../codecs/message.ts';
import type { RejectReason } from '../operators/operator.ts';
import type { Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import type { Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Lsn } from '../stream/entry.ts';
import type { Bodies, Hold, Sequence } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import type { ExitField, ExitPlan } from '../topology/plan.ts';
import type { Reader } from './port.ts';

/** Receivers reassemble a message in memory, and a hold's segment must take it whole. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;

/** Records that an operator could not take: rows[0..count-1] of a batch that has all their fields. */
export interface Rejected {
  readonly reason: RejectReason;
  readonly detail: string;
  readonly batch: Batch;
  readonly rows: Int32Array;
  readonly count: number;
}

/** What stages ask of the engine: which entry is at work, when, and who takes what cannot go on. */
export interface StageContext {
  readonly lsn: Lsn;
  /** Log time; while timers fire, the time they were due. */
  readonly at: Micros;
  tooLarge(exit: string, body: Uint8Array): void;
  rejected(operator: string, records: Rejected): void;
}

export class ExitStage implements Reader {
  readonly plan: ExitPlan;
  received: number;
  /** Under plans before this one. */
  readonly receivedBefore: number;
  tooLarge: number;
  /** Of the numbered: those that became dead letters. */
  moved: number;
  next: Sequence;
  readonly #hold: Hold;
  readonly #context: StageContext;
  readonly #programs: readonly Program[];
  readonly #encoder: MessageEncoder;
  /** null: the hold keeps every message, and needs no keys. */
  readonly #keys: KeyEncoder | null;

  /** @param former of the same exit under the plan before: its numbers go on */
  constructor(plan: ExitPlan, hold: Hold, context: StageContext, former?: ExitStage) {
    this.plan = plan;
    this.received = former?.received ?? 0;
    this.receivedBefore = this.received;
    this.tooLarge = former?.tooLarge ?? 0;
    this.moved = former?.moved ?? 0;
    this.next = former?.next ?? 1;
    this.#hold = hold;
    this.#context = context;
    const { format, stream, fields, properties, subject } = plan;
    this.#programs = [
      ...[...fields, ...properties].map(({ expression }) => expression),
      ...(subject === null ? [] : [subject]),
    ].map(compile);
    this.#encoder = createMessageEncoder({
      format,
      stream,
      fields: fields.map(typeOf),
      properties: properties.map(typeOf),
      hasSubject: subject !== null,
    });
    this.#keys =
      plan.key.length === 0 ? null : new KeyEncoder(plan.key.map((i) => typeOf(plan.fields[i])));
  }

  read(batch: Batch): void {
    this.received += batch.selected;
    const columns = this.#programs.map((program) => program.evaluate(batch));
    const bodies = this.#encode(columns, batch.selection, batch.selected);
    const fitting = this.#fitting(bodies, batch);
    if (fitting === undefined) this.#put(bodies);
    else if (fitting.length > 0) this.#put(this.#encode(columns, fitting, fitting.length));
  }

  #encode(columns: readonly Column[], selection: Int32Array | null, count: number): Bodies {
    const { at, lsn } = this.#context;
    const bodies = this.#encoder.encode(columns, selection, count, this.next, at, lsn);
    if (this.#keys === null) return bodies;
    const own = this.plan.key.map((i) => columns[i]);
    return { ...bodies, keys: this.#keys.encode(own, selection, count) };
  }

  #put(bodies: Bodies): void {
    this.next += bodies.count;
    this.#hold.append(bodies);
  }

  /** Turns over-large messages away. @returns the rows that are left; undefined: all are */
  #fitting(bodies: Bodies, batch: Batch): Int32Array | undefined {
    if (bodies.bytes.length <= MESSAGE_BYTES_MAX) return undefined;
    const fitting: number[] = [];
    for (let i = 0; i < bodies.count; i++) {
      const start = i === 0 ? 0 : bodies.ends[i - 1];
      const end = bodies.ends[i];
      if (end - start <= MESSAGE_BYTES_MAX) {
        fitting.push(batch.selection === null ? i : batch.selection[i]);
      } else {
        this.tooLarge++;
        this.#context.tooLarge(this.plan.name, bodies.bytes.subarray(start, end));
      }
    }
    return fitting.length === bodies.count ? undefined : Int32Array.from(fitting);
  }
}

function typeOf({ name, expression: { type } }: ExitField): NamedType {
  return { name, type };
}
