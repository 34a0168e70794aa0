/**
 * The way out to one socket: what is written in one turn leaves as one buffer, in order. It says when
 * too much waits for the peer, and gives a peer up that takes nothing.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../stream/port.ts';
import { Deadline } from './deadline.ts';
import type { AmqpLimits } from './limits.ts';

export class Writer {
  readonly #socket: Socket;
  readonly #limits: AmqpLimits;
  readonly #progress: Deadline;
  readonly #drained: () => void;
  #waiting: Buffer[] = [];
  #bytes = 0;
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
    return this.#bytes + this.#socket.writableLength >= this.#limits.unsent;
  }

  /** Takes the bytes over. */
  write(bytes: Buffer): void {
    if (this.#over || this.#ending) return;
    if (this.#waiting.length === 0) process.nextTick(() => this.#flush());
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
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
    this.#waiting = [];
    this.#progress.dispose();
  }

  #flush(): void {
    if (this.#over || this.#waiting.length === 0) return;
    const bytes = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    this.#inKernel++;
    if (!this.#progress.running) this.#progress.start(this.#limits.stallMs);
    this.#socket.write(bytes, () => {
      this.#inKernel--;
      if (this.#over || this.#inKernel === 0) this.#progress.stop();
      else this.#progress.start(this.#limits.stallMs);
    });
  }
}
