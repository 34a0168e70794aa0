/**
 * The bounds of the plan in force, brought to the holds. A hold that is full and lets nothing go stops the lanes
 * from which its exit can be reached, and no others; what the log has already still lands. The engine is told
 * nothing of it.
 */
import type { DiskHold } from '../store/hold.ts';
import type { Id, Refusal } from '../stream/entry.ts';
import type { Gate, Sequence } from '../stream/port.ts';
import type { Committed } from '../topology/canonical.ts';
import type { Plan } from '../topology/plan.ts';
import { lanesBehind } from '../topology/resolve.ts';
import { JointGate, PressureGate } from './gate.ts';

const TOO_MUCH: Refusal = {
  reason: 'hold-full',
  condition: '',
  description: 'more was held at its exit than its bounds allow',
};

export interface BoundedOptions {
  /** By id of the exit; also of exits that are gone from the file. */
  readonly holds: ReadonlyMap<Id, DiskHold>;
  /** Closed for all lanes at once. */
  readonly gate: Gate;
  readonly redirect: (
    exit: Id,
    sequence: Sequence,
    refusal: Refusal,
    message: Uint8Array,
  ) => Promise<void>;
}

export class Bounded {
  readonly #options: BoundedOptions;
  readonly #gates = new Map<Id, PressureGate>();
  /** Exits that may block, and the lanes behind each. */
  #blocking: readonly { readonly id: Id; readonly name: string; readonly lanes: readonly Id[] }[] =
    [];

  constructor(options: BoundedOptions) {
    this.#options = options;
  }

  /** From now on these bounds hold, also for what is held. An exit that is gone from the file has none. */
  enforce({ plan, topology }: Committed & { readonly plan: Plan }): void {
    const { holds, redirect } = this.#options;
    const laneIds = new Map(plan.lanes.map(({ name, id }) => [name, id]));
    this.#blocking = plan.exits
      .filter(({ bounds }) => bounds.onFull === 'block')
      .map(({ id, name, from }) => {
        const lanes = lanesBehind(topology, from).flatMap((lane) => laneIds.get(lane) ?? []);
        return { id, name, lanes };
      });
    const bounds = new Map([...plan.exits, plan.deadLetter].map((exit) => [exit.id, exit.bounds]));
    for (const [id, hold] of holds) {
      const own = bounds.get(id);
      if (own === undefined) hold.unbound();
      else {
        hold.bound(own, {
          redirect: (sequence, message) => redirect(id, sequence, TOO_MUCH, message),
          filled: () => this.#press(),
        });
      }
    }
    this.#press();
  }

  /** Whether a lane may be read: neither is all reading stopped, nor is an exit full that its records reach. */
  gateOf(lane: Id): Gate {
    return new JointGate(this.#options.gate, this.#own(lane));
  }

  /** Why a lane is not read because of exits, in words; empty: there is nothing. */
  reasons(lane: Id): readonly string[] {
    return this.#own(lane).reasons;
  }

  #own(lane: Id): PressureGate {
    let gate = this.#gates.get(lane);
    if (gate === undefined) {
      gate = new PressureGate();
      this.#gates.set(lane, gate);
    }
    return gate;
  }

  #press(): void {
    const full = this.#blocking.filter(({ id }) => this.#options.holds.get(id)?.full === true);
    // Also of lanes that are opened later.
    const lanes = new Set([...this.#gates.keys(), ...full.flatMap((exit) => exit.lanes)]);
    for (const lane of lanes) {
      const behind = full.filter((exit) => exit.lanes.includes(lane));
      this.#own(lane).replace(behind.map(({ name }) => `exit ${name} is full`));
    }
  }
}
