/** Windows by event time, and the lanes whose time they go by. */
import type { Path } from '../diagnostics/report.ts';
import type { Micros } from '../stream/time.ts';
import { duration } from '../topology/read-value.ts';
import { lanesTiming } from '../topology/resolve.ts';
import type { Lane, Topology } from '../topology/topology.ts';
import { entry } from '../topology/value.ts';

export interface EventWindow {
  readonly operator: string;
  readonly path: Path;
  /** Of a session: its gap. */
  readonly size: Micros;
  readonly lanes: readonly Lane[];
}

const KINDS = ['tumble', 'hop', 'session'] as const;

export function eventWindows(topology: Topology): readonly EventWindow[] {
  return [...topology.operators.values()].flatMap(({ name, spec }) => {
    const window = spec.get('window');
    const kind = KINDS.find((one) => entry(window, one) !== undefined);
    const size = kind && duration(entry(window, kind));
    if (kind === undefined || size === undefined) return [];
    const lanes = lanesTiming(topology, name).flatMap((lane) => topology.lanes.get(lane) ?? []);
    return [{ operator: name, path: ['operators', name, 'window', kind], size, lanes }];
  });
}
