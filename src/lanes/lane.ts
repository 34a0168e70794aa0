/**
 * One lane: a listener or a dialler, its connections, and what a runner may ask. Everything that
 * arrives goes into the journal as it came; lanes never look for line ends.
 */
import type { Socket } from 'node:net';
import type { Id, Lsn } from '../stream/entry.ts';
import type { Cancel, Clock, Gate, Journal, Notify } from '../stream/port.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';
import type { Address } from './address.ts';
import { type ConnectionLimits, Connections } from './connections.ts';
import { Dialler, type DialState, type Retry } from './dialler.ts';
import { type ConnectionRoom, SparseWarning } from './limits.ts';
import { openListener } from './listener.ts';

/** What the vehicle is sending while its lane moves elsewhere is read to its end, but not for longer. */
const MOVE_GRACE_MS = 5000;

export type LaneAddress =
  | { readonly listen: Address }
  | { readonly connect: Address; readonly retry: Retry };

export interface LaneOptions {
  readonly id: Id;
  readonly name: string;
  readonly address: LaneAddress;
  readonly limits: ConnectionLimits;
  /** Shared by all lanes. */
  readonly totalConnections: ConnectionRoom;
  readonly journal: Journal;
  readonly gate: Gate;
  readonly clock: Clock;
  /** In [0, 1), for the pauses of a dialler. */
  readonly random: () => number;
  /** A number that no connection in the log has. */
  readonly nextConnection: () => number;
  /** No chunk entry is longer. */
  readonly chunkBytesMax: number;
  readonly notify: Notify;
  /** Resolves when the entry at this position is on disk; absent: it always is. */
  readonly durable?: (lsn: Lsn) => Promise<void>;
  /** Nobody is admitted, and nothing dialled, before `start`. */
  readonly waits?: boolean;
}

export interface LaneState {
  /** Connections whose `closed` entry is not yet in the log. */
  readonly open: number;
  /** Connections since the lane was opened. */
  readonly ever: number;
  /** None is open, and the last to close did so by an end of input. */
  readonly endedInOrder: boolean;
  /** Received since the lane was opened. */
  readonly bytes: number;
  /** null: the lane listens. */
  readonly dial: DialState | null;
  /** What dialling is at, in words; empty: nothing to say. */
  readonly note: string;
}

export interface Lane {
  readonly id: Id;
  readonly name: string;
  /** Where it listens (the port really bound), or what it dials. */
  readonly address: { readonly host: string; readonly port: number };
  /** Begins to admit or to dial, where it was opened to wait. */
  start(): void;
  state(): LaneState;
  /** Calls after a connection was opened or closed in the log, and when dialling goes on. */
  onChange(call: () => void): Cancel;
  /** Closes a connection, if it is still open, and says why. What had been read of it by then stays read. */
  refuse(connection: number, why: string): void;
  /** For connections that are opened from here on. */
  limit(limits: ConnectionLimits): void;
  /**
   * Gets ready to take its connections from elsewhere. Connections that vehicles have made live on.
   * @throws RoundaboutError `port-in-use` or `cannot-listen`, and nothing has changed
   */
  move(address: LaneAddress): Promise<Move>;
  /**
   * No new connections; idle ones close at once, others are read to end of input or for `graceMs`.
   * Resolves when every `closed` entry has been appended and every socket is gone.
   */
  stop(graceMs: number): Promise<void>;
}

/** A lane's move that is prepared: exactly one of the two is called. */
export interface Move {
  commit(): void;
  undo(): Promise<void>;
}

/** @throws RoundaboutError `port-in-use` or `cannot-listen`, naming the lane */
export async function openLane(options: LaneOptions): Promise<Lane> {
  const lane = new OpenLane(options);
  const { commit } = await lane.move(options.address);
  commit();
  if (options.waits !== true) lane.start();
  return lane;
}

/** Where connections come from. */
interface Source {
  readonly address: { readonly host: string; readonly port: number };
  readonly dial: DialState | null;
  start(): void;
  /** No new connections. */
  close(): Promise<void>;
}

