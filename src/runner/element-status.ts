/** What the status says of each lane and each exit, put together from those who know. */
import type { AmqpListener } from '../amqp/listener.ts';
import type { Lane } from '../lanes/lane.ts';
import type { Topology } from '../topology/topology.ts';
import type { Doors } from './doors.ts';
import type { ExitPorts } from './exit-ports.ts';
import type { Shard } from './shard.ts';
import type { ExitStatus, LaneStatus } from './status.ts';

export function lanesStatus(
  { lanes }: Topology,
  { shard, doors }: { readonly shard: Shard; readonly doors: Doors },
): LaneStatus[] {
  const marks = shard.watermarks();
  return [...lanes.values()].map((lane) => {
    const open = doors.lanes.get(lane.name);
    const now = open?.state();
    const address = open?.address;
    const mark = marks.get(lane.name);
    return {
      name: lane.name,
      vehicle: lane.vehicle,
      direction: lane.connect === null ? 'listens' : 'dials',
      address: address === undefined ? '' : `${address.host}:${address.port}`,
      connections: now?.open ?? 0,
      note: open === undefined ? '' : noteOf(open, shard.stopping(open.id)),
      watermark: mark !== undefined && Number.isFinite(mark) ? mark : null,
    };
  });
}

/** What a lane has to say of itself; before that, why it is not read. */
function noteOf(lane: Lane, reasons: readonly string[]): string {
  return reasons.length === 0 ? lane.state().note : `is not read: ${reasons.join(', ')}`;
}

export function exitsStatus(parts: {
  readonly shard: Shard;
  readonly listener: AmqpListener;
  readonly ports: ExitPorts;
}): ExitStatus[] {
  const { shard, listener, ports } = parts;
  const links = listener.links();
  return ports.list().map(({ id, name, address, vehicles }) => {
    const own = links.filter((link) => link.exit === name);
    const hold = shard.holds.get(id);
    const counts = hold?.counts();
    return {
      name,
      address,
      for: vehicles,
      former: !ports.isCurrent(id),
      held: counts?.held ?? 0,
      full: hold?.full ?? false,
      heldBytes: counts?.bytes ?? 0,
      numbered: counts?.numbered ?? 0,
      delivered: counts?.delivered ?? 0,
      expired: counts?.expired ?? 0,
      dropped: counts?.dropped ?? 0,
      superseded: counts?.superseded ?? 0,
      moved: counts?.moved ?? 0,
      receivers: own.length,
      unsettled: own.reduce((sum, link) => sum + link.unsettled, 0),
    };
  });
}
