/**
 * What a document says, as plain data. A mapping is a `Map`, so that the author's order of keys is kept
 * even where a key reads as an integer, and no key can reach a prototype. Immutable; parts that an alias
 * repeats are shared.
 */
import type { Path } from '../diagnostics/report.ts';

export type Scalar = null | boolean | number | string;
export type Mapping = ReadonlyMap<string, Value>;
export type Value = Scalar | readonly Value[] | Mapping;

export function isMapping(value: Value | undefined): value is Mapping {
  return value instanceof Map;
}

export function isSequence(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The same data as null-prototype objects, arrays and scalars: what the compiled validator reads. */
export function toJson(value: Value): unknown {
  if (isSequence(value)) return value.map(toJson);
  if (!isMapping(value)) return value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of value) object[key] = toJson(inner);
  return object;
}

/** The value under a key or an index, if there is one. */
export function entry(value: Value | undefined, step: string | number): Value | undefined {
  if (isSequence(value)) return value[Number(step)];
  return isMapping(value) ? value.get(String(step)) : undefined;
}

/** The value at a path, if it leads to one. */
export function valueAt(data: Value | undefined, path: Path): Value | undefined {
  return path.reduce<Value | undefined>(entry, data);
}
