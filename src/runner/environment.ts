/** What a supervised vehicle finds in its environment, so that it need not know a port (docs/vehicles.md). */
import type { Topology } from '../topology/topology.ts';

/** `order-lines` and `order_lines` both read as ORDER_LINES. */
function variable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

export function vehicleEnvironment(
  topology: Topology,
  vehicle: string,
  run: number,
  amqp: string,
  laneAddress: (lane: string) => string,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {
    ROUNDABOUT_VEHICLE: vehicle,
    ROUNDABOUT_RUN: String(run),
    ROUNDABOUT_AMQP: amqp,
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
