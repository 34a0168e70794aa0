/**
 * What one peer has opened and may refer to: channels, handles, and ranges of what we sent. A frame
 * that passes finds its channel and handle in place, and makes the protocol library do no more work
 * than its cost says. Refusals that a frame in order deserves are not given here.
 */
import { violation } from './encoding.ts';
import {
  ATTACH,
  BEGIN,
  CLOSE,
  DETACH,
  DISPOSITION,
  END,
  FLOW,
  type FrameCheck,
  OPEN,
} from './frame-check.ts';
import type { AmqpLimits } from './limits.ts';

/** What one session has sent to the peer. Counts since its begin, the first id being 0. */
export interface Sent {
  readonly transfers: number;
  readonly deliveries: number;
  /** The most deliveries that were ever in flight at once. */
  readonly mostInFlight: number;
}

/** The side behind the guard, as far as checking needs to know it. */
export interface Behind {
  sent(channel: number): Sent | undefined;
  /** An attach under this name passes next. */
  attaching(channel: number, name: string): void;
  /** A flow on a session passed, which may have opened its window; `echo`: an answer is asked for. */
  flowed(channel: number, handle: number | undefined, echo: boolean): void;
}

/** AMQP 1.0, 2.7.1: nobody may ask for smaller frames. rhea loops without end below 59. */
const LEAST_MAX_FRAME = 512;

/** Looking up one delivery of a disposition costs about what parsing this many bytes does. */
const COST_PER_DELIVERY = 16;

/** Ids are serial numbers (RFC 1982): a difference above this is a negative one. */
const HALF = 2 ** 31;

const NOTHING_SENT: Sent = { transfers: 0, deliveries: 0, mostInFlight: 0 };

export class Ledger {
  readonly #limits: AmqpLimits;
  readonly #behind: Behind;
  /** By channel, by handle: whether the peer's end of the link is the receiver. */
  readonly #sessions = new Map<number, Map<number, boolean>>();
  #links = 0;
  #opened = false;
  #closed = false;

  /** About the frame admitted last: whether it goes on to the library. */
  pass = true;
  /** Whether the library must take effect of it before the next frame can be judged. */
  changes = false;
  /** Whether the library needs a turn of the loop to take effect of it. */
  settles = false;
  /** Work beyond its bytes. */
  cost = 0;

  constructor(limits: AmqpLimits, behind: Behind) {
    this.#limits = limits;
    this.#behind = behind;
  }

  get opened(): boolean {
    return this.#opened;
  }

  /** @throws Violation */
  admit(code: number, channel: number, frame: FrameCheck): void {
    this.pass = !this.#closed;
    this.changes = true;
    this.settles = false;
    this.cost = 0;
    if (this.#closed) return;
    if (code !== OPEN && !this.#opened) violation('a frame before open');
    switch (code) {
      case OPEN:
        this.#open(channel, frame);
        break;
      case BEGIN:
        this.#begin(channel, frame);
        break;
      case ATTACH:
        this.#attach(channel, frame);
        break;
      case FLOW:
        this.#flow(channel, frame);
        break;
      case DISPOSITION:
        this.#disposition(channel, frame);
        break;
      case DETACH:
        this.#detach(channel, frame);
        break;
      case END:
        this.#links -= this.#session(channel).size;
        this.#sessions.delete(channel);
        this.settles = true;
        break;
      case CLOSE:
        this.#closed = true;
        break;
      default:
        violation('a frame of another layer');
    }
  }

  #session(channel: number): Map<number, boolean> {
    return this.#sessions.get(channel) ?? violation('a frame on a channel without session');
  }

  #open(channel: number, frame: FrameCheck): void {
    if (this.#opened) violation('a second open');
    if (channel !== 0) violation('open on a channel other than 0');
    if (frame.uint(2, LEAST_MAX_FRAME) < LEAST_MAX_FRAME)
      violation('a frame limit below 512 bytes');
    this.#opened = true;
  }

  #begin(channel: number, frame: FrameCheck): void {
    if (frame.has(0)) violation('an answer to a begin that was never sent');
    if (channel >= this.#limits.sessions) violation('a channel above the maximum');
    if (this.#sessions.has(channel)) violation('a second begin on a channel');
    this.#sessions.set(channel, new Map());
  }

  #attach(channel: number, frame: FrameCheck): void {
    const handles = this.#session(channel);
    const handle = frame.uint(1, 0);
    if (handle >= this.#limits.links) violation('a handle above the maximum');
    if (handles.has(handle)) violation('a second attach of a handle');
    if (this.#links >= this.#limits.links) violation('too many links');
    this.#links++;
    handles.set(handle, frame.flag(2));
    this.#behind.attaching(channel, frame.text(0));
  }

  #detach(channel: number, frame: FrameCheck): void {
    if (!this.#session(channel).delete(frame.uint(0, 0))) violation('a detach of no link');
    this.#links--;
    this.settles = true;
  }

  #flow(channel: number, frame: FrameCheck): void {
    const handles = this.#session(channel);
    this.changes = false;
    const handle = frame.has(4) ? frame.uint(4, 0) : undefined;
    if (handle !== undefined) {
      const receives = handles.get(handle);
      if (receives === undefined) violation('a flow of no link');
      // A sender that is being refused has nothing to say; rhea would print a complaint about it.
      if (!receives) this.pass = false;
    }
    const { transfers } = this.#behind.sent(channel) ?? NOTHING_SENT;
    const ahead = (transfers - frame.uint(0, transfers)) >>> 0;
    if (ahead > HALF) violation('a window beyond what was sent');
    if (this.pass) this.#behind.flowed(channel, handle, frame.flag(9));
  }

  #disposition(channel: number, frame: FrameCheck): void {
    this.#session(channel);
    this.changes = false;
    if (!frame.flag(0)) violation('an outcome of messages that were never sent');
    const { deliveries, mostInFlight } = this.#behind.sent(channel) ?? NOTHING_SENT;
    const first = frame.uint(1, 0);
    const last = frame.uint(2, first);
    if (last < first || last >= deliveries) violation('outcomes of what was never sent');
    // Not what is in flight now: outcomes may cross with a detach of ours that took them back.
    if (last - first >= mostInFlight) violation('more outcomes than were ever in flight');
    this.cost = (last - first) * COST_PER_DELIVERY;
  }
}
