/** `format: json`: one text per record that JSON.parse reads back, and pinned where JSON leaves a choice. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import {
  type DataType,
  DOUBLE,
  type Field,
  INTERVAL,
  LONG,
  STRING,
  TIMESTAMP,
} from '../../src/stream/schema.ts';
import type { Value } from '../sql/table.ts';
import { share } from '../tools/campaign.ts';
import { encode, field, table } from './message-world.ts';

function textOf(body: Buffer): string {
  const text: unknown = rhea.message.decode(body)['body'];
  if (typeof text !== 'string') throw new Error('the body is no text');
  return text;
}

/** Checks a value as a reader of JSON finds it. */
function expectSeen(type: DataType, got: unknown, value: Value): void {
  if (value === null || (type.kind === 'double' && !Number.isFinite(value))) {
    expect(got).toBe(null);
  } else if (type.kind === 'timestamp') {
    expect(microsOf(String(got))).toBe(BigInt(Number(value)));
  } else if (type.kind === 'array') {
    const list = value as readonly Value[];
    expect(got).toHaveLength(list.length);
    for (const [i, one] of list.entries()) expectSeen(type.element, (got as unknown[])[i], one);
  } else if (type.kind === 'struct') {
    const struct = value as Readonly<Record<string, Value>>;
    expectRecord(
      type.fields,
      got,
      type.fields.map(({ name }) => struct[name] ?? null),
    );
  } else {
    expect(Object.is(value, -0) ? Object(got) + 0 : got).toBe(Object.is(value, -0) ? 0 : value);
  }
}

function expectRecord(fields: readonly Field[], got: unknown, row: readonly Value[]): void {
  const record = got as Readonly<Record<string, unknown>>;
  expect(Object.keys(record).sort()).toEqual(fields.map(({ name }) => name).sort());
  for (const [i, { name, type }] of fields.entries()) expectSeen(type, record[name], row[i]);
}

/** An instant as microseconds; its text must have as few digits as lose nothing. */
function microsOf(text: string): bigint {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3})(\d{3})?)?Z$/.exec(text);
  if (parts === null) throw new Error(`not an instant: ${text}`);
  const [, seconds, millis, micros] = parts;
  expect(micros).not.toBe('000');
  expect(millis === '000' && micros === undefined).toBe(false);
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(`${millis ?? '000'}${micros ?? '000'}`);
}

describe('a message of JSON', () => {
  test('is read back by JSON.parse as the record it was, keys in the order of the fields', () => {
    fc.assert(
      fc.property(table, ({ fields, rows }) => {
        for (const [i, body] of encode('json', fields, rows).entries()) {
          const text = textOf(body);
          expectRecord(fields, JSON.parse(text), rows[i]);
          const places = fields.map(({ name }) => text.indexOf(`${JSON.stringify(name)}:`));
          expect(places).not.toContain(-1);
        }
      }),
      { numRuns: share(600) },
    );
  });

  test('says that it is one, and is one string in its least form', () => {
    const [short, long] = [237, 238].map((length) => {
      const [body] = encode('json', [field('text', STRING)], [['a'.repeat(length)]]);
      const annotations: Record<string, unknown> = Object(
        rhea.message.decode(body)['message_annotations'],
      );
      expect(annotations['x-opt-roundabout-format']).toBe('json');
      const text = Buffer.from(`{"text":"${'a'.repeat(length)}"}`);
      return body.subarray(0, body.length - text.length).toString('hex');
    });
    // {"text":""} are eleven bytes.
    expect(short.endsWith('005377a1f8')).toBe(true);
    expect(long.endsWith('005377a1f9')).toBe(true);
    const [longest] = encode('json', [field('t', STRING)], [['a'.repeat(248)]]);
    expect(longest.toString('hex')).toContain(
      `005377b100000100${Buffer.from('{"t":"').toString('hex')}`,
    );
  });
});

type Pin = readonly [type: DataType, value: Value, text: string];
const PINS: readonly Pin[] = [
  [LONG, 0, '0'],
  [LONG, -1, '-1'],
  [LONG, 10, '10'],
  [LONG, 99, '99'],
  [LONG, 9_007_199_254_740_991, '9007199254740991'],
  [LONG, -9_007_199_254_740_991, '-9007199254740991'],
  [LONG, 1_000_000_000_000_000, '1000000000000000'],
  [INTERVAL, 90_000_000, '90000000'],
  [DOUBLE, 0, '0'],
  [DOUBLE, -0, '0'],
  [DOUBLE, 0.1, '0.1'],
  [DOUBLE, 1e21, '1e+21'],
  [DOUBLE, 1e-7, '1e-7'],
  [DOUBLE, 5e-324, '5e-324'],
  [DOUBLE, 2 ** 53, '9007199254740992'],
  [DOUBLE, Number.NaN, 'null'],
  [DOUBLE, Number.NEGATIVE_INFINITY, 'null'],
  [TIMESTAMP, 0, '"1970-01-01T00:00:00Z"'],
  [TIMESTAMP, 1_000, '"1970-01-01T00:00:00.001Z"'],
  [TIMESTAMP, 100_000, '"1970-01-01T00:00:00.100Z"'],
  [TIMESTAMP, 1, '"1970-01-01T00:00:00.000001Z"'],
  [TIMESTAMP, -1, '"1969-12-31T23:59:59.999999Z"'],
  [TIMESTAMP, -9_007_199_254_740_991, '"1684-07-28T00:12:25.259009Z"'],
  [TIMESTAMP, 9_007_199_254_740_991, '"2255-06-05T23:47:34.740991Z"'],
  [STRING, '', '""'],
  [STRING, '"\\/', '"\\"\\\\/"'],
  [STRING, '\b\f\n\r\t', '"\\b\\f\\n\\r\\t"'],
  [STRING, '\0\u001f\u007f', '"\\u0000\\u001f\u007f"'],
  [STRING, '\u2028é\u{1f69a}', '"\u2028é\u{1f69a}"'],
  [{ kind: 'array', element: DOUBLE }, [], '[]'],
  [{ kind: 'array', element: DOUBLE }, [1, null, Number.POSITIVE_INFINITY], '[1,null,null]'],
  [{ kind: 'struct', fields: [] }, {}, '{}'],
  [
    { kind: 'struct', fields: [field('"', LONG), field('é', STRING)] },
    { '"': 1, é: null },
    '{"\\"":1,"é":null}',
  ],
];

test.each(PINS)('JSON of %j %j is pinned', (type, value, text) => {
  const [body] = encode('json', [field('f\n', type)], [[value]]);
  expect(textOf(body)).toBe(`{"f\\n":${text}}`);
});
