/**
 * A session on which we send. Its links share the window in which frames may go out, and the numbers
 * of deliveries. rhea keeps its books; messages that go in one frame are sent past it, and what it does not get
 * right is put right here: deliveries leave one by one, outcomes come as they are, and no frame follows a detach.
 */
import assert from 'node:assert';
import type { Sequence } from '../stream/port.ts';
import { Delivery } from './delivery.ts';
import { DeliveryRoom } from './delivery-room.ts';
import type { Sent } from './ledger.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Condition, Disposition, RheaSender, RheaSession } from './rhea-shape.ts';
import { putTransfer, TRANSFER_BYTES, tagOf } from './transfer.ts';
import type { Frames } from './writer.ts';

/** rhea counts ids without wrapping at 2^32; a session ends in time, and its client comes back. */
const LAST_ID = 2 ** 32 - 2 ** 24;

/** What rhea takes off the peer's frame limit for the head of a transfer with a tag of 8 bytes. */
const TRANSFER_HEAD = 58;

export class SendingSession {
  readonly #rhea: RheaSession;
  readonly #room: DeliveryRoom;
  readonly #frames: Frames;
  readonly #mostPayload: number;
  /** Frames that may still be queued in this turn; set by `startTurn`. */
  window = 0;

  readonly #outcome: (delivery: Delivery, outcome: Outcome, state: unknown) => void;

  /**
   * @param maxFrame what the peer allows, in bytes; undefined: any size
   * @param frames where frames leave, rhea's and ours
   * @param outcome the peer is done with a delivery
   */
  constructor(
    session: RheaSession,
    maxFrame: number | undefined,
    frames: Frames,
    outcome: (delivery: Delivery, outcome: Outcome, state: unknown) => void,
  ) {
    this.#rhea = session;
    this.#outcome = outcome;
    this.#frames = frames;
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

  /**
   * Sends a message. It has left when this returns if it goes in one frame; else rhea sends its parts, as the
   * peer's window allows.
   */
  send(link: RheaSender, sequence: Sequence, payload: Buffer): Delivery {
    assert(this.window > 0, 'a message is queued on a session without window');
    const { outgoing } = this.#rhea;
    const delivery = new Delivery(outgoing.next_delivery_id++, sequence, link, payload);
    this.#room.push(delivery);
    // Behind one that is sent in parts all others wait.
    const first = outgoing.next_pending_delivery === delivery.id;
    if (first && payload.length <= this.#mostPayload) this.#transfer(delivery);
    else this.#queue(delivery);
    return delivery;
  }

  /** Whether rhea has it to send, or the rest of it. */
  queues(delivery: Delivery): boolean {
    return delivery.id >= this.#rhea.outgoing.next_pending_delivery;
  }

  /** Settles at our end and tells the peer. */
  confirm(delivery: Delivery, state: unknown): void {
    this.#rhea.outgoing.update(delivery, true, state);
    this.#room.forget(delivery);
  }

  #transfer({ id, sequence, link, payload }: Delivery): void {
    const { outgoing, local } = this.#rhea;
    const size = TRANSFER_BYTES + payload.length;
    const at = this.#frames.claim(size);
    putTransfer(this.#frames.area, at, local.channel, link.local.handle, id, sequence, payload);
    this.window--;
    outgoing.window--;
    outgoing.next_transfer_id++;
    outgoing.next_pending_delivery++;
    link.credit--;
    link.delivery_count++;
  }

  #queue(delivery: Delivery): void {
    const { payload } = delivery;
    const parts: Buffer[] = [];
    for (let from = 0; from < payload.length; from += this.#mostPayload) {
      parts.push(payload.subarray(from, from + this.#mostPayload));
    }
    delivery.data = parts;
    delivery.tag = tagOf(delivery.sequence);
    this.window -= parts.length;
    this.#rhea.connection._register();
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
    const outcome = outcomeOf(state, Boolean(settled));
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
