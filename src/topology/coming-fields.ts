/**
 * Which fields of the language can't be used yet, found out by using them: a field is to come if each value that
 * the schema offers for it would be refused. So nothing says it twice.
 */
import { type FieldEntry, fieldList } from './field-list.ts';
import { notYetSupported } from './not-yet-supported.ts';
import type { Value } from './value.ts';

/** Behind these stands a name that an author gives. */
const NAMED: readonly string[] = ['vehicles', 'vehicles.lanes', 'exits', 'amqp.brokers'];

/** A field that holds others is one to come only if they are, too. */
export function isComing(field: FieldEntry): boolean {
  const inside = fieldList().filter(
    ({ path }) =>
      path.length >= field.path.length && field.path.every((step, i) => step === path[i]),
  );
  return inside.every(({ path, choices, examples, values }) => {
    const flags = values.includes('`true`') ? [true, false] : [];
    const all = [...choices, ...examples, ...flags];
    return all.length > 0 && all.every((value) => isRefused(path, value));
  });
}

/** Whether a file with nothing but this value would be told that it can't run yet. */
export function isRefused(path: readonly string[], value: unknown): boolean {
  const [first, type, ...rest] = path;
  if (first === 'operators' && type !== undefined) {
    const element = new Map<string, Value>([['type', type]]);
    if (rest.length > 0) element.set(rest[0], nested(rest.slice(1), value));
    return notYetSupported(nested(['operators', 'x'], element)).length > 0;
  }
  const steps = path.flatMap((step, i) => {
    const isNamed = NAMED.includes(path.slice(0, i + 1).join('.')) && i < path.length - 1;
    // A field of a lane's field: its name stands between.
    return isNamed || (step === 'fields' && i === 2 && path.length > 3) ? [step, 'x'] : [step];
  });
  return notYetSupported(nested(steps, value)).length > 0;
}

function nested(steps: readonly string[], value: unknown): Value {
  return steps.reduceRight<Value>((inner, step) => new Map([[step, inner]]), asValue(value));
}

/** JSON, as data of a document. */
function asValue(json: unknown): Value {
  if (json instanceof Map) return json;
  if (Array.isArray(json)) return json.map(asValue);
  if (typeof json !== 'object' || json === null) return json as Value;
  return new Map(Object.entries(json).map(([key, inner]) => [key, asValue(inner)]));
}
