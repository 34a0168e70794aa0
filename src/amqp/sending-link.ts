/**
 * One link on which we send, as the rest of this folder sees it. Here live the corrections of what rhea
 * does by itself: drain and echo are answered, and credit is read as the serial number it is.
 */
import type { Sequence } from '../stream/port.ts';
import type { Delivery } from './delivery.ts';
import type { Condition, RheaSender } from './rhea-shape.ts';
import type { SendingSession } from './sending-session.ts';

/** Outcomes a source may say it knows (AMQP 1.0, 3.4). */
const OUTCOMES = [
  'amqp:accepted:list',
  'amqp:rejected:list',
  'amqp:released:list',
  'amqp:modified:list',
];

const UINT = 2 ** 32;
const HALF = 2 ** 31;

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

  send(sequence: Sequence, payload: Buffer): Delivery {
    return this.session.send(this.#rhea, sequence, payload);
  }

  /** Settles at our end and tells the peer, with the state it gave. */
  confirm(delivery: Delivery, state: unknown): void {
    this.session.confirm(delivery, state);
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
