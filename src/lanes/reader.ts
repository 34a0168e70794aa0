/**
 * Takes bytes from one socket as fast as the gate allows. While the gate is closed the socket is not
 * read, its buffers fill, and TCP makes the sender wait: memory stays bounded and nothing is dropped.
 */
import type { Socket } from 'node:net';
import type { Cancel, Gate } from '../stream/port.ts';
import type { Gathering, TakeChunk } from './gathering.ts';

/**
 * After this much a connection lets the others have a turn. libuv would read 2 MiB from one busy
 * socket before it looks at the next.
 */
const TURN_BYTES = 256 * 1024;

export class Reader {
  readonly #socket: Socket;
  readonly #gate: Gate;
  readonly #gathering: Gathering;
  readonly #take: TakeChunk;
  #turnBytes = 0;
  #cancelWait: Cancel | undefined;
  #stopped = false;

  constructor(socket: Socket, gate: Gate, gathering: Gathering, take: TakeChunk) {
    this.#socket = socket;
    this.#gate = gate;
    this.#gathering = gathering;
    this.#take = take;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#pace();
  }

  /** The socket is not being read at the moment, so its silence says nothing about the peer. */
  get waiting(): boolean {
    return this.#cancelWait !== undefined;
  }

  /** Hands on what has been read; what arrives from here on is ignored. */
  stop(): void {
    this.#gathering.flush();
    this.#stopped = true;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  #read(bytes: Buffer): void {
    if (this.#stopped) return;
    this.#gathering.put(bytes, this.#take);
    this.#turnBytes += bytes.length;
    this.#pace();
  }

  /** Reads on, or stops reading until the gate opens or the others have had their turn. */
  #pace(): void {
    this.#cancelWait = undefined;
    if (!this.#gate.open) {
      this.#socket.pause();
      this.#cancelWait = this.#gate.whenOpen(() => this.#pace());
    } else if (this.#turnBytes >= TURN_BYTES) {
      this.#turnBytes = 0;
      this.#socket.pause();
      const turn = setImmediate(() => this.#pace());
      this.#cancelWait = () => clearImmediate(turn);
    } else if (this.#socket.isPaused()) {
      this.#socket.resume();
    }
  }
}
