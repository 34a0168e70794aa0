/**
 * What an outcome does to a held message. Nothing leaves the hold except by `accepted`; everything else
 * brings the message back. Accepted numbers reach the hold as the ranges they arrived in, right after
 * the library is done with them: a failing disk is no peer's fault.
 */
import type { HeldMessages, Notify, Sequence } from '../stream/port.ts';
import type { Backlog, Taker } from './backlog.ts';
import type { Outcome } from './sending-session.ts';

/** Warnings about refused messages, per exit: one now, the rest counted and told with the next. */
const WARN_EACH_MS = 10_000;

export class Settlement {
  readonly #exit: string;
  readonly #messages: HeldMessages;
  readonly #backlog: Backlog;
  readonly #notify: Notify;
  readonly #fail: (error: unknown) => void;
  #accepted: { readonly first: Sequence; last: Sequence }[] = [];
  #warned = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(options: {
    exit: string;
    messages: HeldMessages;
    backlog: Backlog;
    notify: Notify;
    /** The hold could not settle. */
    fail: (error: unknown) => void;
  }) {
    this.#exit = options.exit;
    this.#messages = options.messages;
    this.#backlog = options.backlog;
    this.#notify = options.notify;
    this.#fail = options.fail;
  }

  /** @param now elapsed milliseconds */
  settle(sequence: Sequence, outcome: Outcome, taker: Taker, now: number): void {
    switch (outcome) {
      case 'accepted':
        this.#accept(sequence);
        break;
      case 'rejected':
      case 'modified':
        this.#warn(sequence, outcome, now);
        this.#backlog.delay(sequence, now);
        break;
      default: // settled without an outcome says no more than released (AMQP 1.0, 3.4)
        this.#backlog.release(sequence, taker, now);
    }
  }

  #accept(sequence: Sequence): void {
    this.#backlog.forget(sequence);
    const range = this.#accepted.at(-1);
    if (range === undefined) process.nextTick(() => this.#flush());
    if (range !== undefined && sequence === range.last + 1) range.last = sequence;
    else this.#accepted.push({ first: sequence, last: sequence });
  }

  #flush(): void {
    const ranges = this.#accepted;
    this.#accepted = [];
    try {
      for (const { first, last } of ranges) this.#messages.settle(first, last);
    } catch (error) {
      this.#fail(error);
    }
  }

  #warn(sequence: Sequence, outcome: Outcome, now: number): void {
    if (now - this.#warned < WARN_EACH_MS) {
      this.#unsaid++;
      return;
    }
    const others = this.#unsaid === 0 ? '' : ` (and ${this.#unsaid} others before it)`;
    this.#warned = now;
    this.#unsaid = 0;
    this.#notify({
      level: 'warning',
      about: `exit ${this.#exit}`,
      text: `its receiver answered ${outcome} to message ${sequence}${others}; it is held and offered again`,
    });
  }
}
