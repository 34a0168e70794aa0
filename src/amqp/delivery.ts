/**
 * A message on its way on a link, from its send until it is settled. rhea sees it as one of its own: it looks
 * deliveries up by id, sends in parts those that have `data`, and tells the peer what we settle.
 */
import type { Sequence } from '../stream/port.ts';
import type { RheaSender } from './rhea-shape.ts';

const NOTHING: readonly Buffer[] = [];
const NO_TAG = Buffer.alloc(0);

export class Delivery {
  readonly id: number;
  readonly sequence: Sequence;
  readonly link: RheaSender;
  /** The message with its header. */
  readonly payload: Buffer;
  /** It is settled at the peer. */
  remote_settled = false;

  // The rest is rhea's. Tag and data stay empty unless rhea is to send it.
  tag: Buffer = NO_TAG;
  data = NOTHING;
  format = 0;
  next_to_send = 0;
  settled = false;
  state: unknown = undefined;

  constructor(id: number, sequence: Sequence, link: RheaSender, payload: Buffer) {
    this.id = id;
    this.sequence = sequence;
    this.link = link;
    this.payload = payload;
  }
}
