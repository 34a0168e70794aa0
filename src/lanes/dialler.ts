/**
 * A lane that connects: the vehicle listens. Keeps one connection, and when there is none tries again
 * for as long as it takes, each pause drawn at random so that many diallers never knock in step.
 */
import { connect, type Socket } from 'node:net';
import type { Cancel, Clock, Notify } from '../stream/port.ts';
import { MICROS_PER_MS, type Micros } from '../stream/time.ts';
import { type Address, addressText, LOOPBACK } from './address.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { KEEP_ALIVE_MS } from './listener.ts';

/** An address that swallows packets is given up after this, well before the system's two minutes. */
const CONNECT_MS = 10_000;
/** With several addresses behind a name, the next is tried after this. Node's 250 ms is short for a far host. */
const NEXT_ADDRESS_MS = 2000;

/** The pause before try n is random in 0 .. min(maxMs, initialMs * 2^n). */
export interface Retry {
  readonly initialMs: number;
  readonly maxMs: number;
}
export const DEFAULT_RETRY: Retry = { initialMs: 1000, maxMs: 30_000 };

export interface DialState {
  readonly phase: 'connecting' | 'connected' | 'waiting';
  /** Why the last try failed, in a word or two; null: it didn't. */
  readonly failure: string | null;
  /** When the next try is due, while waiting. */
  readonly nextTry: Micros | null;
}

export interface DiallerOptions {
  readonly lane: string;
  readonly address: Address;
  readonly retry: Retry;
  readonly clock: Clock;
  readonly random: () => number;
  readonly notify: Notify;
  readonly connections: Connections;
  readonly onChange: () => void;
}

export class Dialler {
  readonly address: { readonly host: string; readonly port: number };
  dial: DialState = { phase: 'connecting', failure: null, nextTry: null };
  readonly #options: DiallerOptions;
  #failures = 0;
  #dialling: Socket | undefined;
  #cancelTry: Cancel = () => {};
  #closed = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
    const { host = LOOPBACK, port } = options.address;
    this.address = { host, port };
  }

  /** Dials at once. */
  start(): void {
    this.#dial();
  }

  /** Dials no more; a connection that is open lives on. */
  close(): Promise<void> {
    this.#closed = true;
    this.#cancelTry();
    this.#dialling?.destroy();
    return Promise.resolve();
  }

  #dial(): void {
    const socket = connect({
      ...this.address,
      allowHalfOpen: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#dialling = socket;
    this.#enter({ ...this.dial, phase: 'connecting', nextTry: null });
    let failure = 'no answer';
    socket.setTimeout(CONNECT_MS, () => socket.destroy());
    const onError = (error: NodeJS.ErrnoException): void => {
      failure = failureText(error);
    };
    const onClose = (): void => {
      this.#dialling = undefined;
      this.#failed(failure);
    };
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once('connect', () => {
      if (isItself(socket)) {
        failure = 'refused';
        socket.destroy();
        return;
      }
      socket.setTimeout(0);
      socket.off('error', onError);
      socket.off('close', onClose);
      this.#dialling = undefined;
      this.#connected(socket);
    });
  }

  #connected(socket: Socket): void {
    const { connections, clock } = this.#options;
    const sinceMs = clock.elapsed();
    const admitted = connections.admit(socket, (connection) => this.#ended(connection, sinceMs));
    if (!admitted) {
      this.#failed('too many connections');
      return;
    }
    if (this.dial.failure !== null) this.#say('info', 'connected');
    this.#enter({ phase: 'connected', failure: null, nextTry: null });
  }

  /** A connection that was of use starts the pauses anew; one that closes at once does not. */
  #ended(connection: Connection, sinceMs: number): void {
    const { clock, retry } = this.#options;
    const lastedMs = clock.elapsed() - sinceMs;
    if (connection.bytes > 0 || lastedMs >= retry.initialMs) this.#failures = 0;
    this.#tryLater(null);
  }

  #failed(failure: string): void {
    // The first failure is news, the hundredth is not.
    if (this.dial.failure === null && !this.#closed) {
      this.#say('warning', `${failure}; trying again until it answers`);
    }
    this.#tryLater(failure);
  }

  #tryLater(failure: string | null): void {
    if (this.#closed) return;
    const { clock, retry, random } = this.#options;
    const ceilingMs = Math.min(retry.maxMs, retry.initialMs * 2 ** this.#failures);
    this.#failures++;
    const nextTry = clock.now() + Math.floor(random() * ceilingMs * MICROS_PER_MS);
    this.#cancelTry = clock.wake(nextTry, () => this.#dial());
    this.#enter({ phase: 'waiting', failure, nextTry });
  }

  #enter(dial: DialState): void {
    this.dial = dial;
    this.#options.onChange();
  }

  #say(level: 'info' | 'warning', text: string): void {
    const { host, port } = this.address;
    const about = `lane ${this.#options.lane}`;
    this.#options.notify({ level, about, text: `${addressText(host, port)} ${text}` });
  }
}

/**
 * A port that nobody listens on can be given to our own end of the connection, which then meets itself
 * and would keep the vehicle from its port.
 */
function isItself(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}

function failureText(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'name not found';
    case 'ETIMEDOUT':
      return 'no answer';
    default:
      return error.code ?? error.message;
  }
}
