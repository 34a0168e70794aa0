/**
 * What stands between a socket and the protocol library. It cuts the peer's bytes into frames, and
 * only frames that were checked whole go on; a peer has a deadline for every step up to `open` and for
 * every frame it starts, and so much work of one peer per turn of the loop. It decides nothing that a
 * frame in order could be refused for.
 */
import type { Clock } from '../stream/port.ts';
import { Deadline } from './deadline.ts';
import { uint32At, Violation, violation } from './encoding.ts';
import { FrameCheck, SASL_INIT } from './frame-check.ts';
import { type Behind, Ledger } from './ledger.ts';
import type { AmqpLimits } from './limits.ts';
import { type Authenticator, type Identity, mechanismsFrame, outcomeFrame } from './sasl.ts';

export const AMQP_HEADER = Buffer.from('AMQP\0\x01\0\0', 'latin1');
const SASL_HEADER = Buffer.from('AMQP\x03\x01\0\0', 'latin1');
const HEADER_BYTES = 8;

/** Parsing the smallest frame costs the library about what 128 bytes of a large one do. */
const FRAME_COST = 128;

const AMQP_FRAME = 0;
const SASL_FRAME = 1;

/** Where the guard's decisions go. */
export interface Guarded extends Behind {
  /** Whole frames that passed, or the AMQP header; a view of the guard's bytes, used at once. */
  receive(bytes: Buffer): void;
  /** Bytes of ours for the peer, before the library speaks. */
  reply(bytes: Buffer): void;
  /** The vehicle that logged in; not called for a peer without a name. */
  loggedIn(user: string): void;
  /** The peer's `open` is in; it is no stranger any more. */
  admitted(): void;
  /** The connection ends in order after what was replied. */
  finish(): void;
  /** The connection ends now. `why` carries nothing of what the peer sent. */
  destroy(why: string): void;
  pause(): void;
  resume(): void;
}

type Phase = 'first header' | 'sasl' | 'deciding' | 'second header' | 'frames' | 'over';

export class Guard {
  readonly #limits: AmqpLimits;
  readonly #maxFrame: number;
  readonly #authenticator: Authenticator;
  readonly #to: Guarded;
  readonly #check = new FrameCheck();
  readonly #ledger: Ledger;
  readonly #step: Deadline;
  readonly #frame: Deadline;
  #phase: Phase = 'first header';
  #chunks: Buffer[] = [];
  #held = 0;
  #need = HEADER_BYTES;
  #spent = 0;
  #waiting = false; // for the next turn, or for the outcome of SASL

  constructor(options: {
    limits: AmqpLimits;
    maxFrame: number;
    clock: Clock;
    authenticator: Authenticator;
    to: Guarded;
  }) {
    this.#limits = options.limits;
    this.#maxFrame = options.maxFrame;
    this.#authenticator = options.authenticator;
    this.#to = options.to;
    this.#ledger = new Ledger(options.limits, options.to);
    this.#step = new Deadline(options.clock, () => this.#fail(`no ${this.#awaited()} in time`));
    this.#frame = new Deadline(options.clock, () => this.#fail('a frame that never ends'));
    this.#step.start(options.limits.headerMs);
  }

  /** Takes bytes from the socket over. */
  take(chunk: Buffer): void {
    if (this.#phase === 'over') return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (!this.#waiting) this.#advance();
  }

  /** Nothing more is read, nothing of it fires any more. */
  stop(): void {
    this.#phase = 'over';
    this.#chunks = [];
    this.#held = 0;
    this.#step.dispose();
    this.#frame.dispose();
  }

  #awaited(): string {
    if (this.#phase === 'first header') return 'protocol header';
    return this.#phase === 'sasl' || this.#phase === 'deciding' ? 'SASL' : 'open';
  }

  #fail(why: string): void {
    if (this.#phase === 'over') return;
    this.stop();
    this.#to.destroy(why);
  }

  #advance(): void {
    if (this.#held < this.#need) {
      this.#rest();
      return;
    }
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#held = 0;
    let read = 0;
    try {
      read = this.#read(bytes);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#fail(error.message);
      return;
    }
    if (this.#is('over')) return;
    if (read < bytes.length) {
      this.#chunks.push(bytes.subarray(read));
      this.#held = bytes.length - read;
    }
    this.#rest();
  }

  /** The phase changes in calls that the compiler does not follow. */
  #is(phase: Phase): boolean {
    return this.#phase === phase;
  }

  #rest(): void {
    const started = this.#held > 0 && !this.#waiting && this.#phase === 'frames';
    if (!started) this.#frame.stop();
    else if (!this.#frame.running) this.#frame.start(this.#limits.frameMs);
  }

