/**
 * What each element of a topology says, as facts that can be compared: a label and a value, both in the
 * author's words. What results depend on comes from here, and so does what only the runner acts on.
 */
import { printConstant } from '../sql/print.ts';
import { typeText } from '../stream/schema.ts';
import { sizeText } from '../stream/size.ts';
import { formatDuration } from '../stream/time.ts';
import { formatAddress } from './address.ts';
import type {
  Codec,
  DeclaredField,
  Exit,
  HoldLimits,
  Lane,
  LineFormat,
  OperatorElement,
  Topology,
  Vehicle,
} from './topology.ts';
import { isMapping, isSequence, type Mapping, toJson, type Value } from './value.ts';

/** Label to value: `window.tumble` to `10s`. */
export type Facts = ReadonlyMap<string, string>;

/** What makes two elements different, each in a few words: `window.tumble 10s -> 20s`. Empty: nothing does. */
export function differences(was: Facts, is: Facts): readonly string[] {
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

/** @param started its vehicle is started by us */
export function laneFacts(lane: Lane, started: boolean, params: Params): Facts {
  const { eventTime, limits } = lane;
  const facts = new Map([
    // Its runs end with its program, or with its connections.
    ['program', started ? 'started here' : 'started elsewhere'],
    ['codec', lane.codec.kind],
    ['event_time', eventTime?.field ?? 'arrival'],
    ['late_to', lane.lateTo ?? 'none'],
    ['limits.max_line', `${limits.maxLine} bytes`],
    ['limits.max_connections', String(limits.maxConnections)],
    ['limits.idle', limits.idle === null ? 'none' : formatDuration(limits.idle)],
    ['vehicle', lane.vehicle],
    ['at_end', lane.atEnd],
    ['unknown_fields', lane.unknownFields],
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
  addCodec(facts, lane.codec);
  if (lane.connect !== null) facts.set('connect', formatAddress(lane.connect));
  else if (lane.listen !== null) facts.set('listen', formatAddress(lane.listen));
  for (const [label, value] of fieldFacts(lane)) facts.set(label, value);
  addParams(facts, params);
  return facts;
}

function fieldFacts({ fields, required }: LineFormat): Facts {
  const facts = new Map<string, string>();
  for (const field of fields) {
    const must = required.includes(field.name) ? ' required' : '';
    facts.set(`fields.${field.name}`, `${typeText(field.type)}${originOf(field)}${must}`);
  }
  if (fields.length > 0) {
    facts.set(`${ORDER}fields`, fields.map((field) => field.name).join(', '));
  }
  return facts;
}

function addCodec(facts: Map<string, string>, codec: Codec, label = 'codec'): void {
  if (codec.kind === 'text') {
    facts.set(`${label}.text.field`, codec.field.name);
    facts.set(`${label}.text.separator`, JSON.stringify(codec.separator));
  }
  if (codec.kind === 'pattern') facts.set(`${label}.pattern`, codec.pattern);
  if (codec.kind !== 'csv') return;
  const { columns, delimiter, quote } = codec;
  facts.set(`${label}.csv.columns`, columns === null ? 'by header' : JSON.stringify(columns));
  facts.set(`${label}.csv.delimiter`, JSON.stringify(delimiter));
  facts.set(`${label}.csv.quote`, JSON.stringify(quote));
  facts.set(`${label}.csv.null`, JSON.stringify(codec.null));
}

/** Where a field comes from, as far as its name and type do not say it. */
function originOf({ name, type, sources, format, pattern, expression }: DeclaredField): string {
  if (expression !== null) return ` is ${expression}`;
  const [[first, ...deeper]] = sources;
  const own = sources.length === 1 && deeper.length === 0 && first === name;
  const from = own ? '' : ` from ${sources.map((source) => source.join('.')).join(', ')}`;
  const as = hasTimestamp(typeText(type)) ? ` as ${pattern ?? format}` : '';
  return `${from}${as}`;
}

function hasTimestamp(type: string): boolean {
  return /\btimestamp\b/.test(type);
}

/** @param params of the flow: a new value of one is an edit of every operator that names it */
export function operatorFacts(operator: OperatorElement, params: Params): Facts {
  const { type, from, spec, table } = operator;
  const facts = new Map([
    ['type', type],
    ['from', from.join(', ')],
  ]);
  if (table !== null) {
    facts.set('table.file', table.file);
    facts.set('table.codec', table.codec.kind);
    addCodec(facts, table.codec, 'table.codec');
    facts.set('table.key', table.key.join(', '));
    for (const [label, value] of fieldFacts(table)) {
      facts.set(label.replace('fields', 'table.fields'), value);
    }
  }
  for (const [key, value] of spec) addFacts(facts, key, value);
  addParams(facts, params);
  return facts;
}

type Params = Topology['params'];

/** A parameter where an expression names it; in a text of the expression it does no harm. */
const PARAM = /\bparams\b`?\s*\.\s*`?([a-z][a-z0-9_]*)/g;

/** The values of the parameters that the facts mention. */
function addParams(facts: Map<string, string>, params: Params): void {
  const named = [...facts.values()].flatMap((text) =>
    Array.from(text.matchAll(PARAM), (m) => m[1]),
  );
  for (const name of new Set(named.sort())) {
    const param = params.get(name);
    if (param !== undefined) facts.set(`params.${name}`, printConstant(param));
  }
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

export function exitFacts(exit: Exit, params: Params): Facts {
  const { from, format, fields, address, delivery, hold } = exit;
  const facts = new Map([
    ['from', from],
    ['format', format],
  ]);
  if (fields === null) facts.set('fields', 'all');
  else if ('length' in fields) facts.set('fields', JSON.stringify(fields));
  else addFacts(facts, 'fields', fields as Mapping);
  if (exit.properties.size > 0) addFacts(facts, 'properties', exit.properties);
  if (exit.subject !== null) facts.set('subject', exit.subject);
  addParams(facts, params);
  facts.set('address', address);
  facts.set('for', exit.for.join(', '));
  if (exit.broker !== null) facts.set('broker', exit.broker);
  facts.set('delivery.durable', String(delivery.durable));
  facts.set('delivery.max_deliveries', String(delivery.maxDeliveries));
  facts.set('delivery.max_unsettled', String(delivery.maxUnsettled));
  addLimits(facts, hold);
  facts.set('hold.on_full', hold.onFull);
  facts.set('hold.keep', hold.keep);
  facts.set('hold.key', hold.key.length === 0 ? 'none' : hold.key.join(', '));
  return facts;
}

export function deadLetterFacts({ deadLetter }: Topology): Facts {
  const facts = new Map([
    ['address', deadLetter.address],
    ['for', deadLetter.for.join(', ')],
  ]);
  addLimits(facts, deadLetter.hold);
  return facts;
}

function addLimits(facts: Map<string, string>, { ttl, maxBytes, maxRecords }: HoldLimits): void {
  facts.set('hold.ttl', ttl === null ? 'none' : formatDuration(ttl));
  facts.set('hold.max_bytes', maxBytes === null ? 'none' : sizeText(maxBytes));
  facts.set('hold.max_records', maxRecords === null ? 'none' : String(maxRecords));
}

export function vehicleFacts(vehicle: Vehicle): Facts {
  const { command, uses, env, cwd, secret } = vehicle;
  const facts = new Map([
    ['command', command === null ? 'none' : JSON.stringify(command)],
    ['uses', uses === null ? 'none' : JSON.stringify([uses.name, toJson(uses.with)])],
    ['cwd', cwd ?? '.'],
  ]);
  // Secrets as they are written, never what they are.
  for (const [name, value] of env) {
    facts.set(`env.${name}`, typeof value === 'string' ? value : value.reference);
  }
  if (secret !== null) facts.set('secret', secret.reference);
  addStarts(facts, vehicle);
  return facts;
}

/** When its program is started, and when again. */
function addStarts(facts: Map<string, string>, { schedule, restart, wake }: Vehicle): void {
  if (schedule !== null) {
    const { cron, timezone, overlap, missed, timeout } = schedule;
    facts.set('schedule.cron', JSON.stringify(cron));
    facts.set('schedule.timezone', timezone);
    facts.set('schedule.overlap', overlap);
    facts.set('schedule.missed', missed);
    facts.set('schedule.timeout', timeout === null ? 'none' : formatDuration(timeout));
  }
  const { policy, initial, max, giveUpAfter } = restart;
  facts.set('restart.policy', policy);
  facts.set('restart.backoff.initial', formatDuration(initial));
  facts.set('restart.backoff.max', formatDuration(max));
  if (giveUpAfter !== null) facts.set('restart.give_up_after', String(giveUpAfter));
  if (wake === null) return;
  const { afterRecords, after } = wake;
  if (afterRecords !== null) facts.set('wake.after_records', String(afterRecords));
  if (after !== null) facts.set('wake.after', formatDuration(after));
}

/** What holds for the flow as a whole, and is settled when it starts. */
export function flowFacts({ name, amqp, state }: Topology): Facts {
  return new Map([
    ['name', name],
    ['amqp.listen', formatAddress(amqp.listen)],
    ['state.dir', state.dir ?? 'the default'],
    ['state.durability', state.durability],
  ]);
}
