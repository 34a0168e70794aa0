/** Functions that read JSON in a text and write it. What is no JSON is NULL, or has NULL in its fields. */
import { strict as assert } from 'node:assert';
import type { StringColumn } from '../stream/column.ts';
import { type DataType, STRING } from '../stream/schema.ts';
import { constantText, convert, type FunctionDefinition, isMisfit, misfit } from './function.ts';
import { columnOf } from './json-columns.ts';
import { follow, foundText, parsePath } from './json-path.ts';
import { type Json, readJson } from './json-value.ts';
import { writerOf } from './json-writer.ts';
import { type KernelFactory, type Rows, texts } from './kernel.ts';
import { BadSchema, parseSchema } from './schema-text.ts';
import { encode, type Scratch, textAt } from './scratch.ts';
import { describeType } from './type.ts';
import { apply, constant, type Operation } from './typed.ts';

const getFactory: KernelFactory = ([, { value }]) => {
  assert(typeof value === 'string');
  const parsed = parsePath(value);
  assert('path' in parsed);
  const { path } = parsed;
  return ([a], rows, out) => {
    const source = texts(a);
    return out.texts(rows, (row) => {
      const json = readJson(textAt(source, row), true);
      const found = json && follow(json, path);
      if (found === undefined) return false;
      const bytes = encode(foundText(found));
      return out.extend(out.used, bytes, 0, bytes.length);
    });
  };
};
const GET_JSON_OBJECT: Operation = { name: 'get_json_object', strict: true, factory: getFactory };

const getJsonObject: FunctionDefinition = {
  name: 'get_json_object',
  signature: 'get_json_object(string, path): string',
  doc: "What stands in a JSON text at a path such as $.a['b'][0], a constant: a text without its quotes, all else as JSON; NULL where nothing stands or it is no JSON.",
  example: { text: `get_json_object('{"a": {"b": [7, 8]}}', '$.a.b[1]')`, gives: "'8'" },
  minArgs: 2,
  maxArgs: 2,
  build([source, path]) {
    const text = convert(source, STRING);
    if (text === undefined) return misfit('get_json_object', 0, STRING, source.type);
    const node = constantText('get_json_object', 1, path, 'path');
    if (isMisfit(node)) return node;
    const parsed = parsePath(node.value);
    if ('why' in parsed) {
      const message = `get_json_object can't use this path: ${parsed.why}`;
      return { argument: 1, rule: 'pattern-not-supported', message };
    }
    return apply(GET_JSON_OBJECT, STRING, [text, node], true);
  },
};

function hasInterval(type: DataType): boolean {
  if (type.kind === 'array') return hasInterval(type.element);
  if (type.kind === 'struct') return type.fields.some((field) => hasInterval(field.type));
  return type.kind === 'interval';
}

const TO_JSON: Operation = {
  name: 'to_json',
  strict: true,
  factory: ([{ type }]) => {
    const write = writerOf(type);
    return ([a], rows, out) => out.texts(rows, (row) => write(a, row, out.used, out));
  },
};

const toJson: FunctionDefinition = {
  name: 'to_json',
  signature: 'to_json(struct or array): string',
  doc: 'The JSON of a struct or an array, without fields that are NULL; times with milliseconds; NULL beyond 1 MiB.',
  example: {
    text: "to_json(named_struct('a', 1, 'b', array('x', NULL)))",
    gives: `'{"a":1,"b":["x",null]}'`,
  },
  minArgs: 1,
  maxArgs: 1,
  build([{ node, type }]) {
    if (node === undefined) return constant(STRING, null);
    if ((node.type.kind !== 'struct' && node.type.kind !== 'array') || hasInterval(node.type)) {
      return { argument: 0, message: `to_json can't write ${describeType(type)}` };
    }
    return apply(TO_JSON, STRING, [node], true);
  },
};

/** JSON that is no object has none of the fields. */
const NO_FIELDS: Json = { kind: 'object', text: '', items: [], keys: [] };

function readRows(
  source: StringColumn,
  type: DataType,
  rows: Rows,
  out: Scratch,
): (Json | undefined)[] {
  const values = new Array<Json | undefined>(rows.rows).fill(undefined);
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    if (out.valid !== null && out.valid[i] === 0) continue;
    const text = textAt(source, i);
    const json = readJson(text, false);
    if (type.kind === 'array') values[i] = json;
    else if (json?.kind === 'object') values[i] = json;
    else if (/[^ \t\n\r]/.test(text)) values[i] = NO_FIELDS;
  }
  return values;
}

const FROM_JSON: Operation = {
  name: 'from_json',
  strict: true,
  factory: (_, type) => {
    return ([a], rows, out) => columnOf(readRows(texts(a), type, rows, out), type, out);
  },
};

const fromJson: FunctionDefinition = {
  name: 'from_json',
  signature: 'from_json(string, schema): struct or array',
  doc: "The values in a JSON text by a schema, a constant such as 'a BIGINT, b ARRAY<STRING>'; NULL where a value is missing or of another type, all of them where it is no JSON.",
  example: { text: `from_json('{"a": 7}', 'a BIGINT, b STRING').a`, gives: '7' },
  minArgs: 2,
  maxArgs: 2,
  build([source, schema]) {
    const text = convert(source, STRING);
    if (text === undefined) return misfit('from_json', 0, STRING, source.type);
    const node = constantText('from_json', 1, schema, 'schema');
    if (isMisfit(node)) return node;
    const type = parseSchema(node.value);
    if (type instanceof BadSchema) {
      const { why, hint } = type;
      const message = `from_json can't use this schema: ${why}`;
      return { argument: 1, message, ...(hint === undefined ? {} : { hint }) };
    }
    return apply(FROM_JSON, type, [text], true);
  },
};

export const jsonFunctions: readonly FunctionDefinition[] = [getJsonObject, toJson, fromJson];
