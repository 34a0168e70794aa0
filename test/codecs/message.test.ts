/** Messages against another's decoder, value by value; and byte by byte, since what a hold keeps is compared. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import { createMessageEncoder } from '../../src/codecs/message.ts';
import { readMessage } from '../../src/codecs/message-reader.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  type Field,
  INTERVAL,
  LONG,
  STRING,
  TIMESTAMP,
  typeText,
} from '../../src/stream/schema.ts';
import { columnOf, type Value } from '../sql/table.ts';
import { share } from '../tools/campaign.ts';
import { AT, AT_MS, bodiesOf, encode, field, type Row, STREAM, table } from './message-world.ts';

/** Annotations, id and time, by hand: what stands before a value, with message id 1. */
const HEAD_OF_MAP =
  `005372 c149 04 a317${hex('x-opt-roundabout-stream')} 98${STREAM}` +
  ` a317${hex('x-opt-roundabout-format')} a103${hex('map')}`;
const PROPERTIES_OF_1 = `005373 c014 0a 5301 4040404040404040 83 0000019b76daa87b`;

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

function bytes(...parts: readonly string[]): string {
  return parts.join('').replaceAll(' ', '');
}

/** The least bytes in which AMQP can say a value of this type (part 1, section 1.6). */
function leastBytes(type: DataType, value: Value): number {
  if (value === null || type.kind === 'boolean') return 1;
  switch (type.kind) {
    case 'long':
    case 'interval':
      return Number(value) >= -128 && Number(value) <= 127 ? 2 : 9;
    case 'string':
      return variable(Buffer.byteLength(String(value)));
    case 'array': {
      const list = value as readonly Value[];
      const size = list.reduce<number>((sum, one) => sum + leastBytes(type.element, one), 0);
      return list.length === 0 ? 1 : compound(size, list.length);
    }
    case 'struct': {
      const struct = value as Readonly<Record<string, Value>>;
      return leastMap(
        type.fields,
        type.fields.map(({ name }) => struct[name] ?? null),
      );
    }
    default:
      return 9;
  }
}

function leastMap(fields: readonly Field[], row: Row): number {
  const sizes = fields.map(
    ({ name, type }, i) => variable(Buffer.byteLength(name)) + leastBytes(type, row[i]),
  );
  return compound(
    sizes.reduce((sum, size) => sum + size, 0),
    2 * fields.length,
  );
}

function variable(size: number): number {
  return size + (size <= 255 ? 2 : 5);
}

/** The size that is written counts the byte of the count too. */
function compound(size: number, count: number): number {
  return size + (size + 1 <= 255 && count <= 255 ? 3 : 9);
}

/** What a receiver should see. */
function seen(type: DataType, value: Value): unknown {
  if (value === null) return null;
  if (type.kind === 'timestamp') return new Date(Math.floor(Number(value) / 1000));
  if (type.kind === 'array') return (value as Value[]).map((one) => seen(type.element, one));
  if (type.kind !== 'struct') return value;
  const struct = value as Readonly<Record<string, Value>>;
  return Object.fromEntries(
    type.fields.map((one) => [one.name, seen(one.type, struct[one.name] ?? null)]),
  );
}

function rowSeen(fields: readonly Field[], row: Row): unknown {
  return Object.fromEntries(fields.map(({ name, type }, i) => [name, seen(type, row[i])]));
}

