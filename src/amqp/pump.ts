/**
 * The only sender. One pump per exit takes messages from its hold, in order of number, and deals them
 * to the links that have room, in turn. It runs in a turn of the loop of its own, never inside a call
 * of the protocol library: a transfer could overtake our answer to the attach.
 */
import { encodeHeader, HEADER_BYTES } from '../codecs/header.ts';
import type { Cancel, Clock, HeldMessages, Notify, Sequence, Slice } from '../stream/port.ts';
import { Backlog } from './backlog.ts';
import { Deadline } from './deadline.ts';
import type { Delivery } from './delivery.ts';
import type { Link } from './link.ts';
import type { Outcome } from './outcome.ts';
import type { Condition } from './rhea-shape.ts';
import { type InHand, Settlement, type WayOut } from './settle.ts';

/**
 * An exit as the listener sees it. Its identity is the object: one exit is one port for as long as the listener
 * lives, and what the port says of itself may change.
 */
export interface ExitPort {
  readonly name: string;
  readonly address: string;
  readonly messages: HeldMessages;
  /** The mark of its messages for those who pass them on; here every one is held on disk. */
  readonly durable: boolean;
  /** Messages in flight per link. */
  readonly maxUnsettled: number;
  /** null: the dead letter itself, where what is refused stays. */
  readonly wayOut: WayOut | null;
  /** The vehicles it is meant for. */
  readonly vehicles: readonly string[];
  /** One of them has a secret: only who logs in as one of them may attach. */
  readonly secured?: boolean;
}

/** One turn: some milliseconds of the library's work, so that lanes and other peers get theirs. */
const TURN_MESSAGES = 512;
const TURN_BYTES = 512 * 1024;

/** One read of the hold: enough for several turns of small messages. */
const READ_BYTES = 256 * 1024;

/**
 * Reads that are kept. Links may be at different places, as one gets what another can't take; with one
 * read only, each message would be read anew when they take turns.
 */
const READS_KEPT = 4;

/** Of messages that are offered for the first time, which are most. */
const FIRST_TIME = encodeHeader({ durable: true, firstAcquirer: true, deliveryCount: 0 });

export class Pump {
  readonly exit: ExitPort;
  readonly #clock: Clock;
  readonly #fail: (error: unknown) => void;
  readonly #backlog: Backlog;
  readonly #settlement: Settlement;
  readonly #due: Deadline;
  readonly #unsubscribe: Cancel;
  #links: Link[] = [];
  #turn = 0;
  /** What was read, the one used last in front. */
  readonly #slices: Slice[] = [];
  #reading = false;
  #scheduled = false;
  #offering = true;

