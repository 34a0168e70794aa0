/**
 * Fields of a lane that are not simply one value of the input: the first present of several, a time read by a
 * pattern, a value computed from the other fields. Each becomes an expression: over what the codec gives, or
 * over the fields of the record.
 */
import { below, type Report } from '../diagnostics/report.ts';
import { analyse } from '../sql/analyse.ts';
import { type Constants, type Expression, inputScope, type Scope } from '../sql/expression.ts';
import { printText } from '../sql/print.ts';
import { type DataType, type Schema, STRING } from '../stream/schema.ts';
import { isComputed } from './build-lane.ts';
import { expressionCheck } from './expression-check.ts';
import type { DeclaredField, LineFormat } from './topology.ts';

/** One value that the codec takes out of the input. */
export interface InputValue {
  readonly name: string;
  readonly type: DataType;
  readonly source: readonly string[];
  readonly field: DeclaredField;
}

/** What was found out about a lane's fields, for the plan. */
export interface LaneFields {
  readonly inputs: readonly InputValue[];
  /** Over the inputs, by name of the field. */
  readonly read: ReadonlyMap<string, Expression>;
  /** Over the lane's schema, by name of the field. */
  readonly computed: ReadonlyMap<string, Expression>;
}

/** All fields of a lane's records. */
export function fieldsOf({ codec, fields }: LineFormat): readonly DeclaredField[] {
  return codec.kind === 'text' ? [codec.field, ...fields] : fields;
}

export function laneSchema(lane: LineFormat): Schema {
  const { codec, required } = lane;
  const line = codec.kind === 'text' ? codec.field : null;
  return {
    fields: fieldsOf(lane).map((field) => ({
      name: field.name,
      type: field.type,
      nullable: field !== line && !required.includes(field.name),
    })),
  };
}

/** The input has its value, or does not; nothing is to be made of it. */
export function isPlain({ sources, pattern, expression }: DeclaredField): boolean {
  return sources.length === 1 && pattern === null && expression === null;
}

/**
 * @param lane or a table, of whose fields none is computed
 * @param report paths are relative to it
 * @returns undefined when a field has a problem
 */
export function checkLane(
  lane: LineFormat,
  params: Constants,
  report: Report,
): LaneFields | undefined {
  const declared = fieldsOf(lane);
  const inputs = declared.filter((field) => !isComputed(field)).flatMap(inputsOf);
  const read = new Map<string, Expression>();
  const computed = new Map<string, Expression>();
  const scope = fieldScope(lane, declared);
  const check = expressionCheck(report, params);
  let whole = true;
  for (const field of declared) {
    if (isPlain(field)) continue;
    const { name, type, expression } = field;
    const path = ['fields', name];
    const found =
      expression === null
        ? reading(field, inputs, below(report, path))
        : check(expression, [...path, 'expression'], scope, { type });
    if (found === undefined) whole = false;
    else (expression === null ? read : computed).set(name, found);
  }
  return whole ? { inputs, read, computed } : undefined;
}

function inputsOf(field: DeclaredField): readonly InputValue[] {
  const { name, sources, pattern } = field;
  const type = pattern === null ? field.type : STRING;
  return sources.map((source) => ({ name, type, source, field }));
}

/**
 * Other fields than computed ones, the time of arrival, the record as it came, and the lane's name. Event time
 * and lateness may be what is computed.
 */
function fieldScope(lane: LineFormat, declared: readonly DeclaredField[]): Scope {
  const all = inputScope(lane.name, laneSchema(lane));
  const computed = declared.filter(isComputed).map(({ name }) => name);
  const hidden = new Set(['_time', '_late', '_late_by', ...computed]);
  const raw = {
    slot: { from: 'column', index: declared.length },
    type: STRING,
    nullable: false,
  } as const;
  return {
    find: (name, qualifier) => {
      if (hidden.has(name)) return undefined;
      return name === '_raw' && qualifier === null ? raw : all.find(name, qualifier);
    },
    names: all.names.filter((name) => !hidden.has(name)),
  };
}

/** The first present of a field's inputs, read by its pattern. */
function reading(
  field: DeclaredField,
  inputs: readonly InputValue[],
  report: Report,
): Expression | undefined {
  const { pattern } = field;
  // Inputs of one field have one name, so they are told apart by their numbers.
  const fields = inputs.map(({ type }, i) => ({ name: `i${i}`, type, nullable: true }));
  const own = fields.filter((_, i) => inputs[i].field === field).map(({ name }) => name);
  const first = own.length === 1 ? own[0] : `coalesce(${own.join(', ')})`;
  const text = pattern === null ? first : `try_to_timestamp(${first}, ${printText(pattern)})`;
  const { expression, problems } = analyse(text, inputScope('', { fields }));
  for (const { rule } of problems) {
    const message = 'a choice of sources is for single values, not for arrays and structs yet';
    report.add({ rule, path: ['source'], message });
  }
  return expression;
}
