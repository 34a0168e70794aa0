/**
 * The far side of the holds of a world: what has entered each exit, in order, and the vehicles that came for
 * it. A vehicle takes what is held for it as far as its credit goes, the first that came first; what it accepts
 * is gone from the hold, what it releases stays, and is not offered to it again; what it rejects is moved to the
 * dead letter by the log, as AMQP's exits do it.
 */
import { type ReadRecord, readMessage } from '../codecs/message-reader.ts';
import type { Path } from '../diagnostics/report.ts';
import type { DiskHold } from '../store/hold.ts';
import type { Id, Refusal } from '../stream/entry.ts';
import type { Sequence } from '../stream/port.ts';
import { DEAD_LETTER, type Outcome } from '../topology/topology-test.ts';
import type { World } from './world.ts';

/** Read at once. */
const READ_BYTES = 1024 * 1024;

/** A receiver that gives no reason. */
const REFUSAL: Refusal = { reason: 'rejected', condition: '', description: '' };

export interface StepPlace {
  /** Counts the steps of the test, from 1. */
  readonly number: number;
  readonly path: Path;
}

export interface Arrival {
  readonly record: ReadRecord;
  /** The step in which it came. */
  readonly step: StepPlace;
}

interface Receiver {
  readonly vehicle: string;
  credit: number;
  readonly outcome: Outcome;
  /** The highest number it has been offered, by exit. */
  readonly offered: Map<Id, Sequence>;
}

export class Exits {
  readonly #world: World;
  /** By exit: all that has entered it, the message of number 1 first. */
  readonly #entered = new Map<Id, Arrival[]>();
  /** How much of it has been looked at. */
  readonly #looked = new Map<Id, number>();
  readonly #receivers = new Map<string, Receiver>();
  /** By exit: what is on its way to the dead letter. */
  readonly #refused = new Map<Id, Set<Sequence>>();
  /** What vehicles took since the last look, by `vehicle exit`. */
  readonly #received = new Map<string, Arrival[]>();

  constructor(world: World) {
    this.#world = world;
  }

  attach(vehicle: string, credit: number | null, outcome: Outcome): void {
    this.#receivers.set(vehicle, {
      vehicle,
      credit: credit ?? Number.POSITIVE_INFINITY,
      outcome,
      // One that comes anew is offered again what it gave back.
      offered: new Map(),
    });
  }

  detach(vehicle: string): void {
    this.#receivers.delete(vehicle);
  }

  /** Reads what a step has brought, then lets receivers take what they may. */
  async collect(step: StepPlace): Promise<void> {
    for (const [id, hold] of this.#world.shard.holds) {
      hold.offeredBy({ giveUp: (sequence) => !this.#refused.get(id)?.has(sequence) });
      await this.#readNew(id, hold, step);
    }
    for (const receiver of this.#receivers.values()) {
      // What it refuses enters the dead letter, for whoever comes for that.
      if (await this.#take(receiver)) await this.collect(step);
    }
  }

  /** What has entered an exit since the last look at it; undefined: there is no such exit. */
  look(exit: string): readonly Arrival[] | undefined {
    const id = this.#idOf(exit);
    if (id === undefined) return undefined;
    const all = this.#entered.get(id) ?? [];
    const from = this.#looked.get(id) ?? 0;
    this.#looked.set(id, all.length);
    return all.slice(from);
  }

  /** What a vehicle has taken of an exit since the last look. */
  received(vehicle: string, exit: string): readonly Arrival[] {
    const key = `${vehicle} ${exit}`;
    const taken = this.#received.get(key) ?? [];
    this.#received.delete(key);
    return taken;
  }

  /** How many records wait at an exit; undefined: there is no such exit. */
  held(exit: string): number | undefined {
    const id = this.#idOf(exit);
    return id === undefined ? undefined : this.#world.shard.holds.get(id)?.held;
  }

  #idOf(exit: string): Id | undefined {
    const { ids } = this.#world.shard.inForce;
    if (exit === DEAD_LETTER) return ids.deadLetter.id;
    return (ids.exits.get(exit) ?? ids.formerExits.get(exit))?.id;
  }

  async #readNew(id: Id, hold: DiskHold, step: StepPlace): Promise<void> {
    let entered = this.#entered.get(id);
    if (entered === undefined) {
      entered = [];
      this.#entered.set(id, entered);
    }
    const { exits } = this.#world.shard.inForce.plan;
    const [field] = exits.find((exit) => exit.id === id)?.fields ?? [];
    while (entered.length < hold.written) {
      const { bytes, ends, count } = await hold.read(entered.length + 1, READ_BYTES);
      for (let i = 0; i < count; i++) {
        const start = i === 0 ? 0 : ends[i - 1];
        entered.push({ record: readMessage(bytes.subarray(start, ends[i]), field?.name), step });
      }
    }
  }

  /** @returns whether it has refused anything */
  async #take(receiver: Receiver): Promise<boolean> {
    const moved: Promise<void>[] = [];
    const { shard } = this.#world;
    for (const { id, name } of this.#exitsFor(receiver.vehicle)) {
      const hold = shard.holds.get(id);
      const entered = this.#entered.get(id) ?? [];
      for (; receiver.credit > 0; receiver.credit--) {
        const next = hold?.firstHeld((receiver.offered.get(id) ?? 0) + 1);
        if (hold === undefined || next === undefined) break;
        receiver.offered.set(id, next);
        const key = `${receiver.vehicle} ${name}`;
        const taken = this.#received.get(key) ?? [];
        taken.push(entered[next - 1]);
        this.#received.set(key, taken);
        if (receiver.outcome === 'accepted') hold.settle(next, next);
        // What the dead letter holds has nowhere else to go.
        if (receiver.outcome !== 'rejected' || name === DEAD_LETTER) continue;
        this.#refused.set(id, (this.#refused.get(id) ?? new Set()).add(next));
        const { bytes, ends } = await hold.read(next, 1);
        moved.push(shard.redirect(id, next, REFUSAL, bytes.subarray(0, ends[0])));
      }
    }
    if (moved.length > 0) await this.#world.settle();
    await Promise.all(moved);
    this.#refused.clear();
    return moved.length > 0;
  }

  /** Also those that are gone from the file and still hold something. */
  #exitsFor(vehicle: string): readonly { readonly id: Id; readonly name: string }[] {
    const { plan, ids } = this.#world.shard.inForce;
    const former = [...ids.formerExits].map(([name, exit]) => ({ ...exit, name }));
    return [...plan.exits, ...former, plan.deadLetter].filter((exit) => exit.for.includes(vehicle));
  }
}
