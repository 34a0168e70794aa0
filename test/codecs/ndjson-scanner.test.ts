/** The scanner in WebAssembly against the reader in TypeScript: the same columns, NULLs and verdicts, whatever the lines. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decoded, LaneField, LineDecoder, TimestampFormat } from '../../src/codecs/codec.ts';
import { fieldTree } from '../../src/codecs/json-field.ts';
import { LineRoom } from '../../src/codecs/line-room.ts';
import { createNdjsonDecoder } from '../../src/codecs/ndjson.ts';
import { NdjsonScanner } from '../../src/codecs/ndjson-scanner.ts';
import { share } from '../tools/campaign.ts';

type Kind = 'long' | 'double' | 'string' | 'boolean' | 'timestamp';

function field(
  name: string,
  kind: Kind,
  format: TimestampFormat = 'iso8601',
  required = false,
): LaneField {
  return { name, type: { kind }, source: [name], format, required, used: true };
}

const LONG_KEY = 'a key of so many bytes that it takes more than one vector to compare';
const FIELDS = [
  field('a', 'long'),
  field('b', 'double'),
  field('s', 'string'),
  field('t', 'boolean'),
  field('seconds', 'timestamp', 'epoch_s'),
  field('millis', 'timestamp', 'epoch_ms'),
  field('micros', 'timestamp', 'epoch_us'),
  field('nanos', 'timestamp', 'epoch_ns'),
  field(LONG_KEY, 'string'),
  field('sixteen bytes ab', 'long'),
  field('schlüssel', 'string'),
  field('iso', 'timestamp', 'iso8601'),
];

function cellOf(decoded: Decoded, index: number, row: number): unknown {
  const column = decoded.columns[index];
  if (column.valid !== null && column.valid[row] === 0) return null;
  if (column.type === 'string') {
    return Buffer.from(column.bytes.subarray(column.starts[row], column.ends[row])).toString('hex');
  }
  return 'values' in column ? column.values[row] : undefined;
}

/** All that a decoder says of some bytes, taken out of its memory. */
function decode(decoder: LineDecoder, bytes: Uint8Array): unknown {
  const room = decoder.room(bytes.length);
  room.set(bytes);
  const { count, next } = decoder.find(0, bytes.length);
  const decoded = decoder.decode(0, count);
  const rows = Array.from({ length: decoded.rows }, (_, row) => [
    decoded.lines[row],
    ...decoded.columns.map((_column, index) => cellOf(decoded, index, row)),
  ]);
  return { rows, bad: decoded.bad, empty: decoded.empty, next };
}

const number = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(
      fc.stringMatching(/^-?\d{1,20}$/),
      fc.stringMatching(/^(\.\d{0,18})?([eE][+-]?\d{0,3})?$/),
    )
    .map((parts) => parts.join('')),
  fc.stringMatching(/^-?(0|[1-9]\d{0,9})\.\d{1,6}$/),
);
const digits = (count: number): fc.Arbitrary<string> =>
  fc.nat(10 ** count - 1).map((number) => String(number).padStart(count, '0'));
/** Years that the range ends in, days that some months lack, hours that there are not. */
const iso = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('0000', '0001', '1600', '1684', '1969', '1970', '2000', '2255', '2256'),
      digits(4),
    ),
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom('01', '02', '04', '12') }, digits(2)),
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('01', '05', '06', '28', '29', '30', '31') },
      digits(2),
    ),
    fc.constantFrom('T', 'T', ' ', 't'),
    fc.oneof(
      fc.constantFrom('00:00', '23:59', '23:47', '24:00', '11:60'),
      fc.tuple(digits(2), digits(2)).map((two) => two.join(':')),
    ),
    fc.oneof(
      fc.constantFrom(':00', ':59', ':60', ''),
      digits(2).map((text) => `:${text}`),
    ),
    fc.oneof(
      fc.constantFrom('', '.', '.5', '.740991', '.740992'),
      fc.stringMatching(/^\.\d{1,10}$/),
    ),
    fc.oneof(
      fc.constantFrom('', 'Z', 'z', '+00:00', '-18:00', '+18:01', '+0100', '-05', '+01:60'),
      fc
        .tuple(fc.constantFrom('+', '-'), digits(2), digits(2))
        .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
    ),
  )
  .map(
    ([year, month, day, between, ...rest]) => `${year}-${month}-${day}${between}${rest.join('')}`,
  );
