/**
 * One receiver at one exit: what is in flight to it, and how much more may be. It never has more in
 * flight than the least of its credit, the exit's `max_unsettled` and the bytes a link may hold.
 */
import assert from 'node:assert';
import type { Sequence } from '../stream/port.ts';
import type { Delivery } from './delivery.ts';
import type { AmqpLimits } from './limits.ts';
import type { Outcome } from './outcome.ts';
import type { Condition } from './rhea-shape.ts';
import type { SendingLink } from './sending-link.ts';
import type { InHand } from './settle.ts';

export class Link {
  readonly container: string;
  readonly #out: SendingLink;
  readonly #full: () => boolean;
  readonly #maxUnsettled: number;
  readonly #limits: AmqpLimits;
  readonly #inFlight = new Map<Sequence, Delivery>(); // in the order they were offered
  /** Answered by a receiver that forgets them only when we have settled them. */
  readonly #unconfirmed = new Set<Delivery>();
  #bytes = 0;
  #queued = 0; // sends of this turn that rhea has not taken off the credit
  #delivered = 0;

  constructor(options: {
    container: string;
    out: SendingLink;
    /** Whether the peer's socket has enough to write. */
    full: () => boolean;
    maxUnsettled: number;
    limits: AmqpLimits;
  }) {
    this.container = options.container;
    this.#out = options.out;
    this.#full = options.full;
    this.#maxUnsettled = options.maxUnsettled;
    this.#limits = options.limits;
  }

  get name(): string {
    return this.#out.name;
  }

  get credit(): number {
    return this.#out.credit;
  }

  get unsettled(): number {
    return this.#inFlight.size + this.#unconfirmed.size;
  }

  get delivered(): number {
    return this.#delivered;
  }

  get draining(): boolean {
    return this.#out.draining && this.#out.open;
  }

  /** What was sent in the last turn is off the credit and the session's window by now. */
  startTurn(): void {
    this.#queued = 0;
    this.#out.session.startTurn();
    if (this.#out.session.usedUp) {
      const description = 'this session has carried all the messages it can number';
      this.#out.session.end({ condition: 'amqp:resource-limit-exceeded', description });
    }
  }

  /** Messages of this turn, which need the credit they were given for. */
  get queued(): number {
    return this.#queued;
  }

  /** Whether a message has left in part. */
  get sending(): boolean {
    return this.#out.sending;
  }

  /** Whether only outcomes of the receiver can make room: waiting with a drain would wait for ever. */
  get saturated(): boolean {
    return this.unsettled >= this.#maxUnsettled || this.#bytes >= this.#limits.inFlightBytes;
  }

  /** Whether a message may be sent now. */
  get ready(): boolean {
    const { credit, open, session } = this.#out;
    return open && this.#queued < credit && !this.saturated && session.window > 0 && !this.#full();
  }

  offer(sequence: Sequence, payload: Buffer): void {
    assert(this.#queued < this.#out.credit, 'a message is sent without credit');
    const delivery = this.#out.send(sequence, payload);
    if (this.#out.session.queues(delivery)) this.#queued++;
    this.#inFlight.set(sequence, delivery);
    this.#bytes += payload.length;
  }

  /**
   * The receiver is done with a delivery. It is settled, unless the receiver waits for `confirm`.
   * @returns its message; undefined if it was settled before
   */
  settle(delivery: Delivery, outcome: Outcome): InHand | undefined {
    const { sequence, payload } = delivery;
    if (this.#inFlight.get(sequence) !== delivery) return undefined;
    this.#inFlight.delete(sequence);
    this.#bytes -= payload.length;
    if (outcome.kind === 'accepted') this.#delivered++;
    if (delivery.remote_settled) this.#out.session.forget(delivery);
    else this.#unconfirmed.add(delivery);
    return delivery;
  }

  /** Settles a delivery for a receiver that waits for it, with the state it gave. */
  confirm(delivery: Delivery, state: unknown): void {
    if (this.#unconfirmed.delete(delivery)) this.#out.confirm(delivery, state);
  }

  /** Ends the link's part in the exit. @returns what was in flight, in the order it was offered */
  abandon(): InHand[] {
    const inHand = [...this.#inFlight.values()];
    for (const delivery of inHand) this.#out.session.forget(delivery);
    for (const delivery of this.#unconfirmed) this.#out.session.forget(delivery);
    this.#inFlight.clear();
    this.#unconfirmed.clear();
    this.#bytes = 0;
    return inHand;
  }

  drained(): void {
    this.#out.drained();
  }

  answer(): void {
    this.#out.answer();
  }

  close(error: Condition): void {
    this.#out.close(error);
  }
}
