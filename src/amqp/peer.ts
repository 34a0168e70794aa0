/**
 * One connection: its socket, the guard before and the writer after the protocol library, and the
 * links its peer attached. When the socket closes, for whatever reason, all of its links are gone;
 * nothing else is believed (section Sending, rule 6).
 */
import assert from 'node:assert';
import type { Socket } from 'node:net';
import type { Clock } from '../stream/port.ts';
import { Deadline } from './deadline.ts';
import { Guard } from './guard.ts';
import type { AmqpLimits } from './limits.ts';
import { Link } from './link.ts';
import type { Links } from './links.ts';
import { Protocol } from './protocol.ts';
import type { ExitPort, Pump } from './pump.ts';
import type { Condition } from './rhea-shape.ts';
import { authenticatorFor } from './sasl.ts';
import type { SendingLink } from './sending-link.ts';
import type { Users } from './users.ts';
import { Writer } from './writer.ts';

/** What all peers of a listener share. */
export interface Premises {
  readonly clock: Clock;
  readonly limits: AmqpLimits;
  readonly maxFrame: number;
  /** The author lets everybody in, also from beyond this machine. */
  readonly anyone: boolean;
  readonly links: Links;
  /** Those who can log in; undefined: nobody can. */
  readonly users?: Users | undefined;
  /** The exit at an address, or why there is none for this vehicle; null: a peer without a name. */
  resolve(address: string, user: string | null): ExitPort | Condition;
  /** Why a link to an exit may not stay; undefined: it may. */
  refused(exit: ExitPort, user: string | null): Condition | undefined;
}

/** What a listener wants to know of a peer. */
export interface PeerEvents {
  admitted(): void;
  closed(): void;
  /** It was cut off; the text says why and carries nothing of what it sent. */
  cutOff(why: string): void;
}

interface Served {
  readonly link: Link;
  readonly pump: Pump;
}

export class Peer {
  readonly #socket: Socket;
  readonly #premises: Premises;
  readonly #events: PeerEvents;
  readonly #writer: Writer;
  readonly #guard: Guard;
  readonly #protocol: Protocol;
  readonly #linger: Deadline;
  readonly #served = new Map<SendingLink, Served>();
  #container: string | undefined; // its name, once it said open
  #user: string | null = null; // the vehicle it logged in as
  #over = false;

