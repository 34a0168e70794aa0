/** The plan of an exit: what leaves of each record, in which order. */
import type { Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { CheckContext, InputStream } from '../operators/operator.ts';
import { type Constants, type Expression, inputScope, type Scope } from '../sql/expression.ts';
import { expressionOf } from '../sql/expression-of.ts';
import { describeType } from '../sql/type.ts';
import { fieldIndex, type Schema, STRING } from '../stream/schema.ts';
import type { PlanIds } from './canonical.ts';
import { expressionCheck } from './expression-check.ts';
import type { ExitField, ExitPlan } from './plan.ts';
import type { Exit } from './topology.ts';

/** @returns undefined when a field had a problem */
export function planExit(
  exit: Exit,
  input: InputStream,
  params: Constants,
  ids: PlanIds,
  report: Report,
): ExitPlan | undefined {
  const check = expressionCheck(report, params);
  const fields = exitFields(exit, input, check, report);
  const properties = exitProperties(exit, input, check, report);
  const subject = exitSubject(exit, input, check);
  const own = ids.exits.get(exit.name);
  const key = fields && exitKey(exit, fields, report);
  if (fields === undefined || properties === undefined || subject === undefined) return undefined;
  if (key === undefined || own === undefined) return undefined;
  if (exit.format === 'text' && !isOneText(exit, fields, report)) return undefined;
  const { ttl, maxBytes, maxRecords, onFull, keep } = exit.hold;
  return Object.freeze({
    id: own.id,
    name: exit.name,
    address: exit.address,
    from: exit.from,
    for: exit.for,
    format: exit.format,
    fields: Object.freeze(fields),
    properties: Object.freeze(properties),
    subject,
    durable: exit.delivery.durable,
    maxDeliveries: exit.delivery.maxDeliveries,
    maxUnsettled: exit.delivery.maxUnsettled,
    bounds: Object.freeze({ ttl, maxBytes, maxRecords, onFull, latest: keep === 'latest' }),
    key: Object.freeze(key),
    stream: own.stream,
  });
}

function exitFields(
  { fields }: Exit,
  input: InputStream,
  check: CheckContext['expression'],
  report: Report,
): ExitField[] | undefined {
  const { schema } = input;
  if (fields === null) return schema.fields.map((_, index) => column(schema, index));
  const found: ExitField[] = [];
  if ('length' in fields) {
    fields.forEach((name, i) => {
      const index = fieldIndex(schema, name);
      if (index !== -1) found.push(column(schema, index));
      else report.add(noField(name, input, ['fields', i]));
    });
    return found.length === fields.length ? found : undefined;
  }
  for (const [name, text] of fields) {
    const expression = check(text, ['fields', name], scopeOf(input));
    if (expression !== undefined) found.push({ name, expression });
  }
  return found.length === fields.size ? found : undefined;
}

function scopeOf({ name, schema, windowed, stateless }: InputStream): Scope {
  return inputScope(name, schema, windowed, stateless);
}

/** AMQP keeps lists and maps out of application properties (part 3, section 3.2.5). */
function exitProperties(
  { properties }: Exit,
  input: InputStream,
  check: CheckContext['expression'],
  report: Report,
): ExitField[] | undefined {
  const found: ExitField[] = [];
  for (const [name, text] of properties) {
    const path = ['properties', name];
    const expression = check(text, path, scopeOf(input));
    if (expression === undefined) continue;
    const { type } = expression;
    if (type.kind === 'array' || type.kind === 'struct') {
      const message = `a property is one value, this is ${describeType(type)}`;
      report.add({ rule: 'type-mismatch', path, span: [0, text.length], message });
    } else found.push({ name, expression });
  }
  return found.length === properties.size ? found : undefined;
}

/** @returns null: it has none; undefined: it had a problem */
function exitSubject(
  { subject }: Exit,
  input: InputStream,
  check: CheckContext['expression'],
): Expression | null | undefined {
  if (subject === null) return null;
  return check(subject, ['subject'], scopeOf(input), { type: STRING });
}

function isOneText({ from }: Exit, fields: readonly ExitField[], report: Report): boolean {
  if (fields.length === 1 && fields[0].expression.type.kind === 'string') return true;
  const left =
    fields.length === 1
      ? `"${fields[0].name}" is ${describeType(fields[0].expression.type)}`
      : `${fields.length} fields leave`;
  const text = fields.find(({ expression }) => expression.type.kind === 'string')?.name;
  const hint =
    text === undefined
      ? `write fields: { text: CAST(${fields[0]?.name ?? from} AS STRING) }`
      : `write fields: [${text}]`;
  const message = `format text takes one field that is a text; here ${left}`;
  report.add({ rule: 'format-needs-one-field', path: ['format'], message, hint });
  return false;
}

/** Places of the key among the fields that leave. */
function exitKey(
  { name, hold: { keep, key } }: Exit,
  fields: readonly ExitField[],
  report: Report,
): number[] | undefined {
  if (keep !== 'latest') {
    if (key.length === 0) return [];
    report.add({
      rule: 'conflicting-fields',
      path: ['hold', 'key'],
      onKey: true,
      message: `"${name}" keeps every record, so it needs no key`,
      hint: 'write keep: latest beside it, or leave it out',
    });
    return undefined;
  }
  if (key.length === 0) {
    report.add({
      rule: 'missing-field',
      path: ['hold'],
      onKey: true,
      message: 'keep: latest needs a key: the latest of what?',
      hint: `write key: and fields that leave, like ${fields[0].name}`,
    });
    return undefined;
  }
  const names = fields.map((field) => field.name);
  const places = key.map((one) => names.indexOf(one));
  key.forEach((one, i) => {
    if (places[i] !== -1) return;
    const meant = nearest(one, names);
    report.add({
      rule: 'unknown-column',
      path: key.length === 1 ? ['hold', 'key'] : ['hold', 'key', i],
      message: `no field "${one}" leaves "${name}"`,
      hint: meant === undefined ? `there are: ${names.join(', ')}` : `did you mean "${meant}"?`,
    });
  });
  return places.includes(-1) ? undefined : places;
}

function column(schema: Schema, index: number): ExitField {
  const { name, type, nullable } = schema.fields[index];
  const slot = { from: 'column', index } as const;
  return { name, expression: expressionOf(name, { kind: 'read', slot, type, nullable }) };
}

function noField(name: string, { name: from, schema }: InputStream, path: (string | number)[]) {
  const names = schema.fields.map((field) => field.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there are: ${names.join(', ')}` : `did you mean "${meant}"?`;
  return { rule: 'unknown-column', path, message: `"${from}" has no field "${name}"`, hint };
}
