/**
 * The part of a topology that its results depend on. Two files of the same flow give the same messages
 * for the same log; where they listen, how vehicles are started and what is described may differ.
 */
import { canonicalText } from './canonical.ts';
import type { Exit, Lane, OperatorElement, Topology } from './topology.ts';

type Part = Readonly<Record<string, unknown>>;

function lanePart(lane: Lane): Part {
  const { vehicle, codec, fields, required, eventTime, limits, atEnd, badRecord } = lane;
  return {
    vehicle,
    codec,
    fields,
    required,
    event_time: eventTime,
    max_line: limits.maxLine,
    at_end: atEnd,
    bad_record: badRecord,
  };
}

function operatorPart({ type, from, spec }: OperatorElement): Part {
  return { type, from, ...Object.fromEntries(spec) };
}

function exitPart({ from, format, fields }: Exit): Part {
  return { from, format, fields };
}

/** @returns a sentence for each difference, in order of kind and name; empty: it is the same flow */
export function flowDifference(before: Topology, after: Topology): readonly string[] {
  return [
    ...differences('lane', before.lanes, after.lanes, lanePart),
    ...differences('operator', before.operators, after.operators, operatorPart),
    ...differences('exit', before.exits, after.exits, exitPart),
    ...supervision(before, after),
  ];
}

function differences<T>(
  kind: string,
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  part: (element: T) => Part,
): string[] {
  const found: string[] = [];
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined) found.push(`${kind} ${name} is new`);
    else if (now === undefined) found.push(`${kind} ${name} is gone`);
    else found.push(...fieldDifferences(`${kind} ${name}`, part(old), part(now)));
  }
  return found;
}

function fieldDifferences(element: string, before: Part, after: Part): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => canonicalText(before[key]) !== canonicalText(after[key]))
    .map((key) => `${element}: ${key} was ${shown(before[key])}, is ${shown(after[key])}`);
}

/** Whether a program is started by us decides when its run ends. */
function supervision(before: Topology, after: Topology): string[] {
  return [...after.vehicles.values()]
    .filter(({ name, command, lanes }) => {
      const old = before.vehicles.get(name);
      return old !== undefined && lanes.length > 0 && (old.command === null) !== (command === null);
    })
    .map(({ name }) => `vehicle ${name}: it is started by the roundabout in one of the files only`);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'absent';
  if (value instanceof Map) {
    return `{ ${[...value].map(([key, inner]) => `${key}: ${shown(inner)}`).join(', ')} }`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