/** What lies just on this side or the other of a rule. */
const edge = fc.constantFrom(
  ...['0', '-0', '00', '01', '-01', '0.5', '00.5', '.5', '5.', '-', '1e3', '1E-2', '0e', '+1'],
  ...[
    '999999999999999',
    '9007199254740991',
    '9007199254740993',
    '1234567.87654321',
    '0.000000000000001',
  ],
  ...['"\u001f"', '"\u007f"', '"\\"', '"\\""', '"\\n"', '"x" "y"', '"2000-02-29T00:00:00"'],
  ...['"1900-02-29T00:00:00"', '"2004-02-29T00:00:00Z"', '"2026-02-29T00:00:00Z"'],
);
const value = fc.oneof(
  { weight: 3, arbitrary: edge },
  { weight: 4, arbitrary: number },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.stringMatching(/^[ -!#-[\]-~]{0,40}$/).map((text) => `"${text}"`) },
  { weight: 2, arbitrary: iso.map((text) => `"${text}"`) },
  fc.constantFrom('true', 'false', 'null', 'nul', 'falsy', 'true1', '"\\ud800"', '"', ''),
  fc.jsonValue({ maxDepth: 2 }).map((any) => JSON.stringify(any)),
);
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...FIELDS.map(({ name }) => name)) },
  fc.constantFrom(
    '',
    'other',
    'A',
    'aa',
    'seconds ',
    'x'.repeat(94),
    'x'.repeat(95),
    'x'.repeat(96),
  ),
);
const space = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom(' ', '  ', '\t', '\r', ' \t '),
);

/** Members of the types that the fields want, mostly in their order, as programs write them. */
const honest = fc
  .record(
    {
      a: fc.oneof(fc.maxSafeInteger(), fc.constant(null)),
      b: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer().map((n) => n / 100),
      ),
      s: fc.string({ unit: 'grapheme' }),
      t: fc.boolean(),
      seconds: fc.integer(),
      millis: fc.integer({ min: 0, max: 2e12 }),
      micros: fc.maxSafeInteger(),
      nanos: fc.maxSafeInteger(),
      [LONG_KEY]: fc.string(),
      'sixteen bytes ab': fc.integer(),
      schlüssel: fc.string({ unit: 'grapheme' }),
      iso: fc.oneof(
        iso,
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
      other: fc.oneof(fc.string(), fc.double(), fc.boolean()),
    },
    { requiredKeys: ['a', 's', 'millis'] },
  )
  .map((record) => JSON.stringify(record));
const members = fc
  .array(fc.tuple(key, space, space, value, space), { maxLength: 8 })
  .map((all) =>
    all
      .map(
        ([name, before, after, text, end]) =>
          `${JSON.stringify(name)}${before}:${after}${text}${end}`,
      )
      .join(','),
  );
/** Not more than one thing is wrong: else the other faults would hide what is made of it. */
const oneMember = fc.tuple(key, value).map(([name, text]) => `{${JSON.stringify(name)}:${text}}`);
const oneMore = fc
  .tuple(key, value, honest)
  .map(([name, text, rest]) => `{${JSON.stringify(name)}:${text},${rest.slice(1)}`);
const line = fc.oneof(
  { weight: 5, arbitrary: oneMember },
  { weight: 5, arbitrary: oneMore },
  { weight: 3, arbitrary: iso.map((text) => `{"iso":"${text}"}`) },
  { weight: 5, arbitrary: honest },
  {
    weight: 5,
    arbitrary: fc
      .tuple(space, members, space)
      .map(([before, text, after]) => `${before}{${text}}${after}`),
  },
  fc.constantFrom(
    '',
    ' ',
    '{}',
    '{ }',
    '[]',
    '1',
    '{"a":1}}',
    '{"a":1},',
    '{"a":1',
    '{"a"',
    '{"a":1,}',
    '{"s":"',
    '{,}',
  ),
);
/** A byte put in the place of another, or none. */
const mutation = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(), fc.nat(255)) },
);