  /** @returns how many bytes are dealt with; the rest is an unfinished frame, or work for later */
  #read(bytes: Buffer): number {
    let at = 0;
    let from = 0; // frames that passed and are not yet handed on start here
    while (!this.#waiting && this.#phase !== 'over') {
      this.#need = this.#phase === 'frames' || this.#phase === 'sasl' ? 4 : HEADER_BYTES;
      if (bytes.length - at < this.#need) break;
      if (this.#need === HEADER_BYTES) {
        this.#header(bytes.subarray(at, at + HEADER_BYTES));
        at += HEADER_BYTES;
        from = at;
        continue;
      }
      this.#need = this.#sizeAt(bytes, at);
      if (bytes.length - at < this.#need) break;
      this.#frame.stop();
      const end = at + this.#need;
      if (this.#phase === 'sasl') {
        this.#sasl(bytes, at, end);
        from = end;
      } else {
        from = this.#admit(bytes, from, at, end);
      }
      at = end;
    }
    if (from < at) this.#to.receive(bytes.subarray(from, at));
    return at;
  }

  #sizeAt(bytes: Buffer, at: number): number {
    const size = uint32At(bytes, at);
    const most = this.#ledger.opened
      ? this.#maxFrame
      : Math.min(this.#maxFrame, this.#limits.frameBeforeOpen);
    if (size < HEADER_BYTES) violation('a frame smaller than its header');
    if (size > most) violation('a frame above the limit');
    return size;
  }

  #header(bytes: Buffer): void {
    const first = this.#phase === 'first header';
    if (bytes.equals(AMQP_HEADER) && (!first || this.#authenticator.optional)) {
      this.#phase = 'frames';
      this.#step.start(this.#limits.openMs);
      this.#to.receive(bytes);
    } else if (first && bytes.equals(SASL_HEADER)) {
      this.#phase = 'sasl';
      this.#step.start(this.#limits.saslMs);
      this.#to.reply(Buffer.concat([SASL_HEADER, mechanismsFrame(this.#authenticator.mechanisms)]));
    } else {
      // AMQP 1.0, 2.2: the answer to another protocol is the header of one that is spoken here.
      this.stop();
      this.#to.reply(SASL_HEADER);
      this.#to.finish();
    }
  }

  /** @returns where the performative of a frame starts */
  #body(bytes: Buffer, at: number, end: number, type: number): number {
    const start = at + bytes[at + 4] * 4;
    if (start < at + HEADER_BYTES || start > end) violation('a frame without its header');
    if (bytes[at + 5] !== type) violation('a frame of another layer');
    return start;
  }

  #sasl(bytes: Buffer, at: number, end: number): void {
    const code = this.#check.check(bytes, this.#body(bytes, at, end, SASL_FRAME), end);
    if (code !== SASL_INIT) violation('a frame of another layer');
    this.#phase = 'deciding';
    this.#waiting = true;
    this.#to.pause();
    const init = { mechanism: this.#check.text(0), response: this.#check.text(1) };
    const decided = (identity: Identity | undefined): void => {
      if (this.#phase === 'over') return;
      this.#to.reply(outcomeFrame(identity !== undefined));
      if (identity === undefined) {
        this.stop();
        this.#to.finish();
        return;
      }
      if (identity.user !== null) this.#to.loggedIn(identity.user);
      this.#phase = 'second header';
      this.#need = HEADER_BYTES;
      this.#step.start(this.#limits.openMs);
      this.#waiting = false;
      this.#to.resume();
      this.#advance();
    };
    Promise.resolve(this.#authenticator.check(init)).then(decided, () => decided(undefined));
  }

  /** @returns where the frames start that passed and are not yet handed on */
  #admit(bytes: Buffer, from: number, at: number, end: number): number {
    const start = this.#body(bytes, at, end, AMQP_FRAME);
    this.#spend(Math.max(end - at, FRAME_COST));
    if (start === end) return from; // an empty frame: the peer is alive
    const code = this.#check.check(bytes, start, end);
    const stranger = !this.#ledger.opened;
    this.#ledger.admit(code, (bytes[at + 6] << 8) | bytes[at + 7], this.#check);
    const { pass, changes, settles, cost } = this.#ledger;
    if (cost > 0) this.#spend(cost);
    if (stranger && this.#ledger.opened) {
      this.#step.stop();
      this.#to.admitted();
    }
    if (pass && !changes) return from;
    const last = pass ? end : at;
    if (from < last) this.#to.receive(bytes.subarray(from, last));
    if (settles) this.#pause();
    return end;
  }

  #spend(cost: number): void {
    if (this.#spent === 0) {
      setImmediate(() => {
        this.#spent = 0;
      });
    }
    this.#spent += cost;
    if (this.#spent >= this.#limits.turnCost) this.#pause();
  }

  /** Goes on in the next turn; until then the socket is not read. */
  #pause(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#need = 0; // whatever is there by then may be a whole frame
    this.#to.pause();
    setImmediate(() => {
      this.#waiting = false;
      if (this.#phase === 'over') return;
      this.#to.resume();
      this.#advance();
    });
  }
}
