/**
 * Every field of the language as a flat list, read from the schema: what the manual prints, `explain` tells
 * and completion offers. A path leaves out the names that authors give: `exits.hold.ttl`. The type of an
 * operator stands for its element: `operators.aggregate.window`.
 */
import { editorSchema, isEither, type Shape } from './editor-schema.ts';

export interface FieldEntry {
  readonly path: readonly string[];
  readonly title: string;
  readonly description: string;
  /** The description, and what holds without the field. */
  readonly whole: string;
  /** Those it must be one of; empty: it is not so. */
  readonly choices: readonly unknown[];
  /** What a value looks like: `duration`, `one of a, b`. */
  readonly values: string;
  /** Absent: there is none; the description says what holds without the field. */
  readonly default?: unknown;
  readonly examples: readonly unknown[];
  readonly required: boolean;
  /** Is never shown. */
  readonly secret: boolean;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  array: 'list',
  object: 'fields',
};

const FIELDS = listed(editorSchema, []);

/** In the order of the schema, each field before what it holds. */
export function fieldList(): readonly FieldEntry[] {
  return FIELDS;
}

function listed(shape: Shape, path: readonly string[]): readonly FieldEntry[] {
  const found: FieldEntry[] = [];
  for (const part of [shape, shape.then, shape.else]) {
    for (const [name, inner] of Object.entries(part?.properties ?? {})) {
      const here = [...path, name];
      const required = part?.required?.includes(name) === true;
      if (inner.title !== undefined) found.push(entryOf(inner, here, required));
      found.push(...listed(inner, here));
    }
  }
  const { additionalProperties: other, items, allOf = [] } = shape;
  if (typeof other === 'object') found.push(...listed(other, path));
  if (items !== undefined) found.push(...listed(items, path));
  for (const { then } of allOf) {
    if (then?.title === undefined) continue;
    const here = [...path, then.title];
    found.push(entryOf(then, here, false));
    const { type: _, ...properties } = then.properties ?? {};
    found.push(...listed({ ...then, properties }, here));
  }
  return found;
}

function entryOf(shape: Shape, path: readonly string[], required: boolean): FieldEntry {
  return {
    path,
    title: shape.title ?? '',
    description: shape.description ?? '',
    whole: shape.markdownDescription ?? '',
    choices: shape.enum ?? shape.then?.enum ?? [],
    values: valuesOf(shape),
    ...(shape.default === undefined ? {} : { default: shape.default }),
    examples: [
      ...(shape.examples ?? []),
      ...(isEither(shape) ? (shape.defaultSnippets ?? []) : []).map(({ body }) => body),
    ],
    required,
    secret: shape.writeOnly === true,
  };
}

function valuesOf(shape: Shape): string {
  if (shape.const !== undefined) return `\`${String(shape.const)}\``;
  if (shape.enum !== undefined) return shape.enum.map((one) => `\`${String(one)}\``).join(', ');
  const words = [shape.then?.enum, shape.else?.enum]
    .flatMap((list) => list ?? [])
    .map((one) => `\`${String(one)}\``);
  const noun = shape.$comment?.split(' ')[1];
  const types = typeof shape.type === 'string' ? [shape.type] : (shape.type ?? ['object']);
  const isExpression = ['string', 'number', 'boolean'].every((type) => types.includes(type));
  if (isExpression) return 'expression';
  const quantity = noun !== undefined && ['duration', 'size', 'rate', 'address'].includes(noun);
  if (quantity) return noun;
  const others = types.filter((type) => words.length === 0 || type !== 'string');
  return [...words, ...others.map((type) => NOUNS[type] ?? type)].join(', ');
}

/** Fields whose path ends as asked, whatever stands before; one that is the path itself stands alone. */
export function fieldsAsked(asked: readonly string[]): readonly FieldEntry[] {
  const ends = fieldList().filter(({ path }) => endsWith(path, asked));
  const exact = ends.filter(({ path }) => path.length === asked.length);
  return exact.length > 0 ? exact : ends;
}

function endsWith(path: readonly string[], end: readonly string[]): boolean {
  return end.length <= path.length && end.every((word, i) => path.at(i - end.length) === word);
}
