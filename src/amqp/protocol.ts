/**
 * The only file that knows rhea as a library: one of its connections, fed with frames that the guard
 * passed, writing into our writer. Every call from it lands in one of `ProtocolEvents`, whose receiver
 * only takes note; nothing is ever sent from inside one. SASL and listening are not
 * rhea's here.
 */
import assert from 'node:assert';
import { EventEmitter } from 'node:events';
import rhea from 'rhea';
import type { Delivery } from './delivery.ts';
import type { Sent } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Condition, RheaSender, RheaSession } from './rhea-shape.ts';
import { SendingLink } from './sending-link.ts';
import { SendingSession } from './sending-session.ts';
import type { Frames } from './writer.ts';

export interface ProtocolEvents {
  /** The peer's `open` took effect. */
  opened(container: string): void;
  /** The peer attached a receiver. It is `accept`ed or `close`d before this returns. */
  attached(link: SendingLink): void;
  /** Credit, drain or window of this link may have changed. */
  flowed(link: SendingLink): void;
  /** The peer is done with a delivery; `state` is what it said, as it goes back to it. */
  outcome(link: SendingLink, delivery: Delivery, outcome: Outcome, state: unknown): void;
  /** The link is no more: detached, or its session ended. */
  gone(link: SendingLink): void;
  /** The peer closed the connection. */
  closed(): void;
  /** rhea could not go on; carries nothing the peer sent. */
  failed(why: string): void;
}

/** The end of a stream that rhea writes to. */
export interface Wire {
  /** Where we write beside it; what is written here and there leaves in one order. */
  readonly frames: Frames;
  write(bytes: Buffer): void;
  end(): void;
  destroy(): void;
}

interface RheaContext {
  readonly sender: RheaSender;
  readonly receiver: { close(error: Condition): void };
  readonly session: RheaSession;
}

interface RheaConnection {
  socket: unknown;
  readonly remote: {
    readonly open:
      | {
          readonly container_id: string;
          readonly max_frame_size: number | null | undefined;
          idle_time_out: number | null | undefined;
        }
      | undefined;
  };
  readonly remote_channel_map: Record<number, RheaSession | undefined>;
  on(event: string, call: (context: RheaContext) => void): void;
  accept(socket: EventEmitter): void;
  close(error?: Condition): void;
  create_session(): RheaSession;
}

interface RheaContainer {
  on(event: string, call: () => void): void;
  create_connection(options: object): RheaConnection;
}

/** A peer that wants signs of life more often than each 50 ms wants to keep us busy. */
const LEAST_IDLE_MS = 100;

/** setTimeout's limit; what is above fires at once. */
const MOST_IDLE_MS = 2 ** 31 - 1;

const NOT_SERVED: Condition = {
  condition: 'amqp:not-implemented',
  description: 'messages leave here, none come in: records drive in over lanes, by TCP',
};

const module = rhea as unknown as { create_container(options: object): RheaContainer };
const container = module.create_container({ id: 'roundabout' });
// Whatever a connection does not take note of ends up here; an unheard `error` would end the process.
container.on('error', () => {});

/** What every connection of ours asks of rhea. */
function connectionOptions(maxFrame: number, idleMs: number, channels: number): object {
  return {
    max_frame_size: maxFrame,
    idle_time_out: idleMs,
    channel_max: channels - 1,
    disable_sasl: true,
    reconnect: false,
    // Unsettled, whatever was asked for: settled would be at most once.
    sender_options: { snd_settle_mode: 0 },
    receiver_options: { credit_window: 0, autoaccept: false, autosettle: false },
  };
}

/** Proves at start that rhea is built as this folder believes; a new version may not be. */
export function checkProtocolLibrary(): void {
  const session = container.create_connection(connectionOptions(4096, 1000, 1)).create_session();
  const outgoing = session.outgoing;
  for (const name of ['available', 'push', 'pop_if', 'by_id', 'get_head']) {
    const method: unknown = Reflect.get(Object(outgoing.deliveries), name);
    assert(typeof method === 'function', `rhea's deliveries have lost ${name}`);
  }
  for (const name of ['next_delivery_id', 'next_pending_delivery', 'next_transfer_id']) {
    assert(Reflect.get(outgoing, name) === 0, `rhea's session has lost ${name}`);
  }
  assert(typeof outgoing.window === 'number', "rhea's session has lost its window");
  assert(typeof session.local.channel === 'number', "rhea's session has lost its channel");
  for (const name of ['transfer_window', 'on_disposition', 'update']) {
    const method: unknown = Reflect.get(outgoing, name);
    assert(typeof method === 'function', `rhea's session has lost ${name}`);
  }
  assert(typeof session._write_flow === 'function', "rhea's session has lost its flow");
}

/** The face of a socket that rhea expects. */
class Port extends EventEmitter {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super();
    this.#wire = wire;
  }

  write(bytes: Buffer): void {
    this.#wire.write(bytes);
  }

  end(): void {
    this.#wire.end();
  }

  destroy(): void {
    this.#wire.destroy();
  }

  get_id_string(): string {
    return 'peer';
  }
}

export class Protocol {
  readonly #rhea: RheaConnection;
  readonly #port: Port;
  readonly #frames: Frames;
  readonly #events: ProtocolEvents;
  readonly #links = new Map<object, SendingLink>(); // by rhea's sender
  readonly #sessions = new Map<RheaSession, SendingSession>();
  readonly #handles: number;
  #moved = 0;
  #over = false;

