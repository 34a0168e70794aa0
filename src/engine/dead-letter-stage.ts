/** The built-in exit of what could not pass: each with its reason, its place and its original bytes. */
import { createDeadLetterEncoder, type DeadLetterEncoder } from '../codecs/dead-letter.ts';
import type { Refusal } from '../stream/entry.ts';
import type { Hold, Sequence } from '../stream/port.ts';
import type { DeadLetterPlan } from '../topology/plan.ts';
import type { BadRecord } from './bad-record.ts';
import { type ExitContext, MESSAGE_BYTES_MAX } from './exit-stage.ts';

export class DeadLetterStage {
  readonly plan: DeadLetterPlan;
  next: Sequence = 1;
  readonly #hold: Hold;
  readonly #context: ExitContext;
  readonly #encoder: DeadLetterEncoder;

  constructor(plan: DeadLetterPlan, hold: Hold, context: ExitContext) {
    this.plan = plan;
    this.#hold = hold;
    this.#context = context;
    this.#encoder = createDeadLetterEncoder(plan.stream);
  }

  badRecord(lane: string, record: BadRecord): void {
    const { reason, detail, connection, line, bytes, size } = record;
    this.#put({ reason, detail, element: lane, connection, line, id: null, bytes, size });
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
