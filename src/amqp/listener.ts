/**
 * The address where vehicles fetch what the exits hold: a server of our own, in front of which stands
 * the guard. Peers that did not say `open` yet are read only so many at a time.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { RoundaboutError } from '../stream/error.ts';
import type { Clock, Notify } from '../stream/port.ts';
import { AMQP_LIMITS, type AmqpLimits } from './limits.ts';
import { type LinkInfo, Links } from './links.ts';
import { Peer, type Premises, refusal } from './peer.ts';
import { checkProtocolLibrary } from './protocol.ts';
import type { ExitPort } from './pump.ts';
import type { Condition } from './rhea-shape.ts';
import type { Users } from './users.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface AmqpListenerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Largest frame we take, in bytes. */
  readonly maxFrame: number;
  readonly clock: Clock;
  readonly notify: Notify;
  /** The exits of the moment; asked at every attach. */
  readonly exits: () => readonly ExitPort[];
  /** The nearest to an address that does not exist, among those that the peer may use. */
  readonly suggest: (address: string, among: readonly string[]) => string | undefined;
  /** Those who can log in. Absent: nobody can, and nobody need. */
  readonly users?: Users;
  /** A hold can't be read or settled any more. Without it the error is thrown, uncaught. */
  readonly fail?: (error: unknown) => void;
  /** The file excuses a listener beyond loopback without authentication. */
  readonly anyone?: boolean;
  readonly limits?: Partial<AmqpLimits>;
}

export interface AmqpListener {
  readonly address: { readonly host: string; readonly port: number };
  links(): readonly LinkInfo[];
  /** Whether a link is or was attached since start. */
  everAttached(exit: string): boolean;
  attached(exit: string): number;
  /** Who an exit is for has changed: links of others are detached. */
  review(): void;
  /** Offers nothing more, waits for outcomes of what is in flight, but not longer than this; closes. */
  close(deadlineMs: number): Promise<void>;
}

/** AMQP addresses we may have given out. */
const ADDRESS = /^[A-Za-z0-9._/-]+$/;

/** Peers that were cut off are told of one at a time, the others with the next. */
const NOTICE_EACH_MS = 10_000;

const FORCED = refusal('connection:forced', 'the roundabout stops; what is held stays held');

const NOT_YOURS = refusal(
  'unauthorized-access',
  'this exit is for a vehicle that logs in with its secret',
);

/** How often a stop looks whether it can go on. */
const STOP_LOOKS_MS = 10;

/** After its `close` a peer gets this long to answer, even when the deadline has passed. */
const FAREWELL_MS = 500;

/**
 * Opens the listener.
 * @throws RoundaboutError `port-in-use`
 */
export async function openAmqpListener(options: AmqpListenerOptions): Promise<AmqpListener> {
  checkProtocolLibrary();
  const server = createServer({ pauseOnConnect: true });
  await listen(server, options.host, options.port);
  return new Listener(server, options);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code !== 'EADDRINUSE') {
        reject(error);
        return;
      }
      const text = `port ${port} of ${host} is in use, so no vehicle could fetch from the exits`;
      const hint = 'Stop what listens there, or set amqp.listen, or --amqp, to another port.';
      reject(new RoundaboutError('port-in-use', text, { hint, cause: error }));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

class Listener implements AmqpListener {
  readonly address: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #options: AmqpListenerOptions;
  readonly #links: Links;
  readonly #premises: Premises;
  readonly #room: WaitingRoom;
  readonly #peers = new Set<Peer>();
  #stopping = false;
  #noticed = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(server: Server, options: AmqpListenerOptions) {
    const { clock, notify, host, maxFrame, anyone = false, fail = rethrow } = options;
    const at = server.address();
    this.address = { host, port: at !== null && typeof at === 'object' ? at.port : options.port };
    this.#server = server;
    this.#options = options;
    const limits = { ...AMQP_LIMITS, ...options.limits };
    this.#links = new Links({ clock, notify, fail });
    this.#premises = {
      clock,
      limits,
      maxFrame,
      anyone,
      links: this.#links,
      users: options.users,
      resolve: (address, user) => this.#resolve(address, user),
      refused: (exit, user) => (mayReceive(exit, user) ? undefined : NOT_YOURS),
    };
    this.#room = new WaitingRoom(limits.strangers, limits.parked, (socket) => this.#meet(socket));
    server.on('connection', (socket) => this.#room.enter(socket));
    // A failing accept (descriptors used up) ends no connection that is open.
    server.on('error', (error) =>
      this.#cutOff('a new peer', `it was not taken in: ${error.message}`),
    );
  }

  links(): readonly LinkInfo[] {
    return this.#links.list();
  }

  everAttached(exit: string): boolean {
    return this.#links.everAttached(exit);
  }

  attached(exit: string): number {
    return this.#links.attached(exit);
  }

  review(): void {
    for (const peer of this.#peers) peer.review();
  }

  async close(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.#server.close();
    this.#room.close();
    const pumps = [...this.#links.pumps];
    for (const pump of pumps) pump.stopOffers();
    await until(() => this.links().every((link) => link.unsettled === 0), deadlineMs);
    for (const pump of pumps) pump.detach(FORCED);
    for (const peer of this.#peers) peer.close(FORCED);
    await until(() => this.#peers.size === 0, FAREWELL_MS);
    for (const peer of this.#peers) peer.destroy();
    await until(() => this.#peers.size === 0, FAREWELL_MS);
  }

  #meet(socket: Socket): void {
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    const peer = new Peer(socket, this.#premises, {
      admitted: () => this.#room.leave(socket),
      cutOff: (why) => this.#cutOff(from, why),
      closed: () => {
        this.#room.leave(socket);
        this.#peers.delete(peer);
      },
    });
    this.#peers.add(peer);
  }

  #resolve(address: string, user: string | null): ExitPort | Condition {
    if (this.#stopping) return FORCED;
    if (!ADDRESS.test(address)) {
      return refusal('invalid-field', 'an address has letters, digits and . _ / - only');
    }
    const exits = this.#options.exits();
    const exit = exits.find((one) => one.address === address);
    if (exit !== undefined) return mayReceive(exit, user) ? exit : NOT_YOURS;
    const open = exits.filter((one) => mayReceive(one, user)).map((one) => one.address);
    const nearest = this.#options.suggest(address, open);
    const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    return refusal('not-found', `no exit has the address "${address}"${hint}`);
  }

  #cutOff(who: string, why: string): void {
    const now = this.#options.clock.elapsed();
    if (now - this.#noticed < NOTICE_EACH_MS) {
      this.#unsaid++;
      return;
    }
    const others = this.#unsaid === 0 ? '' : ` (and ${this.#unsaid} others before it)`;
    this.#noticed = now;
    this.#unsaid = 0;
    this.#options.notify({
      level: 'warning',
      about: 'amqp',
      text: `cut off ${who}${others}: ${why}`,
    });
  }
}

/** An exit that is for a vehicle with a secret is for those it names, and for nobody else. */
function mayReceive({ secured = false, vehicles }: ExitPort, user: string | null): boolean {
  return !secured || (user !== null && vehicles.includes(user));
}

function rethrow(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** Waits for a condition, at most this long. */
async function until(met: () => boolean, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!met() && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, STOP_LOOKS_MS));
  }
}
