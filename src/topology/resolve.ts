/**
 * Who reads whom: the references of a topology followed by name. Everything here comes in order of name, or
 * in topological order with ties by name, so it is the same however the file is arranged.
 */
import { lanesByStream, makersOf, timedBy } from './streams.ts';
import type { OperatorElement, Topology } from './topology.ts';

export interface Resolved {
  /** Operators after all they read; those of a ring, and behind one, are left out. */
  readonly order: readonly OperatorElement[];
  /** Each ring once, as `a` of a -> b -> a, beginning with its first name. */
  readonly rings: readonly (readonly string[])[];
}

/** A name that is no stream does not hold its reader back. */
export function resolve(topology: Topology): Resolved {
  const { operators, lanes } = topology;
  const makers = makersOf(topology);
  const ready = ({ from }: OperatorElement): boolean =>
    from.every((stream) => {
      const maker = makers.get(stream);
      return maker === undefined || placed.has(maker.name) || lanes.has(stream);
    });
  const order: OperatorElement[] = [];
  const placed = new Set<string>();
  let waiting = [...operators.values()];
  for (;;) {
    // Always the first by name that is ready, as if the graph were written down by hand in that order.
    const next = waiting.find(ready);
    if (next === undefined) break;
    order.push(next);
    placed.add(next.name);
    waiting = waiting.filter((operator) => operator !== next);
  }
  return { order, rings: ringsAmong(waiting, makers) };
}

/** Every one of `waiting` reads another of them, so going upstream from each ends in a ring. */
function ringsAmong(
  waiting: readonly OperatorElement[],
  makers: ReadonlyMap<string, OperatorElement>,
): readonly (readonly string[])[] {
  const operators = new Map(waiting.map((operator) => [operator.name, operator]));
  const upstream = (name: string): string | undefined =>
    operators
      .get(name)
      ?.from.map((stream) => makers.get(stream)?.name ?? '')
      .find((maker) => operators.has(maker));
  const seen = new Set<string>();
  const rings: (readonly string[])[] = [];
  for (const { name } of waiting) {
    const trail: string[] = [];
    let at: string | undefined = name;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      trail.push(at);
      at = upstream(at);
    }
    const start = at === undefined ? -1 : trail.indexOf(at);
    if (start !== -1) rings.push(fromFirst(trail.slice(start).reverse()));
  }
  return rings;
}

/** The ring begins with its first name, however it was found. */
function fromFirst(ring: readonly string[]): readonly string[] {
  const first = ring.indexOf([...ring].sort()[0]);
  return [...ring.slice(first), ...ring.slice(0, first)];
}

/**
 * Lanes that a stream comes from, by name.
 * @param passes whether what is behind an operator counts
 */
export function lanesBehind(
  topology: Topology,
  stream: string,
  passes: (operator: OperatorElement) => boolean = () => true,
): readonly string[] {
  return lanesUpstream(topology, stream, (operator) => (passes(operator) ? operator.from : []));
}

/** Those of them whose time it goes by. */
export function lanesTiming(topology: Topology, stream: string): readonly string[] {
  return lanesUpstream(topology, stream, timedBy);
}

function lanesUpstream(
  topology: Topology,
  stream: string,
  inputs: (operator: OperatorElement) => readonly string[],
): readonly string[] {
  const makers = makersOf(topology);
  const lanes = lanesByStream(topology);
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = [stream];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const lane = lanes.get(name);
    const maker = makers.get(name);
    if (lane !== undefined) found.add(lane.name);
    else if (maker !== undefined) open.push(...inputs(maker));
  }
  return [...found].sort();
}
