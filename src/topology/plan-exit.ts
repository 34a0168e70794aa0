/** The plan of an exit: what leaves of each record, in which order. */
import type { Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { CheckContext, InputStream } from '../operators/operator.ts';
import { type Constants, inputScope } from '../sql/expression.ts';
import { expressionOf } from '../sql/expression-of.ts';
import { fieldIndex, type Schema } from '../stream/schema.ts';
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
  const fields = exitFields(exit, input, expressionCheck(report, params), report);
  const own = ids.exits.get(exit.name);
  const key = fields && exitKey(exit, fields, report);
  if (fields === undefined || key === undefined || own === undefined) return undefined;
  const { ttl, maxBytes, maxRecords, onFull, keep } = exit.hold;
  return Object.freeze({
    id: own.id,
    name: exit.name,
    address: exit.address,
    from: exit.from,
    for: exit.for,
    format: exit.format,
    fields: Object.freeze(fields),
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
  const scope = inputScope(input.name, schema, input.windowed, input.stateless);
  for (const [name, text] of fields) {
    const expression = check(text, ['fields', name], scope);
    if (expression !== undefined) found.push({ name, expression });
  }
  return found.length === fields.size ? found : undefined;
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