  constructor(options: {
    exit: ExitPort;
    clock: Clock;
    notify: Notify;
    fail: (error: unknown) => void;
  }) {
    const { exit, clock, notify, fail } = options;
    this.exit = exit;
    this.#clock = clock;
    this.#fail = fail;
    this.#backlog = new Backlog(exit.messages);
    this.#settlement = new Settlement({
      exit: exit.name,
      messages: exit.messages,
      backlog: this.#backlog,
      wayOut: exit.wayOut,
      notify,
      wake: () => this.wake(),
      fail,
    });
    this.#due = new Deadline(clock, () => this.wake());
    this.#unsubscribe = exit.messages.onWritten(() => this.wake());
  }

  get links(): readonly Link[] {
    return this.#links;
  }

  join(link: Link): void {
    this.#links.push(link);
    this.wake();
  }

  /** What the link had in flight goes back to its place. */
  leave(link: Link): void {
    this.#leave(link, (messages) => this.#settlement.lost(messages, this.#clock.elapsed()));
  }

  /** A receiver answered for a delivery. */
  settle(link: Link, delivery: Delivery, outcome: Outcome, state: unknown): void {
    const message = link.settle(delivery, outcome);
    if (message === undefined) return;
    const confirm = delivery.remote_settled
      ? undefined
      : (): void => {
          link.confirm(delivery, state);
          this.wake();
        };
    this.#settlement.settle(message, outcome, link, this.#clock.elapsed(), confirm);
    this.wake();
  }

  /** Something may be possible that was not: credit, window, messages, room. Acts in the next turn. */
  wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#run();
    });
  }

  /** Offers nothing any more; outcomes still count. */
  stopOffers(): void {
    this.#offering = false;
    this.#due.dispose();
    this.#unsubscribe();
  }

  /** Detaches all links. */
  detach(error: Condition): void {
    for (const link of this.#links) {
      link.close(error);
      this.#leave(link, (messages) => this.#settlement.back(messages));
    }
  }

  #leave(link: Link, giveBack: (messages: readonly InHand[]) => void): void {
    if (!this.#links.includes(link)) return;
    this.#links = this.#links.filter((other) => other !== link);
    giveBack(link.abandon());
    this.#backlog.leave(link);
    this.wake();
  }

  #run(): void {
    const now = this.#clock.elapsed();
    this.#backlog.ripen(now);
    for (const link of this.#links) link.startTurn();
    if (this.#offering && !this.#reading && !this.#settlement.full) {
      this.#deal();
      this.#answerDrains();
      const due = this.#backlog.due;
      if (due !== undefined) this.#due.start(Math.max(0, due - now));
    }
  }

  /** Deals messages, one each, until no link can take one or the turn is used up. */
  #deal(): void {
    let messages = 0;
    let bytes = 0;
    let refused = 0; // links in a row that could not take one
    while (refused < this.#links.length) {
      if (messages === TURN_MESSAGES || bytes >= TURN_BYTES) {
        this.wake();
        return;
      }
      const link = this.#links[this.#turn++ % this.#links.length];
      const sequence = link.ready ? this.#backlog.next(link) : undefined;
      if (sequence === undefined) {
        refused++;
        continue;
      }
      const payload = this.#payload(sequence);
      if (payload === undefined) {
        this.#turn--; // the same link's turn when it is there
        this.#read(sequence);
        return;
      }
      this.#backlog.take(sequence);
      link.offer(sequence, payload);
      refused = 0;
      messages++;
      bytes += payload.length;
    }
  }

  /** Uses up the credit of links that asked for it and get nothing more for it now. */
  #answerDrains(): void {
    for (const link of this.#links) {
      if (!link.draining || this.#reading) continue;
      const more = link.credit > link.queued && !link.saturated;
      if (more && this.#backlog.next(link) !== undefined) continue;
      if (link.queued > 0) this.wake();
      else if (!link.sending) link.drained();
    }
  }

  /** The message as it goes out, a copy; undefined: it must be read first. */
  #payload(sequence: Sequence): Buffer | undefined {
    const slice = this.#sliceWith(sequence);
    if (slice === undefined) return undefined;
    const index = sequence - slice.first;
    const deliveryCount = this.#backlog.attempts(sequence);
    const { durable } = this.exit;
    const first = deliveryCount === 0;
    const header =
      first && durable
        ? FIRST_TIME
        : encodeHeader({ durable, firstAcquirer: first, deliveryCount });
    const from = index === 0 ? 0 : slice.ends[index - 1];
    const to = slice.ends[index];
    const payload = Buffer.allocUnsafe(HEADER_BYTES + to - from);
    payload.set(header);
    slice.bytes.copy(payload, HEADER_BYTES, from, to);
    return payload;
  }

  #sliceWith(sequence: Sequence): Slice | undefined {
    const slices = this.#slices;
    for (let i = 0; i < slices.length; i++) {
      const slice = slices[i];
      if (sequence < slice.first || sequence >= slice.first + slice.count) continue;
      if (i > 0) {
        slices.splice(i, 1);
        slices.unshift(slice);
      }
      return slice;
    }
    return undefined;
  }

  #read(sequence: Sequence): void {
    this.#reading = true;
    this.exit.messages.read(sequence, READ_BYTES).then(
      (slice) => {
        this.#reading = false;
        this.#slices.unshift(slice);
        this.#slices.length = Math.min(this.#slices.length, READS_KEPT);
        this.wake();
      },
      (error: unknown) => this.#fail(error),
    );
  }
}
