/**
 * Which links are attached, at which exit, under which name. A name is a link's identity: the same
 * container attaching it again takes it over from itself (AMQP 1.0, 2.6.1).
 */
import type { Clock, Notify } from '../stream/port.ts';
import type { Link } from './link.ts';
import { type ExitPort, Pump } from './pump.ts';

export interface LinkInfo {
  readonly exit: string;
  readonly container: string;
  readonly credit: number;
  readonly unsettled: number;
  readonly delivered: number;
}

const STOLEN = {
  condition: 'amqp:link:stolen',
  description: 'a newer link of this name took over',
};

interface Attached {
  readonly link: Link;
  readonly pump: Pump;
}

export class Links {
  readonly #shared: { clock: Clock; notify: Notify; fail: (error: unknown) => void };
  readonly #pumps = new Map<ExitPort, Pump>();
  readonly #byName = new Map<string, Attached>();
  readonly #ever = new Set<ExitPort>();

  constructor(shared: { clock: Clock; notify: Notify; fail: (error: unknown) => void }) {
    this.#shared = shared;
  }

  /** Adds a link, detaching an older one of its name. @returns the pump that serves it */
  attach(exit: ExitPort, link: Link): Pump {
    const key = keyOf(link);
    const older = this.#byName.get(key);
    if (older !== undefined) {
      older.link.close(STOLEN);
      older.pump.leave(older.link);
    }
    const pump = this.#pumpOf(exit);
    this.#byName.set(key, { link, pump });
    this.#ever.add(exit);
    pump.join(link);
    return pump;
  }

  detach(link: Link): void {
    const key = keyOf(link);
    const attached = this.#byName.get(key);
    if (attached?.link !== link) return;
    this.#byName.delete(key);
    attached.pump.leave(link);
  }

  get pumps(): Iterable<Pump> {
    return this.#pumps.values();
  }

  list(): LinkInfo[] {
    return [...this.#byName.values()].map(({ link, pump }) => ({
      exit: pump.exit.name,
      container: link.container,
      credit: link.credit,
      unsettled: link.unsettled,
      delivered: link.delivered,
    }));
  }

  everAttached(exit: string): boolean {
    return [...this.#ever].some(({ name }) => name === exit);
  }

  attached(exit: string): number {
    const pump = [...this.#pumps.values()].find((one) => one.exit.name === exit);
    return pump?.links.length ?? 0;
  }

  #pumpOf(exit: ExitPort): Pump {
    const pump = this.#pumps.get(exit) ?? new Pump({ exit, ...this.#shared });
    this.#pumps.set(exit, pump);
    return pump;
  }
}

/** No name has a NUL in it that a person wrote; one that has steals from itself only. */
function keyOf(link: Link): string {
  return `${link.container.length}\0${link.container}\0${link.name}`;
}
