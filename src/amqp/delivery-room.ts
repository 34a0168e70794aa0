/**
 * Takes the place of the ring in which a rhea session keeps the deliveries it sent. The
 * ring frees a place only when everything before it is settled, so that one unsettled delivery stalls
 * every link of the session; here each delivery leaves by itself, when its owner says so.
 */
import assert from 'node:assert';
import type { Delivery } from './delivery.ts';
import type { Outgoing } from './rhea-shape.ts';

/** What `available` answers: the pump counts what may be in flight, per link and in bytes. */
const ALWAYS_ROOM = 2 ** 31 - 1;

export class DeliveryRoom {
  readonly #outgoing: Outgoing;
  readonly #byId = new Map<number, Delivery>();
  #leaving: Delivery[] = [];
  /** The most deliveries that were ever in flight at once. */
  most = 0;

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing;
  }

  /** Nobody needs this delivery any more. It stays while the library is still sending it. */
  forget(delivery: Delivery): void {
    if (this.#byId.get(delivery.id) !== delivery) return;
    if (delivery.id < this.#outgoing.next_pending_delivery) this.#byId.delete(delivery.id);
    else this.#leaving.push(delivery);
  }

  /** The delivery whose last frame has not been sent, if there is one. */
  unfinished(): Delivery | undefined {
    return this.#byId.get(this.#outgoing.next_pending_delivery);
  }

  /**
   * Takes back the unfinished delivery of a link that is gone, as no frame may follow a detach. If none
   * of its frames was sent its id is free again: ids have no gaps.
   */
  abandon(delivery: Delivery): void {
    assert(
      delivery.id === this.#outgoing.next_delivery_id - 1,
      'a delivery is queued behind another',
    );
    this.#byId.delete(delivery.id);
    if (delivery.next_to_send > 0) this.#outgoing.next_pending_delivery++;
    else this.#outgoing.next_delivery_id--;
  }

  // The methods rhea calls.

  available(): number {
    return ALWAYS_ROOM;
  }

  push(delivery: Delivery): void {
    this.#byId.set(delivery.id, delivery);
    if (this.#byId.size > this.most) this.most = this.#byId.size;
  }

  by_id(id: number): Delivery | undefined {
    return this.#byId.get(id);
  }

  /** rhea asks what is settled after every step; here the owner has said it already. */
  pop_if(): number {
    if (this.#leaving.length === 0) return 0;
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const delivery of leaving) this.forget(delivery);
    return leaving.length;
  }

  get_head(): Delivery | undefined {
    return this.#byId.values().next().value;
  }
}