  constructor(options: {
    wire: Wire;
    events: ProtocolEvents;
    maxFrame: number;
    idleMs: number;
    sessions: number;
    links: number;
  }) {
    this.#events = options.events;
    this.#handles = options.links;
    this.#frames = options.wire.frames;
    this.#port = new Port(options.wire);
    this.#rhea = container.create_connection(
      connectionOptions(options.maxFrame, options.idleMs, options.sessions),
    );
    this.#listen();
    this.#rhea.accept(this.#port);
  }

  /** Frames, or the protocol header, that the guard passed. */
  receive(bytes: Buffer): void {
    if (!this.#over) this.#port.emit('data', bytes);
  }

  /** The socket is gone, whatever the reason. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#port.emit('end');
    // What is still queued in rhea would otherwise start a timer for a peer that left.
    this.#rhea.socket = undefined;
    this.#links.clear();
    this.#sessions.clear();
  }

  close(error: Condition): void {
    this.#rhea.close(error);
  }

  sent(channel: number): Sent | undefined {
    return this.#session(channel)?.sent();
  }

  /**
   * An attach under this name passes next. rhea keeps the links of a session by name alone, so an older
   * one of that name, which is about to be stolen, gets out of its way.
   */
  attaching(channel: number, name: string): void {
    const links = this.#rhea.remote_channel_map[channel]?.links;
    if (links === undefined || !Object.hasOwn(links, name)) return;
    const older = links[name];
    delete links[name];
    older.name = `${name}\0${++this.#moved}`;
    links[older.name] = older;
  }

  /** All links of the session on this channel. */
  linksOn(channel: number): SendingLink[] {
    const session = this.#session(channel);
    return [...this.#links.values()].filter((link) => link.session === session);
  }

  /** Answers for a session, on which the peer asked for our state. */
  answer(channel: number): void {
    this.#session(channel)?.answer();
  }

  /** The link behind a handle of the peer's. */
  linkAt(channel: number, handle: number): SendingLink | undefined {
    return this.linksOn(channel).find((link) => link.handle === handle);
  }

  #session(channel: number): SendingSession | undefined {
    const session = this.#rhea.remote_channel_map[channel];
    return session === undefined ? undefined : this.#sessions.get(session);
  }

  #listen(): void {
    this.#on('connection_open', () => this.#opened());
    this.#on('connection_close', () => this.#events.closed());
    this.#on('session_open', ({ session }) => {
      session.local.begin.handle_max = this.#handles - 1;
      const maxFrame = this.#rhea.remote.open?.max_frame_size ?? undefined;
      const outcome = this.#caught((delivery: Delivery, outcome: Outcome, state: unknown) =>
        this.#outcome(delivery, outcome, state),
      );
      this.#sessions.set(session, new SendingSession(session, maxFrame, this.#frames, outcome));
    });
    this.#on('session_close', ({ session }) => {
      const ended = this.#sessions.get(session);
      for (const [sender, link] of this.#links) if (link.session === ended) this.#gone(sender);
      this.#sessions.delete(session);
    });
    this.#on('sender_open', ({ sender }) => this.#attached(sender));
    this.#on('receiver_open', ({ receiver }) => receiver.close(NOT_SERVED));
    this.#on('receiver_close', () => {});
    this.#on('sender_flow', ({ sender }) => {
      const link = this.#links.get(sender);
      if (link === undefined) return;
      link.readCredit();
      this.#events.flowed(link);
    });
    this.#on('sender_close', ({ sender }) => {
      this.#links.get(sender)?.detached();
      this.#gone(sender);
    });
    this.#on('disconnected', () => {});
    this.#rhea.on('protocol_error', () => this.#events.failed('a frame that makes no sense'));
    this.#rhea.on('error', () => this.#events.failed('a frame that makes no sense here'));
  }

  #on(event: string, call: (context: RheaContext) => void): void {
    this.#rhea.on(event, this.#caught(call));
  }

  /** rhea would take an error of ours for one of the peer's. */
  #caught<Arguments extends unknown[]>(call: (...given: Arguments) => void) {
    return (...given: Arguments): void => {
      try {
        call(...given);
      } catch (error) {
        this.#events.failed(`a defect of ours, ${String(error)}`);
      }
    };
  }

  #opened(): void {
    const { open } = this.#rhea.remote;
    assert(open, 'an open without its fields');
    const idle = open.idle_time_out ?? 0;
    if (idle > MOST_IDLE_MS) open.idle_time_out = undefined;
    if (idle > 0 && idle < LEAST_IDLE_MS) {
      const description = `an idle time-out below ${LEAST_IDLE_MS} ms is not served`;
      this.#rhea.close({ condition: 'amqp:not-allowed', description });
    }
    this.#events.opened(open.container_id);
  }

  #attached(sender: RheaSender): void {
    const session = this.#sessions.get(sender.session);
    assert(session, 'a link on a session that was never opened');
    const link = new SendingLink(sender, session);
    this.#links.set(sender, link);
    this.#events.attached(link);
  }

  #outcome(delivery: Delivery, outcome: Outcome, state: unknown): void {
    const link = this.#links.get(delivery.link);
    if (link !== undefined) this.#events.outcome(link, delivery, outcome, state);
  }

  #gone(sender: object): void {
    const link = this.#links.get(sender);
    if (link === undefined) return;
    this.#links.delete(sender);
    this.#events.gone(link);
  }
}
