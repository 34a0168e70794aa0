/**
 * A topology as it is understood: the author's own text, comments and order included, with every default that the
 * schema names filled in where a field is absent, and secrets hidden. Read again, the text (but for its secrets)
 * is the same topology.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  parseDocument,
  type Document as YamlDocument,
} from 'yaml';
import type { Path } from '../diagnostics/report.ts';
import { readDocument } from './document.ts';
import { notYetSupported } from './not-yet-supported.ts';
import { defaultsAt, isSecretAt } from './schema-fields.ts';
import { entry, isMapping, isSequence, type Mapping, type Value, valueAt } from './value.ts';

const HIDDEN = '***';

/** A field, and the default it takes. */
type Filled = readonly [path: Path, value: Value];

/** @param text of a valid file */
export function effectiveText(text: string, withDefaults: boolean): string {
  const document = parseDocument(text, { merge: false });
  const { data = null } = readDocument(text, '');
  for (const path of secretsIn(data, data, [])) hide(document, path);
  if (withDefaults) fill(document, data);
  return document.toString({ lineWidth: 0 });
}

function secretsIn(data: Value, value: Value, path: Path): readonly Path[] {
  if (path.length > 0 && isSecretAt(data, path)) return isReference(value) ? [] : [path];
  if (isMapping(value)) {
    return [...value].flatMap(([key, inner]) => secretsIn(data, inner, [...path, key]));
  }
  return isSequence(value) ? value.flatMap((inner, i) => secretsIn(data, inner, [...path, i])) : [];
}

/** What only says where the secret is, is none; a value to fall back on would be. */
function isReference(value: Value): boolean {
  return typeof value === 'string' && /^\$\{(env:\w+|file:[^}]*)\}$/.test(value);
}

/** Where the secret is written: behind an alias, that is at its anchor. */
function hide(document: YamlDocument, path: Path): void {
  let node: unknown = document.contents;
  const written = (): unknown => (isAlias(node) ? node.resolve(document) : node);
  for (const step of path) {
    const holder = written();
    node = isCollection(holder) ? holder.get(step, true) : undefined;
  }
  const scalar = written();
  if (isScalar(scalar)) scalar.value = HIDDEN;
}

function fill(document: YamlDocument, data: Value): void {
  for (const [path, value] of [...absentIn(data, data, []), ...named(data)]) {
    if (notYetSupported(withValue(data, path, value)).length > 0) continue;
    const holders = path.slice(0, -1).map((_, i) => document.getIn(path.slice(0, i + 1), true));
    // A value that an alias repeats belongs to its anchor.
    if (holders.some((holder) => holder !== undefined && !isMap(holder))) continue;
    for (const holder of holders) if (isMap(holder)) holder.flow = false;
    const node = document.createNode(value);
    // Behind a list it would stand on a line of its own.
    if (isScalar(node)) node.comment = ' default';
    document.setIn(path, node);
  }
}

/** Defaults of fields that are absent, in every element. What a lane's fields are is not filled in. */
function absentIn(data: Value, value: Value, path: Path): readonly Filled[] {
  if (!isMapping(value)) return [];
  return [
    ...defaultsAt(data, path)
      .filter(([at]) => !value.has(INSTEAD.get(String(at.at(-1))) ?? ''))
      .flatMap((filled) => ofVehicle(data, filled)),
    ...[...value]
      .filter(([key]) => key !== 'fields')
      .flatMap(([key, inner]) => absentIn(data, inner, [...path, key])),
  ];
}

/** Fields that have no default beside another one, which leaves nothing for them to say. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['offset', 'session'],
  ['before', 'until'],
]);

/** Where a program is not started, or started by schedule, other things are assumed than elsewhere. */
function ofVehicle(data: Value, [path, value]: Filled): readonly Filled[] {
  const [first, name, field] = path;
  if (first !== 'vehicles' || name === undefined) return [[path, value]];
  const vehicle = valueAt(data, ['vehicles', name]);
  if (field === 'restart') return entry(vehicle, 'command') === undefined ? [] : [[path, value]];
  const scheduled = entry(vehicle, 'schedule') !== undefined;
  const other = scheduled ? UNDER_A_SCHEDULE.get(String(path[path.length - 1])) : undefined;
  return [[path, other ?? value]];
}

const UNDER_A_SCHEDULE: ReadonlyMap<string, Value> = new Map([
  ['at_end', 'finish'],
  ['idle_timeout', 'never'],
]);

/** Defaults that are made from a name of the author's. */
function named(data: Value): readonly Filled[] {
  const name = entry(data, 'name');
  const dir = valueAt(data, ['state', 'dir']);
  const exits = entry(data, 'exits');
  return [
    ...(dir === undefined && typeof name === 'string'
      ? [[['state', 'dir'], `.roundabout/${name}`] as const]
      : []),
    ...(isMapping(exits) ? [...exits] : [])
      .filter(([, exit]) => isMapping(exit) && !exit.has('address'))
      .map(([exit]) => [['exits', exit, 'address'], exit] as const),
  ];
}

function withValue(data: Value, [step, ...rest]: Path, value: Value): Value {
  if (step === undefined) return value;
  const old: Mapping = isMapping(data) ? data : new Map();
  return new Map([...old, [String(step), withValue(old.get(String(step)) ?? null, rest, value)]]);
}
