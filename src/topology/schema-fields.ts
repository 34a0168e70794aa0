/**
 * Which fields an element of a document may have, read from the schema: what "belongs one level up" and
 * lists of fields are said from. Follows the branch that the data chose.
 */
import type { Path } from '../diagnostics/report.ts';
import { topologySchema } from './schema.ts';
import { entry, isMapping, isSequence, type Value, valueAt } from './value.ts';

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly allOf?: readonly Shape[];
  readonly if?: Shape;
  readonly then?: Shape;
  readonly else?: Shape;
  readonly const?: unknown;
  readonly default?: Value;
  readonly required?: readonly string[];
  readonly maxProperties?: number;
  readonly writeOnly?: boolean;
  readonly type?: string | readonly string[];
}

/** @returns names of the fields at a path, in the schema's order; of elements named by the author, none */
export function fieldsAt(data: Value, path: Path): readonly string[] {
  return [...new Set(shapesAt(data, path).flatMap((shape) => Object.keys(shape.properties ?? {})))];
}

/** @returns the field at `path` inside which `name` is a field, if one there takes it */
export function fieldHolding(data: Value, path: Path, name: string): string | undefined {
  return fieldWith(data, path, (inner) => holds(inner, name));
}

/** @returns the field at `path` whose elements, named by the author, have a field `name` */
export function elementsHolding(data: Value, path: Path, name: string): string | undefined {
  return fieldWith(data, path, ({ additionalProperties: element }) => {
    return typeof element === 'object' && holds(element, name);
  });
}

function fieldWith(data: Value, path: Path, wanted: (inner: Shape) => boolean): string | undefined {
  return shapesAt(data, path)
    .flatMap((shape) => Object.entries(shape.properties ?? {}))
    .find(([, inner]) => wanted(inner))?.[0];
}

function holds(shape: Shape, name: string): boolean {
  return [shape, shape.then, shape.else].some((one) => Object.hasOwn(one?.properties ?? {}, name));
}

/** Whether a value must never be shown. */
export function isSecretAt(data: Value, path: Path): boolean {
  return shapesAt(data, path).some(({ writeOnly }) => writeOnly === true);
}

/**
 * Paths and values of the defaults of fields that are absent in the element at a path, also of those in a group
 * of fields that is absent as a whole (unless one of them is required: then it is a choice not taken).
 */
export function defaultsAt(data: Value, path: Path): readonly (readonly [Path, Value])[] {
  const value = valueAt(data, path);
  const found = new Map<string, readonly (readonly [Path, Value])[]>();
  for (const { properties = {}, maxProperties } of shapesAt(data, path)) {
    // Of several of which one may be there, the others are not there by default.
    if (maxProperties === 1) continue;
    for (const [name, inner] of Object.entries(properties)) {
      const absent = isMapping(value) && !value.has(name);
      if (absent && !found.has(name)) found.set(name, defaultsOf(inner, [...path, name]));
    }
  }
  return [...found.values()].flat();
}

function defaultsOf(shape: Shape, path: Path): readonly (readonly [Path, Value])[] {
  if (shape.default !== undefined) return [[path, shape.default]];
  if (shape.type !== 'object' || shape.required !== undefined) return [];
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) =>
    defaultsOf(inner, [...path, name]),
  );
}

/** All schemas that speak about the value at a path. */
function shapesAt(data: Value, path: Path): readonly Shape[] {
  let shapes = chosen(topologySchema as Shape, data);
  let value: Value | undefined = data;
  for (const step of path) {
    value = entry(value, step);
    const inner = shapes.flatMap((shape) => {
      const own = Object.hasOwn(shape.properties ?? {}, step)
        ? shape.properties?.[step]
        : undefined;
      const other = typeof step === 'number' ? shape.items : shape.additionalProperties;
      const next = own ?? other;
      return typeof next === 'object' ? [next] : [];
    });
    shapes = inner.flatMap((shape) => chosen(shape, value));
  }
  return shapes;
}

/** A schema and its branches that this value takes. */
function chosen(shape: Shape, value: Value | undefined): Shape[] {
  const branch = shape.if === undefined || fits(shape.if, value) ? shape.then : shape.else;
  return [
    shape,
    ...(branch ? [branch] : []),
    ...(shape.allOf ?? []).flatMap((s) => branchOf(s, value)),
  ];
}

function branchOf(shape: Shape, value: Value | undefined): Shape[] {
  return shape.if !== undefined && shape.then !== undefined && fits(shape.if, value)
    ? [shape.then]
    : [];
}

/** The two kinds of condition that the schema uses: a type, and a field with one value. */
function fits(condition: Shape, value: Value | undefined): boolean {
  if (condition.type !== undefined) {
    if (condition.type === 'object') return isMapping(value);
    return condition.type === 'array' ? isSequence(value) : typeof value === condition.type;
  }
  return Object.entries(condition.properties ?? {}).every(
    ([name, inner]) => isMapping(value) && value.get(name) === inner.const,
  );
}
