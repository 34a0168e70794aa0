/**
 * One lane: a listener or a dialler, its connections, and what a runner may ask. Everything that
 * arrives goes into the journal as it came; lanes never look for line ends.
 */
import type { Id, Lsn } from '../stream/entry.ts';
import type { Cancel, Clock, Gate, Journal, Notify } from '../stream/port.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';
import type { Address } from './address.ts';
import { Connections } from './connections.ts';
import { Dialler, type DialState, type Retry } from './dialler.ts';
import { type ConnectionRoom, SparseWarning } from './limits.ts';
import { openListener } from './listener.ts';

export interface LaneOptions {
  readonly id: Id;
  readonly name: string;
  readonly address:
    | { readonly listen: Address }
    | { readonly connect: Address; readonly retry: Retry };
  readonly limits: {
    readonly maxConnections: number;
    /** Silence after which a connection is closed; null: never. */
    readonly idleMs: number | null;
  };
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
  state(): LaneState;
  /** Calls after a connection was opened or closed in the log, and when dialling goes on. */
  onChange(call: () => void): Cancel;
  /**
   * No new connections; idle ones close at once, others are read to end of input or for `graceMs`.
   * Resolves when every `closed` entry has been appended and every socket is gone.
   */
  stop(graceMs: number): Promise<void>;
}

/** @throws RoundaboutError `port-in-use` or `cannot-listen`, naming the lane */
export async function openLane(options: LaneOptions): Promise<Lane> {
  const { id, name, address, clock, notify } = options;
  const calls = new Set<() => void>();
  const onChange = (): void => {
    for (const call of calls) call();
  };
  const warning = new SparseWarning(`lane ${name}`, clock, notify);
  const connections = new Connections({
    ...options,
    ...options.limits,
    lane: id,
    total: options.totalConnections,
    memory: Buffer.allocUnsafeSlow(options.chunkBytesMax),
    warning,
    durable: options.durable ?? (() => Promise.resolve()),
    onChange,
  });
  const source =
    'listen' in address
      ? await openListener(name, address.listen, warning, (socket) => connections.admit(socket))
      : new Dialler({
          ...options,
          lane: name,
          address: address.connect,
          retry: address.retry,
          connections,
          onChange,
        });
  let stopping: Promise<void> | undefined;
  return {
    id,
    name,
    address: source.address,
    state: () => stateOf(connections, source instanceof Dialler ? source.state : null, clock),
    onChange: (call) => {
      calls.add(call);
      return () => calls.delete(call);
    },
    stop: (graceMs) => {
      stopping ??= Promise.all([source.close(), connections.stop(graceMs)]).then(() => {});
      return stopping;
    },
  };
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
