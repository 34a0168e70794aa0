/**
 * The exits as the AMQP side sees them: one port an exit for as long as the process lives, brought up to date
 * at every edit, so that links never notice one. An exit that is gone from the file stays while it holds
 * something.
 */
import type { ExitPort } from '../amqp/pump.ts';
import type { DiskHold } from '../store/hold.ts';
import type { Id } from '../stream/entry.ts';
import { type Committed, isSecured } from '../topology/canonical.ts';
import type { Plan } from '../topology/plan.ts';

/** Of the dead letter, which has no `delivery` yet. */
const MAX_UNSETTLED = 1024;

type Port = { -readonly [K in keyof ExitPort]: ExitPort[K] } & { readonly id: Id };

export class ExitPorts {
  readonly #ports = new Map<Id, Port>();
  readonly #holds: ReadonlyMap<Id, DiskHold>;
  #current: ReadonlySet<Id> = new Set();
  #deadLetter: Id = 0;

  constructor(holds: ReadonlyMap<Id, DiskHold>) {
    this.#holds = holds;
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
    for (const { id, name, address, for: vehicles, maxUnsettled } of plan.exits) {
      this.#set(id, {
        name,
        address,
        vehicles,
        maxUnsettled,
        secured: isSecured(topology, vehicles),
      });
      current.add(id);
    }
    const { id, name, address } = plan.deadLetter;
    this.#set(id, { name, address, vehicles: [], secured: false });
    this.#current = current.add(id);
    this.#deadLetter = id;
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

  /** @param port the maximum of unsettled messages stays as it was where nothing says it */
  #set(
    id: Id,
    port: Pick<Port, 'name' | 'address' | 'vehicles' | 'secured'> & {
      readonly maxUnsettled?: number;
    },
  ): void {
    const known = this.#ports.get(id);
    if (known !== undefined) {
      Object.assign(known, port);
      return;
    }
    const messages = this.#holds.get(id);
    // A former exit whose hold was never made holds nothing.
    if (messages !== undefined) {
      this.#ports.set(id, { maxUnsettled: MAX_UNSETTLED, ...port, id, messages });
    }
  }
}
