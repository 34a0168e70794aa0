/** Proves a `join`: its key, what makes a pair, what leaves, and where the rest goes. */
import type { Path } from '../diagnostics/report.ts';
import type { Expression } from '../sql/expression.ts';
import { expressionOf } from '../sql/expression-of.ts';
import { describeType, isComparable } from '../sql/type.ts';
import { BOOLEAN, type Field, fieldIndex, type Schema, sameType } from '../stream/schema.ts';
import { type Call, Collector } from './aggregate-check.ts';
import { checkForm, type Form, type FormSpec, type Kind } from './join-form.ts';
import {
  type Key,
  keyField,
  layoutOf,
  leftScope,
  type Missing,
  pairScope,
  type Sides,
  timeOfRight,
} from './join-scope.ts';
import type { CheckContext } from './operator.ts';
import { fieldOf, type NamedExpression, noSuchField } from './spec.ts';

type KeySpec = string | ReadonlyMap<string, string>;

export interface Spec extends FormSpec {
  readonly key: KeySpec | readonly KeySpec[];
  readonly where?: unknown;
  readonly fields?: ReadonlyMap<string, unknown>;
  readonly late_to?: string | ReadonlyMap<string, string>;
}

export interface Checked extends Sides {
  readonly kind: Kind;
  readonly form: Form;
  /** Over pairs, as `join-scope.ts` lays them out. */
  readonly where: Expression | undefined;
  readonly fields: readonly NamedExpression[];
  /** Aggregates over the partners of a left record, whose results stand behind the columns of a pair. */
  readonly calls: readonly Call[];
  readonly unmatchedTo: string | undefined;
  readonly lateTo: readonly [left: string | undefined, right: string | undefined];
}

export function checkJoin(spec: Spec, context: CheckContext): Checked | undefined {
  const { kind = 'inner' } = spec;
  const [left, right] = context.inputs;
  const form = checkForm(spec, context);
  const late = checkLate(spec, context);
  const keys = checkKeys(spec, context);
  if (keys === undefined) return undefined;
  const sides = { left, right, keys, windowed: spec.window === 'same' };
  let where: Expression | undefined;
  if (spec.where !== undefined) {
    const scope = pairScope(sides, { left: false, right: false });
    where = context.expression(spec.where, ['where'], scope, { type: BOOLEAN });
  }
  const { rightTime } = layoutOf(sides);
  const calls = new Collector(pairScope(sides, { left: false, right: false }), rightTime + 1, [
    timeOfRight(rightTime),
  ]);
  const fields = checkFields(spec, kind, sides, context, calls);
  if (form === undefined || fields === undefined || !late) return undefined;
  if (spec.where !== undefined && where === undefined) return undefined;
  return {
    ...sides,
    kind,
    form,
    where,
    fields,
    calls: calls.calls,
    unmatchedTo: spec.unmatched_to,
    lateTo: lateNames(spec),
  };
}

/** Names of the streams of late records, by side. */
export function lateNames({ late_to: lateTo }: Spec): [string | undefined, string | undefined] {
  const name = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;
  if (lateTo instanceof Map) return [name(lateTo.get('left')), name(lateTo.get('right'))];
  return [name(lateTo), name(lateTo)];
}

/** A plain name is for the late records of both sides, which must then be alike. */
function checkLate({ late_to: lateTo }: Spec, { inputs, report }: CheckContext): boolean {
  if (typeof lateTo !== 'string') return true;
  const [left, right] = inputs.map(({ schema }) => schema.fields);
  const alike =
    left.length === right.length &&
    left.every(({ name, type }, i) => name === right[i].name && sameType(type, right[i].type));
  if (alike) return true;
  const message = 'the late records of the two sides have different fields';
  const hint = `write { left: ${lateTo}_left, right: ${lateTo}_right }, or other names`;
  report.add({ rule: 'type-mismatch', path: ['late_to'], message, hint });
  return false;
}

function checkKeys({ key }: Spec, context: CheckContext): readonly Key[] | undefined {
  const [left, right] = context.inputs;
  const keys: Key[] = [];
  const isList = Array.isArray(key);
  const all: readonly KeySpec[] = isList ? key : [key as KeySpec];
  all.forEach((one, i) => {
    const path = isList ? ['key', i] : ['key'];
    const columns = keyColumns(one, path, context);
    if (columns === undefined) return;
    const [a, b] = [left.schema.fields[columns[0]], right.schema.fields[columns[1]]];
    const problem = keyProblem(keys, a, b, context);
    if (problem === undefined) keys.push({ left: columns[0], right: columns[1], type: a.type });
    else context.report.add({ ...problem, path });
  });
  return keys.length === all.length ? keys : undefined;
}

