/**
 * An operator's own fields, made independent of how they were written: a literal in an expression's place is
 * its source text (YAML would make 1.0 a whole number), keys that the language names are in order, notes are
 * gone. Which is which, the schema of the operator's definition says.
 */
import type { Path } from '../diagnostics/report.ts';
import type { SpecSchema } from '../operators/operator.ts';
import { isMapping, isSequence, type Mapping, type Value } from './value.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

/** A scalar's own text in the document. */
export type SourceOf = (path: Path) => string | undefined;

/** Fields of every operator, which are no part of its spec. */
const COMMON: ReadonlySet<string> = new Set([
  'type',
  'from',
  'left',
  'right',
  'table',
  'description',
  'was',
  'state',
]);

/**
 * @param schema of the definition; undefined: the type is unknown, so nothing is known of its fields
 * @param path of the element
 */
export function operatorSpec(
  element: Mapping,
  schema: SpecSchema | undefined,
  path: Path,
  source: SourceOf,
): ReadonlyMap<string, Value> {
  const own = new Map([...element].filter(([key]) => !COMMON.has(key)));
  const shape: Schema = { properties: schema?.properties ?? {} };
  return normalised(own, shape, path, source) as Mapping;
}

function normalised(value: Value, schema: Schema, path: Path, source: SourceOf): Value {
  if (isSequence(value)) {
    const { items = {} } = schema;
    return value.map((one, i) => normalised(one, items, [...path, i], source));
  }
  if (!isMapping(value)) {
    return takesExpression(schema) ? literalText(value, path, source) : value;
  }
  const branch = schema.anyOf?.find((one) => one.type === 'object') ?? schema;
  const { properties, additionalProperties: other } = branch;
  const inner = typeof other === 'object' ? other : {};
  const ours = properties !== undefined;
  const entries = [...value]
    .filter(([key]) => !ours || !key.startsWith('x_'))
    .map(([key, one]): [string, Value] => [
      key,
      normalised(one, properties?.[key] ?? inner, [...path, key], source),
    ]);
  return new Map(ours ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries);
}

function takesExpression({ type }: Schema): boolean {
  return Array.isArray(type) && ['string', 'number', 'boolean'].every((one) => type.includes(one));
}

/** The text of an expression: what was written, if that is how expressions write it too. */
export function literalText(value: Value, path: Path, source: SourceOf): Value {
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return value;
  const written = source(path) ?? '';
  return /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(written) ? written : String(value);
}