describe('a message of a map', () => {
  test('has every value as another decoder reads it, in the least bytes there are', () => {
    const head = Buffer.from(bytes(HEAD_OF_MAP, PROPERTIES_OF_1, '005377'), 'hex').length;
    fc.assert(
      fc.property(table, ({ fields, rows }) => {
        for (const [i, body] of encode('map', fields, rows).entries()) {
          const message = rhea.message.decode(body);
          expect(message['message_id']).toBe(i + 1);
          expect(message['body']).toEqual(rowSeen(fields, rows[i]));
          expect(body.length).toBe(head + leastMap(fields, rows[i]));
        }
      }),
      { numRuns: share(800) },
    );
  });

  test('carries the stream, its format, its number and the time of its entry', () => {
    for (const first of [1, 255, 256, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const [body] = encode('map', [], [[]], { first });
      const message = rhea.message.decode(body);
      expect(message['message_id']).toBe(first);
      expect(message['creation_time']).toEqual(new Date(AT_MS));
      const annotations: Record<string, unknown> = Object(message['message_annotations']);
      expect(Object.keys(annotations)).toEqual([
        'x-opt-roundabout-stream',
        'x-opt-roundabout-format',
      ]);
      expect(Buffer.from(annotations['x-opt-roundabout-stream'] as Buffer).toString('hex')).toBe(
        STREAM,
      );
      expect(annotations['x-opt-roundabout-format']).toBe('map');
    }
  });

  test('holds the selected rows alone, numbered on', () => {
    const rows = Array.from({ length: 10 }, (_, i) => [i]);
    const selection = Int32Array.from([1, 4, 9]);
    const messages = encode('map', [field('n', LONG)], rows, { selection, first: 254 });
    expect(
      messages.map((body) => rhea.message.decode(body)).map((m) => [m['message_id'], m['body']]),
    ).toEqual([
      [254, { n: 1 }],
      [255, { n: 4 }],
      [256, { n: 9 }],
    ]);
  });

  test('is the same whatever the encoder has encoded before', () => {
    fc.assert(
      fc.property(table, fc.nat(3000), ({ fields, rows }, before) => {
        const encoder = createMessageEncoder({ format: 'map', stream: STREAM, fields });
        const columns = (all: readonly Row[]) =>
          fields.map(({ type }, i) =>
            columnOf(
              type,
              all.map((row) => row[i]),
            ),
          );
        const many = Array.from({ length: before }, (_, i) => rows[i % rows.length]);
        encoder.encode(columns(many), null, before, 1, AT, 4);
        const again = bodiesOf(encoder.encode(columns(rows), null, rows.length, 1, AT, 5));
        expect(again).toEqual(encode('map', fields, rows));
      }),
      { numRuns: 30 },
    );
  });

  test('carries subject and application properties beside whatever body, one of each or none', () => {
    const scalar = ({ type: { kind } }: Field): boolean => kind !== 'array' && kind !== 'struct';
    fc.assert(
      fc.property(table, fc.boolean(), fc.nat(6), ({ fields, rows }, hasSubject, from) => {
        const properties = fields.slice(from).filter(scalar);
        const texts = rows.map((_, i) => (i % 2 === 0 ? `row ${i}` : null));
        const encoder = createMessageEncoder({
          format: 'map',
          stream: STREAM,
          fields,
          properties,
          hasSubject,
        });
        const columnsOf = (some: readonly Field[]) =>
          some.map((one) =>
            columnOf(
              one.type,
              rows.map((row) => row[fields.indexOf(one)]),
            ),
          );
        const subjects = hasSubject ? [columnOf(STRING, texts)] : [];
        const columns = [...columnsOf(fields), ...columnsOf(properties), ...subjects];
        const bodies = bodiesOf(encoder.encode(columns, null, rows.length, 1, AT, 5));
        bodies.forEach((bytes, i) => {
          const message = rhea.message.decode(bytes);
          const values = properties.map((one) => rows[i][fields.indexOf(one)]);
          const [alone] = encode('map', properties, [values]);
          expect(message['subject'] ?? null).toBe(hasSubject ? texts[i] : null);
          expect(message['application_properties'] ?? {}).toEqual(
            rhea.message.decode(alone)['body'],
          );
          expect(inspect(readMessage(bytes))).toBe(
            inspect(readMessage(encode('map', fields, rows)[i])),
          );
        });
      }),
      { numRuns: share(200) },
    );
  });

  test('knows one NaN, whatever bits a processor gave it', () => {
    const nans = new Float64Array(4);
    const bits = new BigUint64Array(nans.buffer);
    bits.set([0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff0000000000001n, 0xffffffffffffffffn]);
    const encoder = createMessageEncoder({
      format: 'map',
      stream: STREAM,
      fields: [field('d', DOUBLE)],
    });
    const column = { type: 'double', values: nans, valid: null } as const;
    const bodies = bodiesOf(encoder.encode([column], null, 4, 1, AT, 5));
    expect(bodies.map((body) => body.subarray(-9).toString('hex'))).toEqual(
      Array(4).fill('827ff8000000000000'),
    );
  });
});

/** One row of a table: type, value, the bytes it must have. */
type Pin = readonly [type: DataType, value: Value, encoded: string];
const list = (element: DataType): DataType => ({ kind: 'array', element });
const struct = (...fields: readonly Field[]): DataType => ({ kind: 'struct', fields });
const PINS: readonly Pin[] = [
  [LONG, null, '40'],
  [BOOLEAN, true, '41'],
  [BOOLEAN, false, '42'],
  [LONG, 0, '5500'],
  [LONG, -1, '55ff'],
  [LONG, 127, '557f'],
  [LONG, -128, '5580'],
  [LONG, 128, '81 0000000000000080'],
  [LONG, -129, '81 ffffffffffffff7f'],
  [LONG, 2 ** 31, '81 0000000080000000'],
  [LONG, -(2 ** 32), '81 ffffffff00000000'],
  [LONG, 2 ** 53 - 1, '81 001fffffffffffff'],
  [LONG, 1 - 2 ** 53, '81 ffe0000000000001'],
  [INTERVAL, 90_000_000, '81 00000000055d4a80'],
  [DOUBLE, 0, '82 0000000000000000'],
  [DOUBLE, -0, '82 8000000000000000'],
  [DOUBLE, 1.5, '82 3ff8000000000000'],
  [DOUBLE, Number.NaN, '82 7ff8000000000000'],
  [DOUBLE, Number.POSITIVE_INFINITY, '82 7ff0000000000000'],
  [DOUBLE, Number.NEGATIVE_INFINITY, '82 fff0000000000000'],
  [TIMESTAMP, 0, '83 0000000000000000'],
  [TIMESTAMP, 1999, '83 0000000000000001'],
  [TIMESTAMP, -1, '83 ffffffffffffffff'],
  [STRING, '', 'a100'],
  [STRING, 'a\0ü', 'a104 6100c3bc'],
  [STRING, '\u{1f69a}', 'a104 f09f9a9a'],
  [STRING, 'a'.repeat(255), `a1ff ${'61'.repeat(255)}`],
  [STRING, 'a'.repeat(256), `b100000100 ${'61'.repeat(256)}`],
  [list(LONG), [], '45'],
  [list(LONG), [1, null, 128], 'c00d 03 5501 40 81 0000000000000080'],
  [list(list(BOOLEAN)), [[], [true]], 'c006 02 45 c00201 41'],
  [list(BOOLEAN), Array(254).fill(true), `c0ff fe ${'41'.repeat(254)}`],
  [list(BOOLEAN), Array(255).fill(true), `d000000103 000000ff ${'41'.repeat(255)}`],
  [list(BOOLEAN), Array(256).fill(true), `d000000104 00000100 ${'41'.repeat(256)}`],
  [struct(), {}, 'c101 00'],
  [
    struct(field('b', LONG), field('a', STRING)),
    { b: 7, a: null },
    'c10a 04 a10162 5507 a10161 40',
  ],
  [list(struct(field('x', BOOLEAN))), [{ x: true }, null], 'c009 02 c10502 a10178 41 40'],
];

describe('the bytes of a message', () => {
  const titled = PINS.map(
    (pin) => [`${typeText(pin[0])} ${inspect(pin[1])}`.slice(0, 60), ...pin] as const,
  );

  test.each(titled)('of %s are pinned', (_title, type, value, encoded) => {
    const [body] = encode('map', [field('f', type)], [[value]]);
    const content = bytes('a10166', encoded);
    const size = content.length / 2;
    const head =
      size < 255
        ? `c1 ${byte(size + 1)} 02`
        : `d1 ${(size + 4).toString(16).padStart(8, '0')} 00000002`;
    expect(body.toString('hex')).toBe(bytes(HEAD_OF_MAP, PROPERTIES_OF_1, '005377', head, content));
  });

  test('of a wide record have size and count of one byte as long as both fit', () => {
    const wide = (count: number): string => {
      const fields = Array.from({ length: count }, (_, i) => field(String.fromCharCode(i), LONG));
      const [body] = encode('map', fields, [fields.map(() => null)]);
      return body.toString('hex').slice(bytes(HEAD_OF_MAP, PROPERTIES_OF_1, '005377').length);
    };
    // Beyond 63 fields the size needs four bytes, and then the count has four too.
    expect(wide(63).slice(0, 6)).toBe('c1fd7e');
    expect(wide(64).slice(0, 18)).toBe(bytes('d1 00000104 00000080'));
    expect(wide(128).slice(0, 18)).toBe(bytes('d1 00000204 00000100'));
  });
});

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
