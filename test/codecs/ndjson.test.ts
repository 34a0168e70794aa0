/** The byte scanner against JSON.parse: the same lines are records, with the same values. */
import { isUtf8 } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decoded, LaneField, LineDecoder } from '../../src/codecs/codec.ts';
import { createNdjsonDecoder } from '../../src/codecs/ndjson.ts';
import { share } from '../tools/campaign.ts';

function field(
  name: string,
  kind: 'long' | 'double' | 'string' | 'boolean',
  used = true,
): LaneField {
  return { name, type: { kind }, source: [name], format: 'iso8601', required: false, used };
}

/** Decodes lines as they stand, the last one with or without its end. */
function decodeBy(decoder: LineDecoder, text: string | Buffer): Decoded {
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from('\n')]);
  const room = decoder.room(bytes.length);
  room.set(bytes);
  return decoder.decode(0, decoder.find(0, bytes.length).count);
}

function decode(text: string | Buffer, fields: readonly LaneField[]): Decoded {
  return decodeBy(createNdjsonDecoder(fields), text);
}

const FIELDS = [
  field('a', 'long'),
  field('b', 'double'),
  field('s', 'string'),
  field('t', 'boolean'),
];

function valuesOf({ columns }: Decoded, row: number): unknown[] {
  return columns.map((column) => {
    if (column.valid !== null && column.valid[row] === 0) return null;
    if (column.type === 'string') {
      return Buffer.from(column.bytes.subarray(column.starts[row], column.ends[row])).toString();
    }
    if (column.type === 'boolean') return column.values[row] === 1;
    return 'values' in column ? column.values[row] : undefined;
  });
}

const record = fc.record({
  a: fc.oneof(fc.constant(null), fc.maxSafeInteger()),
  b: fc.oneof(fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
  s: fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme' })),
  t: fc.oneof(fc.constant(null), fc.boolean()),
  other: fc.jsonValue({ maxDepth: 3 }),
});

describe('the NDJSON scanner', () => {
  test('gives the values that JSON.parse gives, whatever stands beside and around them', () => {
    fc.assert(
      fc.property(record, fc.constantFrom('', ' ', '\t '), (value, space) => {
        const line = JSON.stringify(value).replace(/^\{/, `${space}{${space}`);
        const decoded = decode(line, FIELDS);
        expect(decoded.bad).toEqual([]);
        const { a, b, s, t } = JSON.parse(line);
        expect(valuesOf(decoded, 0)).toEqual([a === null ? null : a + 0, b, s, t]);
      }),
      { numRuns: share(1500) },
    );
  });

  test('accepts a mutated line exactly when JSON.parse takes it as an object', () => {
    fc.assert(
      fc.property(record, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = Buffer.from(JSON.stringify({ other: value.other, s: value.s }));
        bytes[at % bytes.length] = byte === 10 ? 11 : byte;
        let whole = false;
        try {
          const parsed: unknown = JSON.parse(bytes.toString('utf8'));
          whole =
            typeof parsed === 'object' &&
            parsed !== null &&
            !Array.isArray(parsed) &&
            isUtf8(bytes);
        } catch {
          // not JSON
        }
        const fields = [field('zzz', 'long')];
        const decoded = decode(bytes, fields);
        const lone = decoded.bad.some(({ reason }) => reason === 'not-utf8');
        if (decoded.empty === 0 && !lone) expect(decoded.rows === 1).toBe(whole);
      }),
      { numRuns: share(3000) },
    );
  });

  test('the verdict does not depend on which fields are used', () => {
    const lines = [
      '{"a":1}',
      '{"a":1.5}',
      '{"a":"x"}',
      '{"b":1e3}',
      '{"s":5}',
      '{"t":0}',
      '{',
      '[1]',
      '3',
      '',
      '{"a":9007199254740993}',
      '{"a":1e3}',
      '{"a":1,"a":"x"}',
    ];
    const verdicts = [true, false].map((used) => {
      const fields = FIELDS.map((one) => ({ ...one, used }));
      const { bad, rows, empty } = decode(lines.join('\n'), fields);
      return { rows, empty, bad: bad.map(({ line, reason }) => [line, reason]) };
    });
    expect(verdicts[1]).toEqual(verdicts[0]);
    expect(verdicts[0].bad).toContainEqual([10, 'number-too-large']);
    expect(verdicts[0].bad).toContainEqual([1, 'wrong-type']);
  });
});
