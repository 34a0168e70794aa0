/**
 * Strangers at the door: so many are read at a time, further ones wait unread in the kernel's buffers,
 * and beyond that they are turned away. Nobody else's place depends on them.
 */
import type { Socket } from 'node:net';

export class WaitingRoom {
  readonly #most: number;
  readonly #mostParked: number;
  readonly #meet: (socket: Socket) => void;
  readonly #strangers = new Set<Socket>();
  readonly #parked = new Set<Socket>();

  /**
   * @param most strangers that are read at a time
   * @param mostParked sockets that may wait
   * @param meet takes a paused socket up; its deadlines start then
   */
  constructor(most: number, mostParked: number, meet: (socket: Socket) => void) {
    this.#most = most;
    this.#mostParked = mostParked;
    this.#meet = meet;
  }

  /** A paused socket comes in. */
  enter(socket: Socket): void {
    if (this.#strangers.size < this.#most) {
      this.#admit(socket);
    } else if (this.#parked.size < this.#mostParked) {
      this.#parked.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#parked.delete(socket));
    } else {
      socket.destroy();
    }
  }

  /** It is a stranger no more, or it is gone. */
  leave(socket: Socket): void {
    if (!this.#strangers.delete(socket)) return;
    for (const next of this.#parked) {
      this.#parked.delete(next);
      this.#admit(next);
      return;
    }
  }

  /** Turns away who waits. */
  close(): void {
    for (const socket of this.#parked) socket.destroy();
  }

  #admit(socket: Socket): void {
    this.#strangers.add(socket);
    this.#meet(socket);
  }
}
