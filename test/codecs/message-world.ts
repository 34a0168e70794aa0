/** Random schemas and records with the values where encodings change, and messages made of them. */
import fc from 'fast-check';
import { type BodyFormat, createMessageEncoder } from '../../src/codecs/message.ts';
import type { Bodies } from '../../src/stream/port.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  type Field,
  INTERVAL,
  LONG,
  STRING,
  TIMESTAMP,
} from '../../src/stream/schema.ts';
import { columnOf, DOUBLES, LONGS, TEXTS, TIMES, type Value } from '../sql/table.ts';

export const STREAM = '00112233445566778899aabbccddeeff';
/** Log time of every message here, and the same in milliseconds. */
export const AT = 1_767_225_600_123_999;
export const AT_MS = 1_767_225_600_123;
export type Row = readonly Value[];

export function field(name: string, type: DataType): Field {
  return { name, type, nullable: true };
}

export function encode(
  format: BodyFormat,
  fields: readonly Field[],
  rows: readonly Row[],
  { selection = null as Int32Array | null, first = 1 } = {},
): Buffer[] {
  const encoder = createMessageEncoder({ format, stream: STREAM, fields });
  const columns = fields.map(({ type }, i) =>
    columnOf(
      type,
      rows.map((row) => row[i]),
    ),
  );
  const count = selection === null ? rows.length : selection.length;
  return bodiesOf(encoder.encode(columns, selection, count, first, AT, 5));
}

export function bodiesOf({ bytes, count, ends }: Bodies): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])),
  );
}

const LONG_EDGES = [127, 128, -128, -129, 255, 256, 65_535, 65_536, 2 ** 32, -(2 ** 32), ...LONGS];
const TEXT_EDGES = [
  ...['a'.repeat(255), 'a'.repeat(256), `x${'é'.repeat(127)}`, 'é'.repeat(128)],
  ...['\0', 'a\0b', '\u{10ffff}', '"\\/\b\f\n\r\t\u007f\u2028', '\ud83d\ude9a', ...TEXTS],
];

// Every object has a __proto__, so rhea's own objects can't show a field of that name.
const name = fc
  .oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom(...TEXT_EDGES))
  .filter((text) => text !== '__proto__');

function fieldsOf(type: fc.Arbitrary<DataType>, maxLength: number): fc.Arbitrary<Field[]> {
  return fc.uniqueArray(fc.record({ name, type, nullable: fc.constant(true) }), {
    selector: (one) => one.name,
    maxLength,
  });
}

const leaf = fc.constantFrom(BOOLEAN, LONG, DOUBLE, STRING, TIMESTAMP, INTERVAL);
const { type: anyType } = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: tie('type').map((element) => ({ kind: 'array' as const, element })) },
    {
      weight: 1,
      arbitrary: fieldsOf(tie('type'), 4).map((fields) => ({ kind: 'struct' as const, fields })),
    },
  ),
}));

function anyValue(type: DataType): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 5, arbitrary: some(type) },
  );
}

function some(type: DataType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean();
    case 'double':
      return fc.oneof(fc.constantFrom(...DOUBLES), fc.double());
    case 'string':
      return fc.oneof(fc.constantFrom(...TEXT_EDGES), fc.string({ unit: 'grapheme' }));
    case 'timestamp':
      return fc.oneof(fc.constantFrom(...TIMES), fc.maxSafeInteger());
    case 'array': {
      const few = fc.array(anyValue(type.element), { maxLength: 4 });
      // Lists of lists of 256 would be millions of values.
      if (type.element.kind === 'array' || type.element.kind === 'struct') return few;
      const many = fc
        .tuple(anyValue(type.element), fc.constantFrom(127, 128, 254, 255, 256))
        .map(([value, length]) => Array<Value>(length).fill(value));
      return fc.oneof({ weight: 6, arbitrary: few }, { weight: 1, arbitrary: many });
    }
    case 'struct':
      return fc.record(
        Object.fromEntries(type.fields.map((one) => [one.name, anyValue(one.type)])),
      ) as fc.Arbitrary<Value>;
    default:
      return fc.oneof(fc.constantFrom(...LONG_EDGES), fc.maxSafeInteger()).map((n) => n + 0);
  }
}

export const table = fieldsOf(anyType, 6).chain((fields) =>
  fc.record({
    fields: fc.constant(fields),
    rows: fc.array(fc.tuple(...fields.map(({ type }) => anyValue(type))) as fc.Arbitrary<Row>, {
      minLength: 1,
      maxLength: 4,
    }),
  }),
);
