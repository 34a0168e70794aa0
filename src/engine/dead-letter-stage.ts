/** The built-in exit of what could not pass: each with its reason, its place and its original bytes. */
import { createDeadLetterEncoder, type DeadLetterEncoder } from '../codecs/dead-letter.ts';
import { createJsonRowEncoder, type JsonRowEncoder } from '../codecs/json-row.ts';
import type { Refusal } from '../stream/entry.ts';
import type { Hold, Sequence } from '../stream/port.ts';
import type { Schema } from '../stream/schema.ts';
import type { DeadLetterPlan } from '../topology/plan.ts';
import type { BadRecord } from './bad-record.ts';
import { MESSAGE_BYTES_MAX, type Rejected, type StageContext } from './exit-stage.ts';

export class DeadLetterStage {
  readonly plan: DeadLetterPlan;
  next: Sequence = 1;
  readonly #hold: Hold;
  readonly #context: StageContext;
  readonly #encoder: DeadLetterEncoder;
  /** Of records that operators reject. */
  readonly #records = new WeakMap<Schema, JsonRowEncoder>();

  constructor(plan: DeadLetterPlan, hold: Hold, context: StageContext) {
    this.plan = plan;
    this.#hold = hold;
    this.#context = context;
    this.#encoder = createDeadLetterEncoder(plan.stream);
  }

  badRecord(lane: string, record: BadRecord): void {
    const { reason, detail, connection, line, bytes, size } = record;
    this.#put({ reason, detail, element: lane, connection, line, id: null, bytes, size });
  }

  /** Each as JSON, as it came to the operator; its line is that of its lane, as long as it is of one. */
  rejected(operator: string, { reason, detail, batch, rows, count }: Rejected): void {
    const { schema, columns, lane, sequence } = batch;
    const encoder = this.#records.get(schema) ?? createJsonRowEncoder(schema);
    this.#records.set(schema, encoder);
    for (let k = 0; k < count; k++) {
      const bytes = encoder.encode(columns, rows[k]);
      const line = lane === undefined ? null : sequence[rows[k]];
      const words = lane === undefined ? detail : `${detail}; line ${line} of lane ${lane}`;
      const place = { element: operator, connection: null, line, id: null };
      this.#put({ reason, detail: words, ...place, bytes, size: bytes.length });
    }
  }

  tooLarge(exit: string, body: Uint8Array): void {
    const detail = `a message of ${body.length} bytes; the limit is ${MESSAGE_BYTES_MAX}`;
    this.#put({
      reason: 'message-too-large',
      detail,
      element: exit,
      connection: null,
      line: null,
      id: null,
      bytes: body,
      size: body.length,
    });
  }

  /** A message that an exit could not deliver; its receiver's own words are the detail. */
  redirected(
    exit: string,
    message: Refusal & {
      readonly sequence: Sequence;
      readonly bytes: Uint8Array;
      readonly size: number;
    },
  ): void {
    const { reason, condition, description, sequence, bytes, size } = message;
    const words = [condition, description].filter((text) => text !== '').join(': ');
    const detail = words === '' ? 'its receiver gave no reason' : words;
    const place = { element: exit, connection: null, line: null, id: sequence };
    this.#put({ reason, detail, ...place, bytes, size });
  }

  #put(letter: Omit<Parameters<DeadLetterEncoder['encode']>[0], 'at'>): void {
    const { at, lsn } = this.#context;
    this.#hold.append(this.#encoder.encode({ ...letter, at }, this.next, at, lsn));
    this.next++;
  }
}
