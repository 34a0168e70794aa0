/**
 * The exits as the AMQP side sees them: one port an exit for as long as the process lives, brought up to date
 * at every edit, so that links never notice one. An exit that is gone from the file stays while it holds
 * something.
 */
import type { ExitPort } from '../amqp/pump.ts';
import type { WayOut } from '../amqp/settle.ts';
import type { Id } from '../stream/entry.ts';
import { type Committed, isSecured } from '../topology/canonical.ts';
import type { Plan } from '../topology/plan.ts';
import type { Shard } from './shard.ts';

/** Of an exit that does not say: the dead letter, and one that is gone from the file. */
const MAX_UNSETTLED = 1024;
const MAX_DELIVERIES = 10;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Port extends Mutable<ExitPort> {
  readonly id: Id;
  readonly wayOut: Mutable<WayOut> | null;
}

/** What the file says of an exit that a link may be attached to. */
interface Said {
  readonly name: string;
  readonly address: string;
  readonly vehicles: readonly string[];
  readonly secured: boolean;
  readonly durable?: boolean;
  readonly maxUnsettled?: number;
  readonly maxDeliveries?: number;
}

export class ExitPorts {
  readonly #ports = new Map<Id, Port>();
  readonly #shard: Shard;
  #current: ReadonlySet<Id> = new Set();
  #deadLetter: Id = 0;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  update({ plan, ids, topology }: Committed & { readonly plan: Plan }): void {
    for (const [name, former] of ids.formerExits) {
      this.#set(former.id, {
        name,
        address: former.address,
        vehicles: former.for,
        secured: former.secured,
      });
    }
    const current = new Set<Id>();
    for (const { id, for: vehicles, ...exit } of plan.exits) {
      const { name, address, durable, maxUnsettled, maxDeliveries } = exit;
      const secured = isSecured(topology, vehicles);
      const said = { name, address, vehicles, secured, durable, maxUnsettled, maxDeliveries };
      this.#set(id, said);
      current.add(id);
    }
    const { id, name, address, for: vehicles } = plan.deadLetter;
    this.#deadLetter = id;
    this.#set(id, { name, address, vehicles, secured: isSecured(topology, vehicles) });
    this.#current = current.add(id);
  }

  /** What may be attached to now: by name, then those that are gone from the file, the dead letter last. */
  list(): readonly (ExitPort & { readonly id: Id })[] {
    const place = ({ id }: Port): number =>
      id === this.#deadLetter ? 2 : this.#current.has(id) ? 0 : 1;
    return [...this.#ports.values()]
      .filter(({ id, messages }) => this.#current.has(id) || messages.held > 0)
      .sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  }

  /** It stands in the file. */
  isCurrent(id: Id): boolean {
    return this.#current.has(id);
  }

  /** What nothing is said of stays as it was. */
  #set(id: Id, { maxDeliveries, ...said }: Said): void {
    const known = this.#ports.get(id);
    if (known !== undefined) {
      Object.assign(known, said);
      if (known.wayOut !== null)
        known.wayOut.maxDeliveries = maxDeliveries ?? known.wayOut.maxDeliveries;
      return;
    }
    const shard = this.#shard;
    const messages = shard.holds.get(id);
    // A former exit whose hold was never made holds nothing.
    if (messages === undefined) return;
    const wayOut: WayOut = {
      maxDeliveries: maxDeliveries ?? MAX_DELIVERIES,
      move: (sequence, refusal, message) => shard.redirect(id, sequence, refusal, message),
    };
    const port = { maxUnsettled: MAX_UNSETTLED, durable: true, ...said, id, messages };
    // What the dead letter holds has nowhere else to go.
    this.#ports.set(id, { ...port, wayOut: id === this.#deadLetter ? null : wayOut });
  }
}
