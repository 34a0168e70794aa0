/**
 * One connection of a lane, as the log sees it: `opened`, its chunks, and exactly one `closed`, in this
 * order. After the peer's end of input our half stays open until all of that is durable, so a peer
 * that waits for our end knows that its bytes are safe.
 */
import type { Socket } from 'node:net';
import type { ConnectionEnd, Id, Lsn } from '../stream/entry.ts';
import type { Cancel, Clock, Gate, Journal } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import { addressText } from './address.ts';
import { Reader } from './reader.ts';

/** At a stop, a connection that has been silent for this long has nothing under way. */
const QUIET_MS = 200;
/** At a stop, time for what has arrived in the socket's buffer to be read. */
const FIRST_LOOK_MS = 10;

export interface ConnectionOptions {
  readonly lane: Id;
  readonly journal: Journal;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Memory that sockets are read into, one after the other; no chunk is longer. */
  readonly memory: Buffer;
  /** Silence after which the connection is closed; null: never. */
  readonly idleMs: number | null;
  /** Resolves when the entry at this position is on disk. */
  readonly durable: (lsn: Lsn) => Promise<void>;
}

/** What a connection tells the lane it belongs to. */
export interface ConnectionOwner {
  /** Its `closed` entry has been appended. */
  onClosed(connection: Connection, how: ConnectionEnd): void;
  /** The socket is gone too. Comes after `onClosed`. */
  onGone(connection: Connection): void;
}

export class Connection {
  readonly number: number;
  readonly peer: string;
  /** Received and appended. */
  bytes = 0;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #reader: Reader;
  readonly #gone: Promise<void>;
  #lastByteMs: number;
  #how: ConnectionEnd | undefined;
  #cancelIdle: Cancel = () => {};

  /** Appends `opened`. @param socket allows half-open; from here on it is ours */
  constructor(socket: Socket, number: number, options: ConnectionOptions, owner: ConnectionOwner) {
    this.number = number;
    // A peer that has reset already has no address any more.
    const { remoteAddress, remotePort } = socket;
    this.peer = remoteAddress === undefined ? 'gone' : addressText(remoteAddress, remotePort ?? 0);
    this.#socket = socket;
    this.#options = options;
    this.#owner = owner;
    this.#lastByteMs = options.clock.elapsed();
    const { lane, journal } = options;
    journal.append({ kind: 'opened', lane, connection: number, peer: this.peer });
    this.#gone = new Promise((done) => {
      socket.once('close', () => {
        this.#close('reset');
        owner.onGone(this);
        done();
      });
    });
    socket.once('end', () => this.#close('end'));
    // `close` follows every error and is what counts; without a listener it would end the process.
    socket.on('error', () => {});
    this.#reader = new Reader(socket, options.gate, options.memory, (bytes) => {
      this.bytes += bytes.length;
      this.#lastByteMs = options.clock.elapsed();
      journal.append({ kind: 'chunk', lane, connection: number, bytes });
    });
    if (options.idleMs !== null) this.#watchIdle(options.idleMs, options.idleMs);
  }

  /** Its `closed` entry is not yet in the log. */
  get open(): boolean {
    return this.#how === undefined;
  }

  /**
   * Closes it at once if nothing is under way, else reads on to the end of input, a pause, or the end
   * of the grace. Resolves when the socket is gone.
   */
  stop(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    const deadlineMs = clock.elapsed() + graceMs;
    let cancel: Cancel = () => {};
    const look = (): void => {
      const nowMs = clock.elapsed();
      const late = nowMs >= deadlineMs;
      const quiet = !this.#reader.waiting && nowMs - this.#lastByteMs >= QUIET_MS;
      if (this.open ? late || quiet : late) {
        this.#close('stop');
        this.#socket.destroy();
        return;
      }
      const waitMs = Math.min(QUIET_MS, Math.max(1, deadlineMs - nowMs));
      cancel = clock.wake(clock.now() + waitMs * MICROS_PER_MS, look);
    };
    if (graceMs === 0) look();
    else cancel = clock.wake(clock.now() + FIRST_LOOK_MS * MICROS_PER_MS, look);
    return this.#gone.then(() => cancel());
  }

  /** Reads nothing more and closes it, because of what has come over it. */
  refuse(): void {
    this.#close('refused');
  }

  #close(how: ConnectionEnd): void {
    if (!this.open) return;
    this.#how = how;
    this.#reader.stop();
    this.#cancelIdle();
    const { lane, journal, durable } = this.#options;
    const { lsn } = journal.append({ kind: 'closed', lane, connection: this.number, how });
    if (how === 'end') {
      durable(lsn).then(
        () => this.#socket.end(),
        () => this.#socket.destroy(),
      );
    } else {
      this.#socket.destroy();
    }
    this.#owner.onClosed(this, how);
  }

  #watchIdle(idleMs: number, waitMs: number): void {
    const { clock } = this.#options;
    this.#cancelIdle = clock.wake(clock.now() + waitMs * MICROS_PER_MS, () => {
      const nowMs = clock.elapsed();
      if (this.#reader.waiting) this.#lastByteMs = nowMs;
      const restMs = this.#lastByteMs + idleMs - nowMs;
      if (restMs <= 0) this.#close('limit');
      else this.#watchIdle(idleMs, restMs);
    });
  }
}
