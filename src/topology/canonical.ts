/**
 * A topology as the log keeps it: canonical JSON with its tables of ids, from which the plan is rebuilt.
 * Elements are in order of name, defaults filled in; maps are lists of pairs, so that the order inside
 * `fields` survives.
 */
import type { Id } from '../stream/entry.ts';
import type { Topology } from './topology.ts';

/** Names to ids, and the stream id of each exit. The dead letter is an exit among them. */
export interface PlanIds {
  readonly vehicles: ReadonlyMap<string, Id>;
  readonly lanes: ReadonlyMap<string, Id>;
  readonly exits: ReadonlyMap<string, Id>;
  /** 32 hex digits: one life of an exit's numbering. */
  readonly streams: ReadonlyMap<string, string>;
}

const STREAM_BYTES = 16;

/** Keeps the ids there are and gives new names the next ones, in order of name. */
export function assignIds(
  topology: Topology,
  random: (bytes: number) => Uint8Array,
  before?: PlanIds,
): PlanIds {
  const exits = [...topology.exits.keys(), 'dead_letter'];
  const streams = new Map(before?.streams);
  for (const name of exits) {
    if (!streams.has(name)) streams.set(name, Buffer.from(random(STREAM_BYTES)).toString('hex'));
  }
  return {
    vehicles: numbered([...topology.vehicles.keys()], before?.vehicles),
    lanes: numbered([...topology.lanes.keys()], before?.lanes),
    exits: numbered(exits, before?.exits),
    streams,
  };
}

function numbered(
  names: readonly string[],
  before: ReadonlyMap<string, Id> = new Map(),
): ReadonlyMap<string, Id> {
  const ids = new Map(before);
  let next = Math.max(0, ...ids.values());
  for (const name of [...names].sort()) if (!ids.has(name)) ids.set(name, ++next);
  return ids;
}

/** A map is written as `{ "map": [[key, value], ...] }`. */
function pairs(_: string, value: unknown): unknown {
  return value instanceof Map ? { map: [...value] } : value;
}

function unpairs(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'map' in value && Array.isArray(value.map)
    ? new Map(value.map)
    : value;
}

export function toCanonical(topology: Topology, ids: PlanIds): string {
  return JSON.stringify({ topology, ids }, pairs);
}

/** @param text what `toCanonical` made */
export function fromCanonical(text: string): {
  readonly topology: Topology;
  readonly ids: PlanIds;
} {
  return JSON.parse(text, unpairs);
}

/** One value as canonical text: equal values have equal text. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, pairs);
}