class OpenLane implements Lane {
  readonly id: Id;
  readonly name: string;
  readonly #options: LaneOptions;
  readonly #connections: Connections;
  readonly #warning: SparseWarning;
  readonly #calls = new Set<() => void>();
  #source: Source | undefined;
  #started = false;
  #closing: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(options: LaneOptions) {
    const { id, name, clock, notify } = options;
    this.id = id;
    this.name = name;
    this.#options = options;
    this.#warning = new SparseWarning(`lane ${name}`, clock, notify);
    this.#connections = new Connections({
      ...options,
      lane: id,
      total: options.totalConnections,
      memory: Buffer.allocUnsafeSlow(options.chunkBytesMax),
      warning: this.#warning,
      durable: options.durable ?? (() => Promise.resolve()),
      onChange: () => this.#changed(),
    });
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#source?.address ?? { host: '', port: 0 };
  }

  start(): void {
    this.#started = true;
    this.#source?.start();
  }

  state(): LaneState {
    return stateOf(this.#connections, this.#source?.dial ?? null, this.#options.clock);
  }

  onChange(call: () => void): Cancel {
    this.#calls.add(call);
    return () => this.#calls.delete(call);
  }

  refuse(connection: number, why: string): void {
    if (!this.#connections.refuse(connection)) return;
    this.#warning.say(`connection ${connection} was closed: ${why}`);
  }

  limit(limits: ConnectionLimits): void {
    this.#connections.limits = limits;
  }

  async move(address: LaneAddress): Promise<Move> {
    const next = 'listen' in address ? await this.#listen(address.listen) : this.#dial(address);
    return {
      commit: () => {
        const former = this.#source;
        this.#source = next;
        if (former !== undefined) this.#closing = this.#leave(former);
        if (this.#started) next.start();
      },
      undo: () => next.close(),
    };
  }

  stop(graceMs: number): Promise<void> {
    // Connections first: with no grace they are closed in the log before this returns.
    const gone = this.#connections.stop(graceMs);
    this.#stopping ??= Promise.all([this.#source?.close(), this.#closing, gone]).then(() => {});
    return this.#stopping;
  }

  async #listen(address: Address): Promise<Source> {
    const waiting: Socket[] = [];
    let started = false;
    const take = (socket: Socket): void => {
      if (started) this.#connections.admit(socket);
      else waiting.push(socket);
    };
    const listener = await openListener(this.name, address, this.#warning, take);
    return {
      address: listener.address,
      dial: null,
      start: () => {
        started = true;
        for (const socket of waiting.splice(0)) this.#connections.admit(socket);
      },
      close: () => {
        for (const socket of waiting.splice(0)) socket.destroy();
        return listener.close();
      },
    };
  }

  #dial({ connect, retry }: { readonly connect: Address; readonly retry: Retry }): Source {
    const connections = this.#connections;
    const options = { ...this.#options, lane: this.name, address: connect, retry, connections };
    return new Dialler({ ...options, onChange: () => this.#changed() });
  }

  /** What was dialled is left; vehicles that dialled us need not notice that the door has moved. */
  #leave(former: Source): Promise<unknown> {
    const left = former.dial === null ? undefined : this.#connections.stop(MOVE_GRACE_MS);
    return Promise.all([former.close(), left]);
  }

  #changed(): void {
    for (const call of this.#calls) call();
  }
}

function stateOf(connections: Connections, dial: DialState | null, clock: Clock): LaneState {
  const { open, ever, bytes, lastEnd } = connections;
  const endedInOrder = open === 0 && lastEnd === 'end';
  return { open, ever, endedInOrder, bytes, dial, note: dial === null ? '' : noteOf(dial, clock) };
}

function noteOf({ phase, failure, nextTry }: DialState, clock: Clock): string {
  if (phase === 'connected') return '';
  if (phase === 'connecting' || nextTry === null) return 'connecting';
  const seconds = Math.max(0, Math.ceil((nextTry - clock.now()) / MICROS_PER_SECOND));
  return `${failure === null ? 'disconnected' : failure}, next try in ${seconds} s`;
}
