/**
 * `--until drained`: the flow has had its input, everything has been computed, and the vehicles that
 * came for results have them. Decides when that is so; the runner does what follows.
 */
import type { Micros } from '../stream/time.ts';

/** From the close entry on: what is not taken by then ends in exit code 4. */
export const DRAIN_DEADLINE: Micros = 25_000_000;

export interface LaneEnd {
  readonly name: string;
  /** The vehicle is started by us, so its run ends with its process. */
  readonly supervised: boolean;
  readonly open: number;
  readonly ever: number;
}

export interface VehicleEnd {
  readonly running: boolean;
  readonly failed: boolean;
}

export interface ExitEnd {
  readonly name: string;
  readonly held: number;
  /** A link is or was attached since the start, or a vehicle we started that it is `for` still lives. */
  readonly attended: boolean;
}

/**
 * Every lane had a connection, or its vehicle a run, and all have ended.
 * @param owner the vehicle of a supervised lane
 */
export function inputEnded(
  lanes: readonly LaneEnd[],
  owner: (lane: string) => VehicleEnd | undefined,
): boolean {
  return lanes.every((lane) => {
    if (lane.open > 0) return false;
    const vehicle = owner(lane.name);
    return lane.supervised && vehicle !== undefined ? !vehicle.running : lane.ever > 0;
  });
}

/** Exits that somebody came for and that still hold something. */
export function waitingExits(exits: readonly ExitEnd[]): readonly ExitEnd[] {
  return exits.filter((exit) => exit.attended && exit.held > 0);
}
