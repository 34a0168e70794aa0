/**
 * The parameters of a flow: constants that expressions name. A literal says its own type; the long form says
 * it, and so takes values that a literal cannot write. A flag may give another value, never another type.
 */
import { below, type Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { booleanOf, doubleOf, longOf, timestampOf } from '../sql/cast-text.ts';
import type { Constant } from '../sql/expression.ts';
import { describeType } from '../sql/type.ts';
import { BOOLEAN, type DataType, DOUBLE, LONG, STRING } from '../stream/schema.ts';
import { parseFieldType } from './field-type.ts';
import { literalText, type SourceOf } from './operator-spec.ts';
import { sorted, text } from './read-value.ts';
import type { Param } from './topology.ts';
import { entry, isMapping, type Scalar, type Value } from './value.ts';

/**
 * @param sets values that flags give, by name
 * @param report paths are relative to `params`
 */
export function buildParams(
  data: Value | undefined,
  source: SourceOf,
  sets: ReadonlyMap<string, string>,
  report: Report,
): ReadonlyMap<string, Param> {
  const params = new Map<string, Param>();
  const written = isMapping(data) ? sorted([...data]) : [];
  for (const [name, value] of written) {
    const param = buildParam(name, value, source, sets.get(name), below(report, [name]));
    if (param !== undefined) params.set(name, Object.freeze(param));
  }
  const names = written.map(([name]) => name);
  for (const name of sets.keys()) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`;
    const message = `--set names a parameter "${name}", which the file does not have`;
    report.add({
      rule: 'dangling-reference',
      path: ['params'],
      onKey: true,
      message,
      ...(names.length > 0 && { hint }),
    });
  }
  return params;
}

function buildParam(
  name: string,
  data: Value,
  source: SourceOf,
  set: string | undefined,
  report: Report,
): Param | undefined {
  const long = isMapping(data);
  const path = long ? ['value'] : [];
  const value = long ? data.get('value') : data;
  if (!isScalar(value)) return undefined; // its shape has been reported
  const literal = String(literalText(value, ['params', name, ...path], source));
  const type = long ? declaredType(data, report) : literalType(value, literal);
  if (type === undefined) return undefined;
  const description = (long ? text(data.get('description')) : undefined) ?? null;
  // A literal of another type than the declared one is a slip, even if its text would do.
  const wanted = typeof value === 'string' || converts(literalType(value, literal), type);
  const own = wanted ? parsed(literal, type) : undefined;
  if (own === undefined) {
    const message = `${describeType(type)} is needed here, not ${shown(value, literal)}`;
    report.add({ rule: 'type-mismatch', path, message });
    return undefined;
  }
  if (set === undefined) return { type, value: own, description };
  const other = parsed(set, type);
  if (other === undefined) {
    const message = `--set gives "${name}" the value "${set}", which is no ${type.kind}`;
    report.add({ rule: 'type-mismatch', path, message });
    return undefined;
  }
  return { type, value: other, description };
}

function isScalar(value: Value | undefined): value is Exclude<Scalar, null> {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function declaredType(data: Value, report: Report): DataType | undefined {
  const written = text(entry(data, 'type'));
  if (written === undefined) return undefined;
  const found = parseFieldType(written);
  if ('type' in found && !['array', 'struct', 'map'].includes(found.type.kind)) {
    return found.type;
  }
  const problem = 'type' in found ? 'a parameter has one value' : found.problem;
  const hint = 'type' in found ? 'types: boolean, long, double, string, timestamp' : found.hint;
  report.add({
    rule: 'value-not-allowed',
    path: ['type'],
    message: problem,
    ...(hint !== undefined && { hint }),
  });
  return undefined;
}

function literalType(value: Exclude<Scalar, null>, literal: string): DataType {
  if (typeof value === 'string') return STRING;
  if (typeof value === 'boolean') return BOOLEAN;
  return longOf(literal) === undefined ? DOUBLE : LONG;
}

function converts(from: DataType, to: DataType): boolean {
  return from.kind === to.kind || (from.kind === 'long' && to.kind === 'double');
}

/** @returns undefined when the text is no value of the type */
function parsed(literal: string, type: DataType): Constant['value'] | undefined {
  switch (type.kind) {
    case 'string':
      return literal;
    case 'boolean':
      return booleanOf(literal);
    case 'long':
      return longOf(literal);
    case 'timestamp':
      return timestampOf(literal);
    default: {
      const value = doubleOf(literal);
      // What JSON cannot write cannot be committed; -0 becomes 0.
      return value !== undefined && Number.isFinite(value) ? value + 0 : undefined;
    }
  }
}

function shown(value: Value, literal: string): string {
  return typeof value === 'string' ? `"${literal}"` : literal;
}
