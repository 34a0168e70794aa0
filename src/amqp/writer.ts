/**
 * The way out to one socket: what is written in one turn leaves as one buffer, in order. It says when
 * too much waits for the peer, and gives a peer up that takes nothing.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../stream/port.ts';
import { Deadline } from './deadline.ts';
import type { AmqpLimits } from './limits.ts';

/** A turn's bytes are gathered in memory of at least so many, and of no more at first: most turns are small. */
const FIRST_BYTES = 1024;
const FIRST_BYTES_MAX = 64 * 1024;

/** Where frames are written in place. */
export interface Frames {
  /** Claims so many bytes of `area`, to be filled at once. @returns where they begin */
  claim(bytes: number): number;
  /** Replaced when it grows, so it is asked for after each claim. */
  readonly area: Buffer;
}

export class Writer implements Frames {
  readonly #socket: Socket;
  readonly #limits: AmqpLimits;
  readonly #progress: Deadline;
  readonly #drained: () => void;
  area = Buffer.alloc(0);
  /** Of the area: what waits to leave. */
  #used = 0;
  /** How much left the last time. */
  #before = 0;
  #inKernel = 0; // writes the kernel has not taken whole
  #ending = false;
  #over = false;

  constructor(options: {
    socket: Socket;
    limits: AmqpLimits;
    clock: Clock;
    /** There is room again after `full` was true. */
    drained: () => void;
    /** The peer took nothing for `stallMs`. */
    stalled: () => void;
  }) {
    this.#socket = options.socket;
    this.#limits = options.limits;
    this.#drained = options.drained;
    this.#progress = new Deadline(options.clock, options.stalled);
    this.#socket.on('drain', this.#drained);
  }

  /** Whether links of this peer must wait: `drained` is called later. */
  get full(): boolean {
    return this.#used + this.#socket.writableLength >= this.#limits.unsent;
  }

  /** Copies the bytes. */
  write(bytes: Buffer): void {
    const at = this.claim(bytes.length);
    bytes.copy(this.area, at);
  }

  claim(bytes: number): number {
    // After the end there is no one who takes it.
    if (this.#over || this.#ending) this.#used = 0;
    else if (this.#used === 0) process.nextTick(() => this.#flush());
    const at = this.#used;
    this.#used += bytes;
    if (this.#used > this.area.length) this.#grow();
    return at;
  }

  /** Ends our half of the stream after what was written. */
  end(): void {
    if (this.#over || this.#ending) return;
    this.#flush();
    this.#ending = true;
    this.#socket.end();
  }

  stop(): void {
    this.#over = true;
    this.#used = 0;
    this.#progress.dispose();
  }

  #flush(): void {
    if (this.#over || this.#ending || this.#used === 0) return;
    const bytes = this.area.subarray(0, this.#used);
    this.area = Buffer.alloc(0);
    this.#before = this.#used;
    this.#used = 0;
    this.#inKernel++;
    if (!this.#progress.running) this.#progress.start(this.#limits.stallMs);
    this.#socket.write(bytes, () => {
      this.#inKernel--;
      if (this.#over || this.#inKernel === 0) this.#progress.stop();
      else this.#progress.start(this.#limits.stallMs);
    });
  }

  #grow(): void {
    const first = Math.min(FIRST_BYTES_MAX, Math.max(FIRST_BYTES, this.#before));
    const larger = Buffer.allocUnsafeSlow(Math.max(first, 2 * this.area.length, this.#used));
    this.area.copy(larger);
    this.area = larger;
  }
}
