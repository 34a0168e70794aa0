/** What a supervised vehicle finds in its environment, so that it need not know a port (docs/vehicles.md). */
import { formatInstant, type Micros } from '../stream/time.ts';
import type { Topology } from '../topology/topology.ts';

/** `order-lines` and `order_lines` both read as ORDER_LINES. */
function variable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

/** A run of a vehicle: a repeated one is the same. */
export interface RunNumber {
  readonly number: number;
  /** When its schedule meant it to begin; null: none did. */
  readonly planned: Micros | null;
}

export function vehicleEnvironment(
  topology: Topology,
  vehicle: string,
  { number, planned }: RunNumber,
  amqp: string,
  laneAddress: (lane: string) => string,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {
    ROUNDABOUT_VEHICLE: vehicle,
    ROUNDABOUT_RUN: String(number),
    ROUNDABOUT_AMQP: amqp,
    ...(planned === null ? {} : { ROUNDABOUT_PLANNED: formatInstant(planned) }),
  };
  for (const lane of topology.lanes.values()) {
    if (lane.vehicle === vehicle) {
      environment[`ROUNDABOUT_LANE_${variable(lane.name)}`] = laneAddress(lane.name);
    }
  }
  for (const exit of topology.exits.values()) {
    if (exit.for.includes(vehicle)) {
      environment[`ROUNDABOUT_EXIT_${variable(exit.name)}`] = exit.address;
    }
  }
  const { deadLetter } = topology;
  if (deadLetter.for.includes(vehicle)) {
    environment['ROUNDABOUT_EXIT_DEAD_LETTER'] = deadLetter.address;
  }
  return environment;
}
