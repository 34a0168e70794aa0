/** JSON in texts: read by a path, read by a schema, written. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyse } from '../../src/sql/analyse.ts';
import { follow, foundText, parsePath } from '../../src/sql/json-path.ts';
import { readJson } from '../../src/sql/json-value.ts';
import { compile } from '../../src/sql/program.ts';
import { parseSchema } from '../../src/sql/schema-text.ts';
import { typeText } from '../../src/stream/schema.ts';
import {
  batchOf,
  differences,
  expressionOf,
  literal,
  SCOPE,
  type Value,
  valueAt,
} from './table.ts';

const ROW = batchOf([{ s: 'x', l: 1, t: 1_767_225_600_123_456 } as never]);

function evaluated(text: string): Value {
  return valueAt(compile(expressionOf(text)).evaluate(ROW), 0);
}

describe('get_json_object', () => {
  const found = (json: string, path: string): Value =>
    evaluated(`get_json_object(${literal(json)}, ${literal(path)})`);

  test.each([
    ['{"a": {"b": [1, "x"]}}', '$.a.b[1]', 'x'],
    ['{"a": {"b": [1, "x"]}}', '$.a', '{"b":[1,"x"]}'],
    ['{"a": {"b": [1, "x"]}}', "$['a']['b'][0]", '1'],
    ['{"a b": {"c.d": true}}', "$['a b']['c.d']", 'true'],
    ['[ 1 , [ 2.50, 1e10, -0.0 ] ]', '$[1]', '[2.5,1.0E10,-0.0]'],
    ['12345678901234567890', '$', '12345678901234567890'],
    ['{"a": null}', '$.a', null],
    ['[null]', '$[0]', 'null'],
    ['{"a": 1}', '$.b', null],
    ['{"a": 1}', '$[0]', null],
    ['[1]', '$.a', null],
    ['[1]', '$[1]', null],
    ['{"a": null, "a": 2, "a": 3}', '$.a', '2'],
    ['{"a": {"x": 1}, "a": {"b": 2}}', '$.a.b', '2'],
    ["{'a': 'it\\'s'}", '$.a', "it's"],
    ['{"a": "\\u00e9\\n\\ud83d\\ude00"}', '$.a', 'é\n😀'],
    ['{"a": ["\\u0001\\u0002\\""]}', '$.a', '["\\u0001\\u0002\\""]'],
    ['{"a": 1} and more', '$.a', '1'],
    ['{"a": 1', '$.a', null],
    ['{"a": 01}', '$.a', null],
    ['{a: 1}', '$.a', null],
    ['{"a": truex}', '$.a', null],
    ['{"a": 1,}', '$.a', null],
    ['{"a": "\\x"}', '$.a', null],
    ['', '$.a', null],
    ['nonsense', '$', null],
  ])('%s at %s', (json, path, value) => {
    expect(found(json.replaceAll('\\', '\\'), path)).toBe(value);
  });

  test('over a column that is no JSON, and one that is', () => {
    expect(differences("get_json_object(s, '$.a')", () => null)).toEqual([]);
    expect(
      differences("get_json_object(to_json(array(s, u)), '$[1]')", (row) => row.u ?? 'null'),
    ).toEqual([]);
  });

  test('any JSON that JavaScript writes is read the same', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const json = readJson(text, false);
        if (json === undefined) return false;
        const back = json.kind === 'string' ? JSON.stringify(json.text) : foundText(json);
        expect(JSON.parse(back)).toEqual(JSON.parse(text));
        return true;
      }),
    );
  });

  test('whatever JSON.parse takes is read', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '1',
      '-',
      '.5',
      'e3',
      'true',
      'null',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        const json = readJson(text, false);
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          return true;
        }
        if (json === undefined) return false;
        const back = json.kind === 'string' ? JSON.stringify(json.text) : foundText(json);
        expect(JSON.parse(back)).toEqual(expected);
        return true;
      }),
      { numRuns: 2000 },
    );
  });

  test('what is nested too deep is no JSON', () => {
    expect(readJson('['.repeat(100_000), false)).toBeUndefined();
    expect(readJson('['.repeat(900) + ']'.repeat(900), false)?.kind).toBe('array');
  });

  test('a path leads to the same place, however it is written', () => {
    for (const text of ['$.a.b[2]', "$['a'].b[2]", "$['a']['b'][2]"]) {
      expect(parsePath(text)).toEqual({ path: ['a', 'b', 2] });
    }
    const json = readJson('{"a": {"b": [0, 1, 2]}}', false);
    expect(json && follow(json, ['a', 'b', 2])?.text).toBe('2');
  });
});

describe('to_json', () => {
  test('leaves NULL fields out, but not NULL elements', () => {
    const json = (value: unknown): string => JSON.stringify(value);
    expect(differences('to_json(xs)', ({ xs }) => (xs === null ? null : json(xs)))).toEqual([]);
    expect(
      differences("to_json(named_struct('l', l, 'x y', array(m), 'b', b))", ({ l, m, b }) =>
        json({ l: l ?? undefined, 'x y': [m], b: b ?? undefined }),
      ),
    ).toEqual([]);
    expect(
      differences('to_json(struct(struct(l)))', ({ l }) => json({ col1: { l: l ?? undefined } })),
    ).toEqual([]);
    expect(
      differences('to_json(r)', ({ r }) => {
        const { a, in: text } = (r ?? {}) as { a: Value; in: Value };
        return r === null ? null : json({ a: a ?? undefined, in: text ?? undefined });
      }),
    ).toEqual([]);
  });

  test.each([
    ['to_json(struct(t))', '{"t":"2026-01-01T00:00:00.123Z"}'],
    ['to_json(array(1D, 1e7, 0.5, 1e-5, -0D))', '[1.0,1.0E7,0.5,1.0E-5,-0.0]'],
    ["to_json(array(CAST('NaN' AS DOUBLE), -1e308 * 10))", '["NaN","-Infinity"]'],
    ["to_json(named_struct('a\"b', '\\u0007\\t\\\\\"é'))", '{"a\\"b":"\\u0007\\t\\\\\\"é"}'],
    ["to_json(array(named_struct('a', 1)))", '[{"a":1}]'],
    ["to_json(array(repeat('x', 1048576)))", null],
    ['to_json(NULL)', null],
  ])('%s', (text, value) => {
    expect(evaluated(text)).toBe(value);
  });
});

describe('from_json', () => {
  const SCHEMA =
    'a BIGINT, b STRING, `c d` DOUBLE, e: ARRAY<BIGINT>, f STRUCT<x: BOOLEAN, y: TIMESTAMP>';
  /** Values in the order of the schema. */
  const read = (json: string, schema = SCHEMA): Value =>
    evaluated(`from_json(${literal(json)}, ${literal(schema)})`);
  const row = (...values: Value[]): Value =>
    Object.fromEntries(Array.from({ length: 5 }, (_, i) => [String(i), values[i] ?? null]));

  test.each<[string, Value]>([
    [
      '{"a": 7, "b": "x", "c d": 1.5, "e": [1, null], "f": {"x": true}}',
      row(7, 'x', 1.5, [1, null], { 0: true, 1: null }),
    ],
    ['{"f": {"y": "1970-01-01T00:00:01Z"}}', row(null, null, null, null, { 0: null, 1: 1e6 })],
    ['{"f": {"y": 2}}', row(null, null, null, null, { 0: null, 1: 2e6 })],
    ['{}', row()],
    ['{"a": 1, "a": 2, "A": 3}', row(2)],
    ['{"a": "1", "b": 1.50, "c d": 3}', row(null, '1.50', 3)],
    ['{"a": 1.0, "b": {"x" : [1]}, "c d": "NaN"}', row(null, '{"x" : [1]}', Number.NaN)],
    ['{"a": 9007199254740992, "e": [1, "2", 3.5, 4]}', row(null, null, null, [1, null, null, 4])],
    ['{"a": null, "e": {"x": 1}, "f": [1]}', row()],
    ['{"a": 1', row()],
    ['[{"a": 1}]', row()],
    ['null', row()],
    ['nonsense', row()],
    ['', null],
    [' \n', null],
  ])('%s', (json, value) => {
    expect(read(json)).toEqual(value);
  });

  test('an array has no fields to keep: what is none is NULL', () => {
    expect(read('[1, 2]', 'ARRAY<BIGINT>')).toEqual([1, 2]);
    expect(read('[[1], null, []]', 'array<array<bigint>>')).toEqual([[1], null, []]);
    expect(read('[{"a": 1}, {}]', 'ARRAY<STRUCT<a: BIGINT>>')).toEqual([{ 0: 1 }, { 0: null }]);
    expect(read('{"a": 1}', 'ARRAY<BIGINT>')).toBeNull();
    expect(read('nonsense', 'ARRAY<BIGINT>')).toBeNull();
  });

  test('over columns, with what to_json wrote', () => {
    const text =
      "from_json(to_json(struct(l, s, xs, d)), 'l BIGINT, s STRING, xs ARRAY<STRING>, d DOUBLE')";
    expect(differences(`${text}.l`, ({ l }) => l)).toEqual([]);
    expect(differences(`${text}.s`, ({ s }) => s)).toEqual([]);
    expect(differences(`${text}.xs`, ({ xs }) => xs)).toEqual([]);
    expect(differences(`${text}.d`, ({ d }) => d)).toEqual([]);
    expect(differences("from_json(s, 'a BIGINT').a", () => null)).toEqual([]);
    expect(differences("from_json(nullif(s, s), 'a BIGINT') IS NULL", () => true)).toEqual([]);
  });

  test.each([
    ['a BIGINT', 'struct<a: long>'],
    ['array STRING', 'struct<array: string>'],
    [
      '`a b`: array < struct < x boolean , y: long > >',
      'struct<a b: array<struct<x: boolean, y: long>>>',
    ],
    ['STRUCT<a: DOUBLE>', 'struct<a: double>'],
  ])('the schema %s', (text, type) => {
    const parsed = parseSchema(text);
    expect('kind' in parsed && typeText(parsed)).toBe(type);
  });

  test.each([
    ['', /lacks the name/],
    ['BIGINT', /"" is no type/],
    ['a', /"" is no type/],
    ['a INT', /"INT" is no type/],
    ['a BIGINT,', /lacks the name/],
    ['a BIGINT b STRING', /"b" stands behind its end/],
    ['a ARRAY BIGINT', /lacks a "<"/],
    ['a ARRAY<BIGINT', /lacks a ">"/],
    ['a BIGINT, a STRING', /two fields of the name "a"/],
    ['a MAP<STRING, BIGINT>', /"MAP" is no type/],
    ['a DECIMAL(3)', /is no type/],
    ['a; b', /";/],
    [`a ${'ARRAY<'.repeat(30)}`, /deeper than/],
  ])('the schema %s is none', (text, why) => {
    const parsed = parseSchema(text);
    expect('why' in parsed ? parsed.why : 'accepted').toMatch(why);
  });
});

test.each([
  ["get_json_object(s, 'a.b')", 'pattern-not-supported', "'a.b'", /begins with no \$/],
  ["get_json_object(s, '$.a[*]')", 'pattern-not-supported', "'$.a[*]'", /asks for all parts/],
  ["get_json_object(s, '$a')", 'pattern-not-supported', "'$a'", /"a" is neither/],
  ['get_json_object(s, u)', 'not-constant', 'u', /path of get_json_object must be a text/],
  ['to_json(s)', 'type-mismatch', 's', /to_json can't write a string/],
  ['to_json(array(t - v))', 'type-mismatch', 'array(t - v)', /can't write an array<interval>/],
  ["from_json(s, 'a INT')", 'type-mismatch', "'a INT'", /can't use this schema: "INT" is no type/],
  ['from_json(s, u)', 'not-constant', 'u', /schema of from_json must be a text/],
])('%s is refused at its place', (text, rule, at, message) => {
  const { problems } = analyse(text, SCOPE);
  expect(problems.map((one) => [one.rule, text.slice(one.start, one.end)])).toEqual([[rule, at]]);
  expect(problems[0].message).toMatch(message);
});
