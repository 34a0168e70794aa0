/**
 * Takes bytes from one socket as fast as the gate allows. While the gate is closed the socket is not
 * read, its buffers fill, and TCP makes the sender wait: memory stays bounded and nothing is dropped.
 */
import type { Socket } from 'node:net';
import type { Cancel, Gate } from '../stream/port.ts';
import { receive } from './receive.ts';

/**
 * After this much a connection lets the others have a turn. libuv would read 2 MiB from one busy
 * socket before it looks at the next; half of this costs 4 % more of a flow's CPU, as exits too have
 * a turn after each.
 */
const TURN_BYTES = 512 * 1024;

export class Reader {
  readonly #socket: Socket;
  readonly #gate: Gate;
  readonly #chunkBytesMax: number;
  readonly #take: (bytes: Uint8Array) => void;
  #turnBytes = 0;
  #cancelWait: Cancel | undefined;
  #stopped = false;

  /**
   * @param memory that is read into; no chunk is longer
   * @param take gets a chunk, valid until it returns
   */
  constructor(socket: Socket, gate: Gate, memory: Buffer, take: (bytes: Uint8Array) => void) {
    this.#socket = socket;
    this.#gate = gate;
    this.#chunkBytesMax = memory.length;
    this.#take = take;
    receive(socket, memory, (bytes) => this.#read(bytes));
    this.#pace();
  }

  /** The socket is not being read at the moment, so its silence says nothing about the peer. */
  get waiting(): boolean {
    return this.#cancelWait !== undefined;
  }

  /** What arrives from here on is ignored. */
  stop(): void {
    this.#stopped = true;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  #read(bytes: Buffer): void {
    if (this.#stopped) return;
    for (let from = 0; from < bytes.length; from += this.#chunkBytesMax) {
      this.#take(bytes.subarray(from, from + this.#chunkBytesMax));
    }
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
