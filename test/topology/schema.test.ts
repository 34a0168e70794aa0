/** What an editor shows of the language: for each field a title, a description, and a value to start from. */
import { describe, expect, test } from '@jest/globals';
import { comingOperators } from '../../src/topology/coming-operators.ts';
import { topologySchema } from '../../src/topology/schema.ts';

interface Shape {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: unknown;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly anyOf?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly if?: Shape;
  readonly then?: Shape;
  readonly else?: Shape;
  readonly allOf?: readonly Shape[];
}

const coming = new Set(comingOperators.map(({ type }) => type));

/** Every field below a shape, by its path. */
function* fieldsBelow(shape: Shape, path: string): Generator<readonly [string, Shape]> {
  for (const [name, field] of Object.entries(shape.properties ?? {})) {
    // What chooses a branch is shown where the type is.
    if (field.const === undefined) yield [`${path}.${name}`, field];
    yield* fieldsBelow(field, `${path}.${name}`);
  }
  const { items, additionalProperties: other, then: chosen, else: rest, allOf = [] } = shape;
  for (const inner of [items, other, chosen, rest]) {
    if (typeof inner === 'object') yield* fieldsBelow(inner, path);
  }
  for (const { if: condition, then: branch } of allOf) {
    const type = String(condition?.properties?.['type']?.const);
    if (branch !== undefined && !coming.has(type)) yield* fieldsBelow(branch, `${path} ${type}`);
  }
}

const fields = [...fieldsBelow(topologySchema as Shape, '')];

describe('every field of the schema', () => {
  test('has a title and a description', () => {
    expect(fields.length).toBeGreaterThan(120);
    const bare = fields.filter(([, field]) => !field.title || !field.description);
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  test('shows a value, or has fields that do', () => {
    const bare = fields.filter(
      ([, field]) =>
        field.default === undefined &&
        field.examples === undefined &&
        field.enum === undefined &&
        !field.properties &&
        !field.then &&
        !field.additionalProperties,
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });
});
