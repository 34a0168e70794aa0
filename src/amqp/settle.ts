/**
 * What an outcome does to a held message. It leaves the hold by `accepted`, or as a dead letter when it is
 * refused or fails too often; everything else brings it back. Accepted numbers reach the hold as the ranges
 * they arrived in, right after the library is done with them: a failing disk is no peer's fault.
 */
import { HEADER_BYTES } from '../codecs/header.ts';
import type { Refusal } from '../stream/entry.ts';
import type { HeldMessages, Notify, Sequence } from '../stream/port.ts';
import type { Backlog, Taker } from './backlog.ts';
import type { Outcome } from './outcome.ts';

/** Where the messages go that an exit can't deliver. */
export interface WayOut {
  /** After so many deliveries that failed a message goes. */
  readonly maxDeliveries: number;
  /**
   * Makes a dead letter of a message and settles it at its exit.
   * @param message as it is held
   * @returns resolves when both are done
   */
  move(sequence: Sequence, refusal: Refusal, message: Uint8Array): Promise<void>;
}

/** A delivery in hand: the message with its header. */
export interface InHand {
  readonly sequence: Sequence;
  readonly payload: Buffer;
}

/** A receiver that failed on a message may need time to recover: this long, and twice as long each time. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Messages on their way to the dead letter: the log must not fall behind a receiver that refuses all. */
const MOVING_BYTES_MAX = 4 * 1024 * 1024;

/** Of a receiver's words in a warning; the dead letter has all. */
const PRINTED_MAX = 200;

/** Warnings about refused messages, per exit: one now, the rest counted and told with the next. */
const WARN_EACH_MS = 10_000;

export interface SettlementOptions {
  readonly exit: string;
  readonly messages: HeldMessages;
  readonly backlog: Backlog;
  /** null: there is none, what is refused comes back. */
  readonly wayOut: WayOut | null;
  readonly notify: Notify;
  /** `full` may have become false. */
  readonly wake: () => void;
  /** The hold could not settle. */
  readonly fail: (error: unknown) => void;
}

export class Settlement {
  readonly #options: SettlementOptions;
  #accepted: { readonly first: Sequence; last: Sequence }[] = [];
  #confirms: (() => void)[] = []; // of the accepted
  #movingBytes = 0;
  #warned = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(options: SettlementOptions) {
    this.#options = options;
  }

  /** Whether so much is on its way to the dead letter that nothing more should be offered. */
  get full(): boolean {
    return this.#movingBytes >= MOVING_BYTES_MAX;
  }

  /**
   * @param now elapsed milliseconds
   * @param confirm tells a receiver that waits for it; what leaves the hold must have left it durably
   */
  settle(message: InHand, outcome: Outcome, taker: Taker, now: number, confirm?: () => void): void {
    const { backlog, wayOut } = this.#options;
    const { sequence } = message;
    switch (outcome.kind) {
      case 'accepted':
        this.#accept(sequence);
        if (confirm !== undefined) this.#confirms.push(confirm);
        return;
      case 'released':
        backlog.release(sequence, taker, now);
        break;
      case 'modified':
        if (outcome.elsewhere) backlog.bar(sequence, taker);
        if (outcome.failed) this.#failed(message, 'its receiver failed on it', now);
        else if (outcome.elsewhere) backlog.restore(sequence);
        else backlog.release(sequence, taker, now);
        break;
      case 'rejected': {
        const { condition, description } = outcome;
        if (wayOut !== null) {
          const refusal = { reason: 'rejected', condition, description } as const;
          this.#move(wayOut, message, refusal, now, confirm);
          return;
        }
        this.#failed(message, 'its receiver refused it', now);
      }
    }
    confirm?.();
  }

  /**
   * A link is gone with these in flight, in the order they were offered. Only the first can have been at
   * work; what came after it was fetched ahead.
   */
  lost([oldest, ...others]: readonly InHand[], now: number): void {
    if (oldest === undefined) return;
    if (!this.#exhausted(oldest, 'its receiver was lost', now)) this.back([oldest]);
    this.back(others);
  }

  /** Back without a charge: it was our doing. */
  back(messages: readonly InHand[]): void {
    for (const { sequence } of messages) this.#options.backlog.restore(sequence);
  }

  #failed(message: InHand, how: string, now: number): void {
    if (this.#exhausted(message, how, now)) return;
    const { backlog, messages } = this.#options;
    const charges = messages.charges(message.sequence);
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (charges - 1));
    this.#warn(`${how}: message ${message.sequence}, which is held and offered again`, now);
    backlog.delay(message.sequence, pause, now);
  }

  /** Charges a failure. @returns whether the message goes to the dead letter by it */
  #exhausted(message: InHand, how: string, now: number): boolean {
    const { wayOut, messages } = this.#options;
    const charges = messages.charge(message.sequence);
    if (wayOut === null || charges < wayOut.maxDeliveries) return false;
    const description = `${charges} deliveries failed; at the last, ${how}`;
    const refusal = { reason: 'too-many-deliveries', condition: '', description } as const;
    this.#move(wayOut, message, refusal, now);
    return true;
  }

  #move(
    wayOut: WayOut,
    { sequence, payload }: InHand,
    refusal: Refusal,
    now: number,
    done?: () => void,
  ): void {
    const { backlog, wake, fail } = this.#options;
    const { reason, condition, description } = refusal;
    const why = [reason, condition, description].filter((word) => word !== '').join(', ');
    this.#warn(`message ${sequence} goes to the dead letter: ${printable(why)}`, now);
    backlog.forget(sequence);
    this.#movingBytes += payload.length;
    wayOut.move(sequence, refusal, payload.subarray(HEADER_BYTES)).then(() => {
      this.#movingBytes -= payload.length;
      done?.();
      wake();
    }, fail);
  }

  #accept(sequence: Sequence): void {
    this.#options.backlog.forget(sequence);
    const range = this.#accepted.at(-1);
    if (range === undefined) process.nextTick(() => this.#flush());
    if (range !== undefined && sequence === range.last + 1) range.last = sequence;
    else this.#accepted.push({ first: sequence, last: sequence });
  }

  #flush(): void {
    const { messages, fail } = this.#options;
    const ranges = this.#accepted;
    this.#accepted = [];
    try {
      for (const { first, last } of ranges) messages.settle(first, last);
      this.#confirmAccepted();
    } catch (error) {
      fail(error);
    }
  }

  #confirmAccepted(): void {
    if (this.#confirms.length === 0) return;
    const confirms = this.#confirms;
    this.#confirms = [];
    this.#options.messages.synced().then(() => {
      for (const confirm of confirms) confirm();
    }, this.#options.fail);
  }

  #warn(text: string, now: number): void {
    if (now - this.#warned < WARN_EACH_MS) {
      this.#unsaid++;
      return;
    }
    const others = this.#unsaid === 0 ? '' : ` (and ${this.#unsaid} others before it)`;
    this.#warned = now;
    this.#unsaid = 0;
    const { exit, notify } = this.#options;
    notify({ level: 'warning', about: `exit ${exit}`, text: `${text}${others}` });
  }
}

/** A receiver's words go to a person's terminal: one line of them, and nothing that steers it. */
function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > PRINTED_MAX ? `${line.slice(0, PRINTED_MAX)}…` : line;
}
