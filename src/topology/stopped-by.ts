/** Who has to wait when an exit is full and blocks: lanes, the vehicles that feed them, and those that get no more. */
import { lanesBehind } from './resolve.ts';
import type { Exit, Topology } from './topology.ts';

export interface Stopped {
  /** Names, in order; no exit that lets something go stops any. */
  readonly lanes: readonly string[];
  readonly feeders: readonly string[];
  /** Vehicles that other exits behind the same lanes are meant for, and this one is not. */
  readonly neighbours: readonly string[];
}

const NOBODY: Stopped = { lanes: [], feeders: [], neighbours: [] };

export function stoppedBy(topology: Topology, { name, from, hold, for: own }: Exit): Stopped {
  const isBounded = hold.maxBytes !== null || hold.maxRecords !== null;
  if (hold.onFull !== 'block' || !isBounded) return NOBODY;
  const lanes = lanesBehind(topology, from);
  const others = [...topology.exits.values()].filter(
    (other) =>
      other.name !== name && lanesBehind(topology, other.from).some((lane) => lanes.includes(lane)),
  );
  return {
    lanes,
    feeders: named(lanes.map((lane) => topology.lanes.get(lane)?.vehicle ?? '')),
    neighbours: named(others.flatMap((other) => other.for)).filter(
      (vehicle) => topology.vehicles.has(vehicle) && !own.includes(vehicle),
    ),
  };
}

function named(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
