/**
 * One link on which we send, and the session it shares with others, as the rest of this folder sees
 * them. Here live the corrections of what rhea does by itself: drain and echo are answered, credit is
 * read as the serial number it is, and no frame follows a detach.
 */
import assert from 'node:assert';
import { type Delivery, DeliveryRoom, type Disposition, type Outgoing } from './delivery-room.ts';
import type { Sent } from './ledger.ts';

/** An error as it goes to a peer. */
export interface Condition {
  readonly condition: string;
  readonly description: string;
}

/** `settled`: without saying what became of it. */
export type Outcome = 'accepted' | 'released' | 'modified' | 'rejected' | 'settled';

/** The terminal ones by descriptor (AMQP 1.0, 3.4). */
const TERMINAL = new Map<unknown, Outcome>([
  [0x24, 'accepted'],
  [0x25, 'rejected'],
  [0x26, 'released'],
  [0x27, 'modified'],
]);

/** rhea's sender; only what is used here. */
export interface RheaSender {
  name: string;
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
  _draining: boolean;
  _get_drain(): boolean;
  readonly session: RheaSession;
  readonly local: {
    readonly attach: { rcv_settle_mode: number; unsettled: object };
  };
  readonly remote: {
    handle: number | undefined;
    readonly attach: {
      readonly handle: number;
      readonly rcv_settle_mode: number | null | undefined;
      readonly unsettled: object | null | undefined;
      readonly source: RheaSource | null | undefined;
      readonly target: { readonly address: unknown } | null | undefined;
    };
    readonly detach: { readonly closed: boolean | null | undefined } | undefined;
  };
  set_source(fields: object): void;
  set_target(fields: object): void;
  send(payload: Buffer, tag: Buffer, format: number): Delivery;
  is_open(): boolean;
  detach(): void;
  close(error?: Condition): void;
}

interface RheaSource {
  readonly address: unknown;
  readonly dynamic: unknown;
  readonly distribution_mode: unknown;
}

/** rhea's session; only what is used here. */
export interface RheaSession {
  readonly outgoing: Outgoing;
  readonly links: Record<string, { name: string }>;
  readonly local: { readonly begin: { handle_max: number } };
  readonly connection: { _register(): void };
  _write_flow(link?: RheaSender): void;
  end(error?: Condition): void;
}

/** Outcomes a source may say it knows (AMQP 1.0, 3.4). */
const OUTCOMES = [
  'amqp:accepted:list',
  'amqp:rejected:list',
  'amqp:released:list',
  'amqp:modified:list',
];

/** rhea counts ids without wrapping at 2^32; a session ends in time, and its client comes back. */
const LAST_ID = 2 ** 32 - 2 ** 24;

const UINT = 2 ** 32;
const HALF = 2 ** 31;

/** What rhea takes off the peer's frame limit for the head of a transfer with a tag of 8 bytes. */
const TRANSFER_HEAD = 58;

/** A session on which we send. Its links share the window in which frames may go out. */
export class SendingSession {
  readonly #rhea: RheaSession;
  readonly #room: DeliveryRoom;
  readonly #mostPayload: number;
  /** Frames that may still be queued in this turn; set by `startTurn`. */
  window = 0;

  readonly #outcome: (delivery: Delivery, outcome: Outcome, state: unknown) => void;

  /**
   * @param maxFrame what the peer allows, in bytes; undefined: any size
   * @param outcome the peer is done with a delivery
   */
  constructor(
    session: RheaSession,
    maxFrame: number | undefined,
    outcome: (delivery: Delivery, outcome: Outcome, state: unknown) => void,
  ) {
    this.#rhea = session;
    this.#outcome = outcome;
    this.#room = new DeliveryRoom(session.outgoing);
    session.outgoing.deliveries = this.#room;
    // rhea would tell of each delivery in two calls of its own, and print states it doesn't know.
    session.outgoing.on_disposition = (fields) => this.#disposed(fields);
    this.#mostPayload = (maxFrame ?? Number.POSITIVE_INFINITY) - TRANSFER_HEAD;
  }

  /** rhea has sent what it could since the last turn; what is unfinished waits for the peer. */
  startTurn(): void {
    const blocked = this.#room.unfinished() !== undefined;
    this.window = blocked ? 0 : this.#rhea.outgoing.transfer_window();
  }

  get usedUp(): boolean {
    return this.#rhea.outgoing.next_transfer_id > LAST_ID;
  }

  sent(): Sent {
    const { next_transfer_id, next_delivery_id } = this.#rhea.outgoing;
    return {
      transfers: next_transfer_id,
      deliveries: next_delivery_id,
      mostInFlight: this.#room.most,
    };
  }

  /** Whether rhea is in the middle of a message of this link. */
  sends(link: object): boolean {
    return this.#room.unfinished()?.link === link;
  }

