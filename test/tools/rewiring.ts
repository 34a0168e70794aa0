/**
 * Edits in the middle of a run that change nothing about what is looked at: an exit comes and goes, so the whole
 * graph is made anew while the state of every operator goes on. Results must be those of a run without edits.
 */
import type { Engine } from '../../src/engine/engine.ts';
import type { Hold } from '../../src/stream/port.ts';
import type { Micros } from '../../src/stream/time.ts';
import { assignIds, type PlanIds } from '../../src/topology/canonical.ts';
import type { Plan } from '../../src/topology/plan.ts';
import { planTopology } from '../../src/topology/planner.ts';
import type { Topology } from '../../src/topology/topology.ts';

const EXTRA = 'zz_extra';

export class Rewiring {
  /** With ids for the exit that comes and goes. */
  readonly ids: PlanIds;
  readonly plans: readonly [Plan, Plan];
  #edits = 0;

  constructor(topology: Topology, random: (bytes: number) => Uint8Array) {
    const ids = assignIds(topology, random);
    const [lane] = topology.lanes.values();
    const [exit] = topology.exits.values();
    const extra = { ...exit, name: EXTRA, address: EXTRA, from: lane.name, fields: null };
    const more = { ...topology, exits: new Map([...topology.exits, [EXTRA, extra]]) };
    this.ids = assignIds(more, random, { topology, ids });
    this.plans = [planTopology(topology, ids), planTopology(more, this.ids)];
  }

  /** A hold for every exit of both plans. */
  holds<T extends Hold>(make: () => T): ReadonlyMap<number, T> {
    const exits = [...this.plans[1].exits, this.plans[1].deadLetter];
    return new Map(exits.map(({ id }) => [id, make()]));
  }

  edit(engine: Engine, at: Micros): void {
    this.#edits++;
    engine.rewire(this.plans[this.#edits % 2], at);
  }
}
