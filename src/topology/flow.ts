/**
 * What the engine's results depend on, as facts: two topologies with the same facts give the same results
 * from the same log. Addresses, programs, descriptions and delivery are not among them.
 */
import { createHash } from 'node:crypto';
import { typeText } from '../stream/schema.ts';
import { formatDuration } from '../stream/time.ts';
import type { Exit, Lane, OperatorElement, Topology } from './topology.ts';
import { isMapping, isSequence, type Mapping, toJson, type Value } from './value.ts';

/** Label to value, both in the author's words. */
type Facts = ReadonlyMap<string, string>;
type Flow = ReadonlyMap<string, Facts>;

/** SHA-256 in hex over everything that results depend on. */
export function flowFingerprint(topology: Topology): string {
  const facts = [...flowOf(topology)].map(([element, one]) => [element, [...one]]);
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/**
 * What makes two flows different, a sentence each: `operator counts: window 10s -> 20s`. Empty: the log of
 * one goes on under the other.
 */
export function flowDifference(before: Topology, after: Topology): readonly string[] {
  const old = flowOf(before);
  const now = flowOf(after);
  const sentences: string[] = [];
  for (const element of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const was = old.get(element);
    const is = now.get(element);
    if (was === undefined) sentences.push(`${element} is new`);
    else if (is === undefined) sentences.push(`${element} is gone`);
    else sentences.push(...changes(was, is).map((change) => `${element}: ${change}`));
  }
  return sentences;
}

function changes(was: Facts, is: Facts): string[] {
  const found: string[] = [];
  for (const label of new Set([...was.keys(), ...is.keys()])) {
    const a = was.get(label);
    const b = is.get(label);
    if (a === b) continue;
    if (a === undefined) found.push(`${label} ${b} is new`);
    else if (b === undefined) found.push(`${label} ${a} is gone`);
    else found.push(`${label} ${a} -> ${b}`);
  }
  // An order says nothing new beside fields that came or went.
  const rest = found.filter((change) => !change.startsWith(ORDER));
  return rest.length > 0 ? rest : found;
}

const ORDER = 'order of ';

function flowOf({ lanes, operators, exits, vehicles }: Topology): Flow {
  const flow = new Map<string, Facts>();
  for (const lane of lanes.values()) {
    const started = vehicles.get(lane.vehicle)?.command != null;
    flow.set(`lane ${lane.name}`, laneFacts(lane, started));
  }
  for (const operator of operators.values()) {
    flow.set(`operator ${operator.name}`, operatorFacts(operator));
  }
  for (const exit of exits.values()) flow.set(`exit ${exit.name}`, exitFacts(exit));
  return flow;
}

function laneFacts(lane: Lane, started: boolean): Facts {
  const { eventTime } = lane;
  const facts = new Map([
    // Its runs end with its program, or with its connections.
    ['program', started ? 'started here' : 'started elsewhere'],
    ['codec', lane.codec],
    ['event_time', eventTime?.field ?? 'arrival'],
    ['limits.max_line', `${lane.limits.maxLine} bytes`],
    ['at_end', lane.atEnd],
    ['bad_record', lane.badRecord],
  ]);
  if (eventTime !== null) {
    const { maxDelay, idleTimeout } = eventTime;
    facts.set('event_time.max_delay', formatDuration(maxDelay));
    facts.set(
      'event_time.idle_timeout',
      idleTimeout === null ? 'never' : formatDuration(idleTimeout),
    );
  }
  for (const { name, type, source, format } of lane.fields) {
    const from = source.length === 1 && source[0] === name ? '' : ` from ${source.join('.')}`;
    const as = hasTimestamp(typeText(type)) ? ` as ${format}` : '';
    const must = lane.required.includes(name) ? ' required' : '';
    facts.set(`fields.${name}`, `${typeText(type)}${from}${as}${must}`);
  }
  if (lane.fields.length > 0) {
    facts.set(`${ORDER}fields`, lane.fields.map((field) => field.name).join(', '));
  }
  return facts;
}

function hasTimestamp(type: string): boolean {
  return /\btimestamp\b/.test(type);
}

function operatorFacts({ type, from, spec }: OperatorElement): Facts {
  const facts = new Map([
    ['type', type],
    ['from', from.join(', ')],
  ]);
  for (const [key, value] of spec) addFacts(facts, key, value);
  return facts;
}

/** What is nested has dotted labels: `window.tumble`. */
function addFacts(facts: Map<string, string>, label: string, value: Value): void {
  if (!isMapping(value)) {
    facts.set(label, isSequence(value) ? JSON.stringify(toJson(value)) : String(value));
    return;
  }
  for (const [key, inner] of value) addFacts(facts, `${label}.${key}`, inner);
  facts.set(`${ORDER}${label}`, [...value.keys()].join(', '));
}

function exitFacts({ from, format, fields }: Exit): Facts {
  const facts = new Map([
    ['from', from],
    ['format', format],
  ]);
  if (fields === null) facts.set('fields', 'all');
  else if ('length' in fields) facts.set('fields', JSON.stringify(fields));
  else addFacts(facts, 'fields', fields as Mapping);
  return facts;
}
