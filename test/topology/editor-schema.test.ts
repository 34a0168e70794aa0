/** The schema of editors: nothing is left unsaid, and every word of it is true. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { operators } from '../../src/operators/index.ts';
import { validateText } from '../../src/rules/validate.ts';
import { isComing } from '../../src/topology/coming-fields.ts';
import { editorSchema, type Shape } from '../../src/topology/editor-schema.ts';
import { fieldList } from '../../src/topology/field-list.ts';
import { topologySchema } from '../../src/topology/schema.ts';
import { root } from '../tools/product.ts';

const fields = fieldList();

interface Field {
  readonly path: string;
  readonly shape: Shape;
}

function shapesIn(shape: Shape, path: string): Field[] {
  const inner = [
    ...Object.entries(shape.properties ?? {}),
    ...[shape.additionalProperties, shape.items, shape.then, shape.else, ...(shape.allOf ?? [])]
      .filter((one): one is Shape => typeof one === 'object')
      .map((one) => ['*', one] as const),
  ];
  return [{ path, shape }, ...inner.flatMap(([name, one]) => shapesIn(one, `${path}.${name}`))];
}

describe('the schema of editors', () => {
  test('every field has a title, a description, an example, and says what holds without it', () => {
    expect(fields.length).toBeGreaterThan(150);
    const lacking = fields.filter(
      ({ title, description, examples, whole }) =>
        title === '' ||
        !/[.\w]/.test(description) ||
        examples.length === 0 ||
        !/Required\.|Default: |\babsent\b/i.test(whole),
    );
    expect(lacking.map(({ path }) => path.join('.'))).toEqual([]);
  });

  test('examples and defaults fit their own field', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    const wrong: string[] = [];
    for (const { path, shape } of shapesIn(editorSchema, '')) {
      if (shape.title === undefined) continue;
      const { default: value, examples = [], ...rest } = shape;
      const fits = ajv.compile(rest);
      const values = [...examples, ...(value === undefined ? [] : [value])];
      for (const one of values) if (!fits(one)) wrong.push(`${path}: ${JSON.stringify(one)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('it finds the same files valid as the schema that judges', () => {
    const judge = new Ajv({ strict: false }).compile(topologySchema);
    const editor = new Ajv({ strict: false }).compile(editorSchema);
    for (const file of [
      {},
      { version: 1, name: 'x' },
      { version: 2, name: 'x' },
      { version: 1, name: 'x', vehicles: { a: { lanes: 1 } } },
    ]) {
      expect(editor(file)).toBe(judge(file));
    }
  });

  test('every operator has a snippet, and snippets are whole elements', () => {
    const at = editorSchema.properties?.['operators']?.defaultSnippets ?? [];
    expect(at.map(({ label }) => label)).toEqual(operators.map(({ type }) => type));
    for (const { body } of at) {
      const [[, element]] = Object.entries(body as Record<string, Record<string, unknown>>);
      expect(Object.values(element)).not.toContain(undefined);
    }
  });

  test('the committed schema and the reference page name every field', () => {
    const page = readFileSync(join(root, 'docs/reference.md'), 'utf8');
    for (const { path } of fields) expect(page).toContain(path[path.length - 1]);
    const text = readFileSync(join(root, 'schemas/topology.schema.json'), 'utf8');
    expect(text).toBe(`${JSON.stringify(editorSchema, null, 2)}\n`);
    expect(validateText('version: 1\nname: x\n', 'x.yaml').findings).toEqual([]);
  });
});

describe('fields that are to come', () => {
  const marked = (path: string) => {
    const field = fieldList().find((one) => one.path.join('.') === path);
    return field && isComing(field);
  };

  test('each is one whose every value would be refused', () => {
    expect(marked('vehicles.lanes.tls.cert')).toBe(true);
    for (const path of [
      'version',
      'http',
      'exits.from',
      'exits.format',
      'operators.filter.where',
      'operators.aggregate.window',
      'vehicles.lanes.fields.format',
      'operators.filter.state.on_change',
    ]) {
      expect({ path, coming: marked(path) }).toEqual({ path, coming: false });
    }
  });
});
