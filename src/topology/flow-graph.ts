/**
 * A flow as nodes and edges, in the direction records take: vehicles that drive in, lanes, operators, exits, and
 * the vehicles that results are meant for. A vehicle that feeds and receives stands at both ends, so the graph
 * never turns back.
 */
import { formatDuration } from '../stream/time.ts';
import { formatAddress } from './address.ts';
import type { Plan } from './plan.ts';
import { spokenOf } from './read-aloud.ts';
import { laneStreamNames } from './streams.ts';
import type { Lane, Topology } from './topology.ts';

export type NodeKind = 'feeder' | 'lane' | 'operator' | 'exit' | 'receiver';

export interface FlowNode {
  /** Unique, and the same for the same flow however its file is arranged. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** What it is, in a word: `lane`, `aggregate`. */
  readonly caption: string;
  /** A few words more, a line each. */
  readonly details: readonly string[];
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** The stream, where it has another name than the element that makes it; else empty. */
  readonly stream: string;
}

export interface FlowGraph {
  readonly name: string;
  readonly description: string | null;
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

export function flowGraph(topology: Topology, plan: Plan): FlowGraph {
  const { nodes, edges } = ends(topology);
  for (const lane of topology.lanes.values()) {
    const id = `lane:${lane.name}`;
    nodes.push({ id, kind: 'lane', name: lane.name, caption: 'lane', details: laneDetails(lane) });
    edges.push({ from: `feeder:${lane.vehicle}`, to: id, stream: '' });
  }
  const makers = new Map(
    plan.lanes.flatMap((lane) =>
      laneStreamNames(lane).map((stream) => [stream, `lane:${lane.name}`]),
    ),
  );
  for (const stage of plan.stages) {
    const id = `operator:${stage.name}`;
    const { brief } = spokenOf(stage, topology);
    const caption = stage.definition.type;
    const details = brief === '' ? [] : [brief];
    nodes.push({ id, kind: 'operator', name: stage.name, caption, details });
    for (const stream of stage.streams) makers.set(stream, id);
    for (const stream of stage.from) edges.push(edge(makers, stream, id));
  }
  for (const { name, from, address } of plan.exits) {
    const id = `exit:${name}`;
    const { hold, broker } = topology.exits.get(name) ?? {};
    const details = [
      address === name ? 'held until taken' : `held at ${address}`,
      ...(hold?.keep === 'latest' ? [`the latest of each ${hold.key.join(', ')}`] : []),
      ...(hold?.ttl == null ? [] : [`for ${formatDuration(hold.ttl)}`]),
      ...(broker == null ? [] : [`leaves by ${broker}`]),
    ];
    nodes.push({ id, kind: 'exit', name, caption: 'exit', details });
    edges.push(edge(makers, from, id));
  }
  return { name: topology.name, description: topology.description, nodes, edges };
}

/** Vehicles, as feeders and as receivers, and the edges to those. */
function ends({ vehicles, exits }: Topology): { nodes: FlowNode[]; edges: FlowEdge[] } {
  const nodes: FlowNode[] = [];
  const edges: FlowEdge[] = [];
  for (const { name, command, uses, lanes } of vehicles.values()) {
    const details =
      uses !== null ? [`built in: ${uses.name}`] : command === null ? [] : ['started here'];
    const caption = 'vehicle';
    if (lanes.length > 0) {
      nodes.push({ id: `feeder:${name}`, kind: 'feeder', name, caption, details });
    }
    const taken = [...exits.values()].filter((exit) => exit.for.includes(name));
    if (taken.length === 0) continue;
    const id = `receiver:${name}`;
    nodes.push({ id, kind: 'receiver', name, caption, details });
    for (const exit of taken) edges.push({ from: `exit:${exit.name}`, to: id, stream: '' });
  }
  return { nodes, edges };
}

function laneDetails({ connect, eventTime }: Lane): readonly string[] {
  const dialled = connect === null ? [] : [`dials ${formatAddress(connect)}`];
  const time = eventTime === null ? 'time of arrival' : `event time: ${eventTime.field}`;
  return [...dialled, time];
}

function edge(makers: ReadonlyMap<string, string>, stream: string, to: string): FlowEdge {
  const from = makers.get(stream) ?? '';
  const own = from.slice(from.indexOf(':') + 1);
  return { from, to, stream: own === stream ? '' : stream };
}