  constructor(socket: Socket, premises: Premises, events: PeerEvents) {
    const { clock, limits, maxFrame } = premises;
    this.#socket = socket;
    this.#premises = premises;
    this.#events = events;
    this.#linger = new Deadline(clock, () => socket.destroy());
    this.#writer = new Writer({
      socket,
      limits,
      clock,
      drained: () => this.#wakeAll(),
      stalled: () => this.#cutOff('it takes nothing of what is sent to it'),
    });
    this.#protocol = new Protocol({
      wire: {
        frames: this.#writer,
        write: (bytes) => this.#writer.write(bytes),
        end: () => this.#finish(),
        destroy: () => this.#cutOff('it gave no sign of life'),
      },
      events: {
        opened: (container) => {
          this.#container = container;
        },
        attached: (out) => this.#attached(out),
        flowed: (out) => this.#served.get(out)?.pump.wake(),
        outcome: (out, delivery, outcome, state) => {
          const served = this.#served.get(out);
          served?.pump.settle(served.link, delivery, outcome, state);
        },
        gone: (out) => this.#gone(out),
        closed: () => this.#goneAll(),
        failed: (why) => this.#cutOff(why),
      },
      maxFrame,
      idleMs: limits.idleMs,
      sessions: limits.sessions,
      links: limits.links,
    });
    this.#guard = this.#guarded();
    socket.on('data', (chunk: Buffer) => this.#guard.take(chunk));
    socket.on('error', () => {}); // what matters is that it closes, and that comes by itself
    socket.on('close', () => this.#closed());
    socket.setNoDelay(true);
    socket.resume();
  }

  /** Asks the peer to leave; a stranger is shown the door. */
  close(error: Condition): void {
    if (this.#container === undefined) this.#socket.destroy();
    else this.#protocol.close(error);
  }

  /** Exits have changed: links that would not be let in now are detached. */
  review(): void {
    for (const [out, { link, pump }] of this.#served) {
      const refused = this.#premises.refused(pump.exit, this.#user);
      if (refused === undefined) continue;
      link.close(refused);
      this.#gone(out);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #guarded(): Guard {
    const protocol = this.#protocol;
    const { limits, maxFrame, clock, anyone, users } = this.#premises;
    return new Guard({
      limits,
      maxFrame,
      clock,
      authenticator: authenticatorFor(this.#socket.remoteAddress ?? '', anyone, users),
      to: {
        receive: (bytes) => protocol.receive(bytes),
        reply: (bytes) => this.#writer.write(bytes),
        loggedIn: (user) => {
          this.#user = user;
        },
        admitted: () => this.#events.admitted(),
        finish: () => this.#finish(),
        destroy: (why) => this.#cutOff(why),
        pause: () => this.#socket.pause(),
        resume: () => this.#socket.resume(),
        sent: (channel) => protocol.sent(channel),
        attaching: (channel, name) => protocol.attaching(channel, name),
        flowed: (channel, handle, echo) => this.#flowed(channel, handle, echo),
      },
    });
  }

  #attached(out: SendingLink): void {
    const { links, limits } = this.#premises;
    assert(this.#container !== undefined, 'an attach before open');
    const exit = this.#exitFor(out);
    if ('condition' in exit) {
      out.close(exit);
      return;
    }
    out.accept(exit.address);
    const link = new Link({
      container: this.#container,
      out,
      full: () => this.#writer.full,
      maxUnsettled: exit.maxUnsettled,
      limits,
    });
    this.#served.set(out, { link, pump: links.attach(exit, link) });
  }

  #exitFor(out: SendingLink): ExitPort | Condition {
    if (out.dynamic) return refusal('not-implemented', 'no node is made here on demand');
    if (out.browses) return refusal('not-implemented', 'messages are taken here, not browsed');
    if (out.address === undefined) return refusal('invalid-field', 'the source has no address');
    return this.#premises.resolve(out.address, this.#user);
  }

  /** Called before the flow takes effect, hence in the next turn. */
  #flowed(channel: number, handle: number | undefined, echo: boolean): void {
    setImmediate(() => {
      if (this.#over) return;
      // The window is the session's: every link on it may have got room.
      for (const out of this.#protocol.linksOn(channel)) this.#served.get(out)?.pump.wake();
      if (!echo) return;
      if (handle === undefined) this.#protocol.answer(channel);
      else this.#protocol.linkAt(channel, handle)?.answer();
    });
  }

  #gone(out: SendingLink): void {
    const served = this.#served.get(out);
    if (served === undefined) return;
    this.#served.delete(out);
    this.#premises.links.detach(served.link);
  }

  #goneAll(): void {
    for (const out of this.#served.keys()) this.#gone(out);
  }

  #wakeAll(): void {
    for (const { pump } of this.#served.values()) pump.wake();
  }

  /** Our half is done; the peer's half gets a while. */
  #finish(): void {
    this.#writer.end();
    if (!this.#over) this.#linger.start(this.#premises.limits.lingerMs);
  }

  #cutOff(why: string): void {
    if (this.#over) return;
    this.#events.cutOff(why);
    this.#socket.destroy();
    this.#stop();
  }

  #closed(): void {
    this.#stop();
    this.#events.closed();
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#goneAll();
    this.#guard.stop();
    this.#protocol.stop();
    this.#writer.stop();
    this.#linger.dispose();
  }
}

export function refusal(condition: string, description: string): Condition {
  return { condition: `amqp:${condition}`, description };
}