/** The columns of a key, the left one first; undefined: one of them is no field, which has been reported. */
function keyColumns(
  key: KeySpec,
  path: Path,
  { inputs, report }: CheckContext,
): readonly [number, number] | undefined {
  const [left, right] = inputs;
  if (key instanceof Map) {
    const [a, b] = inputs.map((input, i) => {
      const side = i === 0 ? 'left' : 'right';
      const name = String(key.get(side));
      const column = fieldIndex(input.schema, name);
      if (column < 0) report.add(noSuchField(input, name, [...path, side]));
      return column;
    });
    return a < 0 || b < 0 ? undefined : [a, b];
  }
  const name = String(key);
  const [a, b] = inputs.map(({ schema }) => fieldIndex(schema, name));
  if (a >= 0 && b >= 0) return [a, b];
  const finding = noSuchField(a < 0 ? left : right, name, path);
  // Often the field is there on one side, and has another name on the other.
  const hint = `${finding.hint}; names that differ are written { left: ..., right: ... }`;
  report.add(a < 0 && b < 0 ? finding : { ...finding, hint });
  return undefined;
}

/** What keeps two fields from being a key. */
function keyProblem(
  keys: readonly Key[],
  a: Field,
  b: Field,
  { inputs: [left, right] }: CheckContext,
): { rule: string; message: string; hint?: string } | undefined {
  if (!sameType(a.type, b.type)) {
    const message = `"${a.name}" is ${describeType(a.type)} in "${left.name}", "${b.name}" is ${describeType(b.type)} in "${right.name}": they can never be equal`;
    const hint = 'give both the same type, at the lane or with a select';
    return { rule: 'join-key-type', message, hint };
  }
  if (!isComparable(a.type)) {
    const message = `records can't be paired by ${describeType(a.type)}`;
    return { rule: 'type-mismatch', message };
  }
  const twice = keys.some(
    (key) => left.schema.fields[key.left] === a && right.schema.fields[key.right] === b,
  );
  if (!twice) return undefined;
  return { rule: 'duplicate-name', message: `"${a.name}" is there already`, hint: 'leave it out' };
}

/** What leaves: what the author computes, or all there is. */
function checkFields(
  { fields, per }: Spec,
  kind: Kind,
  sides: Sides,
  context: CheckContext,
  aggregates: Collector,
): readonly NamedExpression[] | undefined {
  const missing = missingOf(kind);
  const ofLeft = per === 'left' || isOfLeft(kind);
  if (fields !== undefined) {
    const scope = ofLeft ? leftScope(sides) : pairScope(sides, missing);
    const want = per === 'left' ? { aggregates } : {};
    const checked: NamedExpression[] = [];
    for (const [name, value] of fields) {
      const expression = context.expression(value, ['fields', name], scope, want);
      if (expression !== undefined) checked.push({ name, expression });
    }
    return checked.length === fields.size ? checked : undefined;
  }
  const all = allFields(ofLeft, sides, missing);
  const clash = all.find(({ name }, i) => all.findIndex((other) => other.name === name) < i);
  if (clash === undefined) return all;
  const { left, right } = sides;
  const { report } = context;
  const hint = `say in "fields" what leaves, such as { ${clash.name}: left.${clash.name} }`;
  if (left.name === right.name) {
    const message = `both sides are "${left.name}", so their fields have the same names`;
    report.add({ rule: 'self-join-without-names', path: [], message, hint });
  } else {
    const message = `both sides have a field "${clash.name}"`;
    report.add({ rule: 'duplicate-name', path: [], message, hint });
  }
  return undefined;
}

/** Its results are records of the left. */
export function isOfLeft(kind: Kind): boolean {
  return kind === 'semi' || kind === 'anti';
}

function missingOf(kind: Kind): Missing {
  return { left: ['right', 'full'].includes(kind), right: ['left', 'full'].includes(kind) };
}

/** The left fields, keys among them, then the right ones that are no keys. */
function allFields(ofLeft: boolean, sides: Sides, missing: Missing): readonly NamedExpression[] {
  const { left, right, keys } = sides;
  const layout = layoutOf(sides);
  const column = (field: Field, index: number): NamedExpression => {
    const node = { kind: 'read', slot: { from: 'column', index }, ...field } as const;
    return { name: field.name, expression: expressionOf(field.name, node) };
  };
  const fields = left.schema.fields.map((field, i) => {
    const key = keys.findIndex((one) => one.left === i);
    if (key < 0 || !missing.left) {
      return column({ ...field, nullable: field.nullable || missing.left }, i);
    }
    return column(keyField(sides, keys[key], missing), layout.keys + key);
  });
  if (ofLeft) return fields;
  right.schema.fields.forEach((field, i) => {
    if (keys.some((key) => key.right === i)) return;
    fields.push(column({ ...field, nullable: field.nullable || missing.right }, layout.right + i));
  });
  return fields;
}

export function outputSchema({ fields }: Checked): Schema {
  return { fields: fields.map(fieldOf) };
}
