/**
 * The connections of one lane: admits sockets up to the caps, counts what the runner asks about, and
 * closes them at a stop. Where sockets come from is the listener's and the dialler's business.
 */
import type { Socket } from 'node:net';
import type { ConnectionEnd } from '../stream/entry.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { ConnectionRoom, SparseWarning } from './limits.ts';

/** What an edit of a running lane may change; connections that are open keep what they were opened with. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  /** Silence after which a connection is closed; null: never. */
  readonly idleMs: number | null;
}

export interface ConnectionsOptions extends Omit<ConnectionOptions, 'idleMs'> {
  readonly limits: ConnectionLimits;
  readonly total: ConnectionRoom;
  readonly warning: SparseWarning;
  readonly nextConnection: () => number;
  readonly onChange: () => void;
}

export class Connections {
  /** Connections without a `closed` entry. */
  open = 0;
  ever = 0;
  limits: ConnectionLimits;
  /** How the last one to close ended. */
  lastEnd: ConnectionEnd | undefined;
  readonly #options: ConnectionsOptions;
  readonly #sockets = new Map<Connection, (connection: Connection) => void>();
  #goneBytes = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  /** Received and appended, over all connections since the lane was opened. */
  get bytes(): number {
    let bytes = this.#goneBytes;
    for (const connection of this.#sockets.keys()) bytes += connection.bytes;
    return bytes;
  }

  /**
   * Takes the socket over, or destroys it if a cap is reached.
   * @param onGone the socket of the admitted connection is gone
   * @returns whether it was admitted
   */
  admit(socket: Socket, onGone: (connection: Connection) => void = () => {}): boolean {
    const { total, warning, nextConnection, onChange } = this.#options;
    const { maxConnections, idleMs } = this.limits;
    const full = this.#sockets.size >= maxConnections;
    if (full || !total.take()) {
      socket.on('error', () => {});
      socket.destroy();
      const which = full ? `the lane has ${maxConnections}` : 'all lanes together have too many';
      warning.say(`a connection was refused: ${which} already`);
      return false;
    }
    const connection = new Connection(
      socket,
      nextConnection(),
      { ...this.#options, idleMs },
      {
        onClosed: (_, how) => {
          this.open--;
          this.lastEnd = how;
          onChange();
        },
        onGone: (gone) => this.#forget(gone),
      },
    );
    this.#sockets.set(connection, onGone);
    this.open++;
    this.ever++;
    onChange();
    return true;
  }

  /** Closes one because of what has come over it. @returns whether it was still open */
  refuse(number: number): boolean {
    const found = [...this.#sockets.keys()].find((one) => one.number === number && one.open);
    found?.refuse();
    return found !== undefined;
  }

  /** Closes all, each as `Connection.stop` says. Resolves when no socket is left. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all([...this.#sockets.keys()].map((connection) => connection.stop(graceMs)));
  }

  #forget(connection: Connection): void {
    const onGone = this.#sockets.get(connection);
    this.#sockets.delete(connection);
    this.#goneBytes += connection.bytes;
    this.#options.total.release();
    onGone?.(connection);
  }
}