  send(link: RheaSender, tag: Buffer, payload: Buffer): Delivery {
    assert(this.window > 0, 'a message is queued on a session without window');
    this.window -= Math.max(1, Math.ceil(payload.length / this.#mostPayload));
    return link.send(payload, tag, 0);
  }

  forget(delivery: Delivery): void {
    this.#room.forget(delivery);
  }

  abandonUnfinishedOf(link: object): void {
    const unfinished = this.#room.unfinished();
    if (unfinished?.link === link) this.#room.abandon(unfinished);
  }

  /** The guard has checked the range: it lies within what was sent. */
  #disposed({ first, last, settled, state }: Disposition): void {
    const outcome = TERMINAL.get(state?.descriptor?.value) ?? (settled ? 'settled' : undefined);
    if (outcome === undefined) return; // only how far the peer has read
    for (let id = first; id <= (last ?? first); id++) {
      const delivery = this.#room.by_id(id);
      if (delivery === undefined) continue;
      delivery.remote_settled = Boolean(settled);
      this.#outcome(delivery, outcome, state);
    }
  }

  /** Tells the peer the state of the session, as it asked. */
  answer(): void {
    this.#rhea._write_flow();
  }

  end(error: Condition): void {
    this.#rhea.end(error);
  }
}

export class SendingLink {
  readonly session: SendingSession;
  readonly #rhea: RheaSender;
  #answersDrain = false;

  constructor(sender: RheaSender, session: SendingSession) {
    this.#rhea = sender;
    this.session = session;
    // rhea uses credit up one by one, up to 2^32 times; `drained` has done it already.
    sender._get_drain = () => {
      const answers = this.#answersDrain;
      this.#answersDrain = false;
      return answers;
    };
    // rhea looks for the handle where it is not, and would never forget it.
    sender.remote.handle = sender.remote.attach.handle;
  }

  get name(): string {
    return this.#rhea.name;
  }

  /** The peer's handle of the link. */
  get handle(): number | undefined {
    return this.#rhea.remote.handle;
  }

  /** The address the peer wants to receive from; undefined if it gave none. */
  get address(): string | undefined {
    const address = this.#rhea.remote.attach.source?.address;
    return typeof address === 'string' ? address : undefined;
  }

  /** The peer asks for a node of its own. */
  get dynamic(): boolean {
    return Boolean(this.#rhea.remote.attach.source?.dynamic);
  }

  /** The peer asks to see messages and leave them for others. */
  get browses(): boolean {
    return this.#rhea.remote.attach.source?.distribution_mode === 'copy';
  }

  get open(): boolean {
    return this.#rhea.is_open();
  }

  get credit(): number {
    return this.#rhea.credit;
  }

  get draining(): boolean {
    return this.#rhea._draining;
  }

  /** Whether a message has left in part. */
  get sending(): boolean {
    return this.session.sends(this.#rhea);
  }

  /** Says in our attach what the peer gets: this address, unsettled, its own way to settle. */
  accept(address: string): void {
    const { attach } = this.#rhea.remote;
    this.#rhea.set_source({ address, distribution_mode: 'move', outcomes: OUTCOMES });
    const target = attach.target?.address;
    this.#rhea.set_target(typeof target === 'string' ? { address: target } : {});
    this.#rhea.local.attach.rcv_settle_mode = attach.rcv_settle_mode ?? 0;
    // Unsettled state is not resumed: everything unsettled comes again as a new delivery.
    if (attach.unsettled) this.#rhea.local.attach.unsettled = {};
  }

  /** Detaches with an error; before `accept`, our attach says that there is no source. */
  close(error: Condition): void {
    this.session.abandonUnfinishedOf(this.#rhea);
    this.#rhea.close(error);
  }

  /** The peer detached: a detach that isn't final is answered alike. */
  detached(): void {
    this.session.abandonUnfinishedOf(this.#rhea);
    if (!this.#rhea.remote.detach?.closed) this.#rhea.detach();
  }

  /**
   * After a flow: credit is what the peer granted less what it hasn't seen yet, modulo 2^32. Withdrawn
   * credit does not cut a message in two.
   */
  readCredit(): void {
    const sender = this.#rhea;
    let credit = sender.credit;
    if (credit < -HALF) credit += UINT;
    if (credit > UINT) credit -= UINT;
    sender.delivery_count %= UINT;
    const least = this.sending ? 1 : 0;
    sender.credit = Math.min(HALF, Math.max(least, credit));
  }

  send(tag: Buffer, payload: Buffer): Delivery {
    return this.session.send(this.#rhea, tag, payload);
  }

  /** Settles at our end; the peer is told, with the state it gave, unless it settled first. */
  settle(delivery: Delivery, state: unknown): void {
    if (!delivery.remote_settled) delivery.update(true, state);
    this.session.forget(delivery);
  }

  /** Uses up the credit and says so. */
  drained(): void {
    const sender = this.#rhea;
    sender.delivery_count = (sender.delivery_count + sender.credit) % UINT;
    sender.credit = 0;
    sender._draining = false; // until the next flow says so again
    this.#answersDrain = true;
    this.answer();
  }

  /** Tells the peer the state of the link, as it asked. */
  answer(): void {
    this.#rhea.issue_flow = true;
    this.#rhea.session.connection._register();
  }
}