describe('the NDJSON scanner in WebAssembly', () => {
  test('gives what the reader gives, verdicts included, whatever it has read before', () => {
    for (const [required, closed] of [
      [false, false],
      [true, false],
      [false, true],
    ]) {
      const fields = FIELDS.map((one, i) => ({ ...one, required: required && i < 3 }));
      const fast = createNdjsonDecoder(fields, closed);
      const slow = createNdjsonDecoder(fields, closed, false);
      fc.assert(
        fc.property(
          fc.array(fc.tuple(line, mutation), { maxLength: 6 }),
          fc.constantFrom('\n', '\r\n'),
          (lines, end) => {
            const bytes = Buffer.concat(
              lines.map(([text, change]) => {
                const each = Buffer.from(text + end);
                if (change !== null) each[change[0] % each.length] = change[1];
                return each;
              }),
            );
            expect(decode(fast, bytes)).toEqual(decode(slow, bytes));
          },
        ),
        { numRuns: share(2500) },
      );
    }
  });

  test('gives what the reader gives where its memory has to grow, and afterwards', () => {
    const fast = createNdjsonDecoder(FIELDS);
    const slow = createNdjsonDecoder(FIELDS, false, false);
    for (const size of [10, 300_000, 20, 2_000_000, 30]) {
      const bytes = Buffer.from(`{"a":${size},"s":"${'x'.repeat(size)}"}\n{"a":-1,"other":"y"}\n`);
      expect(decode(fast, bytes)).toEqual(decode(slow, bytes));
    }
  });

  test('gives what the reader gives while it leaves whole batches to it, and when it takes lines again', () => {
    const fast = createNdjsonDecoder(FIELDS);
    const slow = createNdjsonDecoder(FIELDS, false, false);
    const odd = '{"s":"an escape: \\t","a":1}\n'.repeat(40);
    const plain = '{"s":"none","a":2}\n'.repeat(40);
    for (const text of [
      odd,
      ...Array.from({ length: 20 }, () => plain + odd.slice(0, 100)),
      odd,
      plain,
    ]) {
      expect(decode(fast, Buffer.from(text))).toEqual(decode(slow, Buffer.from(text)));
    }
    const { nodes } = fieldTree(FIELDS);
    const scanner = NdjsonScanner.over(FIELDS, nodes);
    scanner?.end(40, 40);
    const begun = Array.from({ length: 17 }, () => scanner?.begin());
    expect(begun.filter((scans) => scans === false)).toHaveLength(15);
    expect(begun[15]).toBe(true);
  });

  test('does not read on behind the end of a line, whatever stands there', () => {
    for (const rest of ['5}', '"}', ' }', '1', '', 'e}', '.5}']) {
      for (const text of ['{"a":1', '{"s":"x', '{"a":1,"b":', '{"b":0', '{"t":tru']) {
        const results = [true, false].map((fast) => {
          const decoder = createNdjsonDecoder(FIELDS, false, fast);
          decoder.room(100).set(Buffer.from(text + rest));
          decoder.starts[0] = 0;
          decoder.ends[0] = text.length;
          return decoder.decode(0, 1).bad;
        });
        expect(results[0]).toEqual(results[1]);
        expect(results[0]).toHaveLength(1);
      }
    }
  });

  test('takes plain lines itself, in any order and with white space, and stops at what is not plain', () => {
    const { nodes } = fieldTree(FIELDS);
    const scanner = NdjsonScanner.over(FIELDS, nodes);
    const lines = [
      '{"a":1,"b":-2.25,"s":"text","t":true,"seconds":1,"millis":2,"micros":3,"nanos":4567,"iso":"2026-02-28T23:59:59.25+01:00"}',
      '{ "s": "Grüße", "schlüssel": "ä", "a": -999999999999999, "t": false }',
      `{"${LONG_KEY}":"x","sixteen bytes ab":12345678,"unknown":[]}`,
      `{"a":null,"other":-0.5,"another":null,"${LONG_KEY}":"x"}`,
      '{"s":"an escape: \\n"}',
    ];
    const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
    const room = scanner?.room(bytes.length);
    room?.set(bytes);
    expect(scanner?.find(0, bytes.length).count).toBe(lines.length);
    expect(scanner?.scan(0, 5, 0)).toBe(2);
    expect(scanner?.scan(3, 5, 2)).toBe(4);
    expect([...(scanner?.lines.subarray(0, 3) ?? [])]).toEqual([0, 1, 3]);
  });

  test('leaves lines with other keys alone where there may be none', () => {
    const scanner = NdjsonScanner.over(FIELDS, fieldTree(FIELDS).nodes, true);
    const bytes = Buffer.from(
      '{"a":1}\n{"s":"x","a":2}\n{"a":3,"other":1}\n{"other":2}\n{"b":4}\n',
    );
    scanner?.room(bytes.length).set(bytes);
    scanner?.find(0, bytes.length);
    expect(scanner?.scan(0, 5, 0)).toBe(2);
    expect(scanner?.scan(3, 5, 2)).toBe(3);
    expect(scanner?.scan(4, 5, 2)).toBe(5);
  });

  test('finds the lines that are found byte by byte, however many there are', () => {
    const scanner = NdjsonScanner.over(FIELDS, fieldTree(FIELDS).nodes);
    const other = new LineRoom();
    const text = fc.array(fc.constantFrom('\n', '\r\n', '\r', 'x', 'yy'.repeat(9)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        text,
        fc.nat(20),
        fc.nat(20),
        fc.constantFrom(1, 400),
        (parts, skip, cut, times) => {
          const bytes = Buffer.from(parts.join('').repeat(times));
          const from = Math.min(skip, bytes.length);
          const to = Math.max(from, bytes.length - cut);
          const found = [scanner, other].map((lines) => {
            lines?.room(bytes.length).set(bytes);
            const { count, next } = lines?.find(from, to) ?? { count: 0, next: 0 };
            return {
              count,
              next,
              starts: lines?.starts.slice(0, count),
              ends: lines?.ends.slice(0, count),
            };
          });
          expect(found[0]).toEqual(found[1]);
        },
      ),
      { numRuns: share(500) },
    );
  });

  test('is not used for fields that it does not know', () => {
    const over = (...fields: LaneField[]): unknown =>
      NdjsonScanner.over(fields, fieldTree(fields).nodes);
    const one = field('a', 'long');
    expect(over(one, { ...one, name: 'b', source: ['b', 'c'] })).toBeNull();
    expect(over(one, { ...one, name: 'b' })).toBeNull();
    expect(
      over(one, { ...one, name: 'b', source: ['b'], type: { kind: 'array', element: one.type } }),
    ).toBeNull();
    expect(over(one, field('x'.repeat(96), 'long'))).toBeNull();
    expect(over(...Array.from({ length: 65 }, (_, i) => field(`f${i}`, 'long')))).toBeNull();
    expect(over(one)).not.toBeNull();
  });
});
