/** What rules about time ask of the graph. */
import { parseDuration } from '../stream/time.ts';
import type { Lane, OperatorElement, Topology } from '../topology/topology.ts';

/** The lanes whose records reach a stream. */
export function lanesOf(topology: Topology, stream: string): readonly Lane[] {
  const seen = new Set<string>();
  const found: Lane[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const lane = topology.lanes.get(name);
    if (lane !== undefined) found.push(lane);
    for (const from of topology.operators.get(name)?.from ?? []) visit(from);
  };
  visit(stream);
  return found;
}

/** The size of an operator's window by event time, in microseconds. */
export function tumbleOf({ spec }: OperatorElement): number | undefined {
  const window = spec.get('window');
  const size = window instanceof Map ? window.get('tumble') : undefined;
  return typeof size === 'string' ? parseDuration(size) : undefined;
}
