/** What our reader makes of a message against what another library makes of it. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import { createDeadLetterEncoder, DEAD_LETTER_FIELDS } from '../../src/codecs/dead-letter.ts';
import { type ReadValue, readMessage } from '../../src/codecs/message-reader.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { AT, bodiesOf, encode, field, STREAM, table } from './message-world.ts';

/** As rhea shows values: numbers are numbers, maps are objects. */
function shown(value: ReadValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, one]) => [name, shown(one)]));
  }
  return (value as readonly ReadValue[]).map(shown);
}

test('a map is read as a receiver reads it, its fields in order', () => {
  fc.assert(
    fc.property(table, ({ fields, rows }) => {
      for (const body of encode('map', fields, rows)) {
        const read = readMessage(body);
        expect(shown(read)).toEqual(rhea.message.decode(body)['body']);
        expect([...read.keys()]).toEqual(fields.map(({ name }) => name));
      }
    }),
    { numRuns: 400 },
  );
});

test('a JSON text is read as what it says', () => {
  const fields = [field('n', LONG), field('s', STRING)];
  const [body] = encode('json', fields, [[2 ** 53 - 1, 'ä"\n']]);
  expect(shown(readMessage(body))).toEqual({ n: 2 ** 53 - 1, s: 'ä"\n' });
});

test('a text is the one field it is the body of', () => {
  const fields = [field('line', STRING)];
  const bodies = encode('text', fields, [['ä"\n'], [null]]);
  expect(bodies.map((body) => shown(readMessage(body, 'line')))).toEqual([
    { line: 'ä"\n' },
    { line: null },
  ]);
});

test('a dead letter has the fields that are told of it', () => {
  const letter = {
    reason: 'not-json' as const,
    detail: 'd',
    element: 'lane',
    at: AT,
    connection: 300,
    line: 7,
    id: null,
    bytes: Buffer.from('x'.repeat(300)),
    size: 300,
  };
  const encoder = createDeadLetterEncoder(STREAM);
  const [body] = bodiesOf(encoder.encode(letter, 1, AT, 5));
  const read = readMessage(body);
  expect([...read.keys()]).toEqual(DEAD_LETTER_FIELDS.map(({ name }) => name));
  expect(shown(read)).toEqual(rhea.message.decode(body)['body']);
});
