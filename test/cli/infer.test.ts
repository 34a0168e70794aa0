/** `infer`: what is printed is valid, and reads the sample without a bad record. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { infer } from '../../src/cli/infer.ts';
import { createDecoder } from '../../src/codecs/index.ts';
import { inferCsv } from '../../src/codecs/infer-csv.ts';
import { inferFields } from '../../src/codecs/infer-fields.ts';
import { inferredText } from '../../src/topology/inferred-text.ts';
import { share } from '../tools/campaign.ts';
import { Place } from '../tools/product.ts';
import { capture } from '../tools/streams.ts';
import { flowOf } from '../tools/topology-of.ts';

let place: Place;
beforeAll(() => {
  place = new Place('');
});
afterAll(() => place.remove());

function bytesOf(records: readonly unknown[]): Uint8Array {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** A flow whose one lane is what `infer` printed. */
function flowWith(printed: string) {
  const lane = printed.replace(/^(?=.)/gm, '        ');
  return flowOf(
    `version: 1\nname: inferred\nvehicles:\n  v:\n    lanes:\n      l:\n        listen: 0\n${lane}exits:\n  e: { from: l, for: v }\n`,
  );
}

function badIn(bytes: Uint8Array, printed: string): readonly object[] {
  const { plan } = flowWith(printed);
  const decoder = createDecoder(plan.lanes[0].codec);
  decoder.room(bytes.length).set(bytes);
  const { count } = decoder.find(0, bytes.length);
  const header = decoder.readHeader?.(0) ?? null;
  return decoder.decode(header === null ? 0 : 1, count, header).bad;
}

function inferred(...records: readonly unknown[]): string {
  return inferredText(inferFields(bytesOf(records)));
}

const keys = fc.oneof(
  fc.constantFrom(
    'id',
    'at',
    'paid_at',
    'ts_ms',
    'tags',
    'x_note',
    'null',
    '1',
    'true',
    'a b',
    'a: b',
    '- x',
    '#',
    '',
    '_time',
    '__proto__',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const scalars = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    1.5,
    1e3,
    -7,
    1e300,
    2 ** 53,
    1767225600,
    1767225600000,
    1767225600000000,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom('', 'north', '2026-01-01', '2026-01-01T00:00:00Z', '2026-01-01 10:00'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
  ),
}));
/** Records of a few keys, most of them of one kind, as real ones are. */
const kinds = fc.constantFrom(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('2026-01-01', '2026-01-01T00:00:00.25Z', '2026-01-01 10:00+02:00'),
  fc.constantFrom(1767225600, 1767225601.5),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.dictionary(keys, scalars, { maxKeys: 3 }),
  values,
);
const samples = fc
  .uniqueArray(keys, { minLength: 1, maxLength: 5 })
  .chain((names) => fc.tuple(fc.constant(names), fc.tuple(...names.map(() => kinds))))
  .chain(([names, chosen]) =>
    fc.array(
      fc
        .tuple(...chosen.map((kind) => fc.option<unknown>(kind, { freq: 6 })))
        .map((all) => Object.fromEntries(names.map((name, i) => [name, all[i]]))),
      { minLength: 1, maxLength: 12 },
    ),
  );

describe('infer', () => {
  test('what it prints is a valid lane, and reads the sample without a bad record', () => {
    let read = 0;
    fc.assert(
      fc.property(samples, (records) => {
        const bytes = bytesOf(records);
        const found = inferFields(bytes);
        expect(found.records).toBe(records.length);
        if (found.fields.length === 0) return;
        expect(badIn(bytes, inferredText(found))).toEqual([]);
        read++;
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test('a time that goes back by decades is none to go by', () => {
    expect(inferred({ paid_at: 1810684800 }, { paid_at: 946684800 })).not.toContain('event_time');
    expect(inferred({ paid_at: 946684800 }, { paid_at: 1810684800 })).toContain('event_time');
  });

  test('types, and what is null or missing', () => {
    const text = inferred(
      { id: 1, price: 1, ok: true, tags: ['a'], place: { lat: 1.5, 'street no': 7 }, note: null },
      { id: 2, price: 2.5, ok: false, tags: [], place: { lat: 2 }, mixed: 1 },
      { id: 3, price: 3, place: null, mixed: 'x' },
    );
    expect(text).toContain('  id: long\n');
    expect(text).toContain('  price: double\n');
    expect(text).toContain('  ok: boolean # null or missing in 1 of 3\n');
    expect(text).toContain('  tags: array<string> # null or missing in 1 of 3\n');
    expect(text).toContain(
      'place: "struct<lat: double, `street no`: long>" # null or missing in 1 of 3',
    );
    expect(text).toContain('# without "note": it is always null');
    expect(text).toContain('# without "mixed": it is now number, now string');
    expect(text).toContain('# always there: ["id","price"]');
  });

  test('a number is a time only if its name says so, and all of it fits one unit', () => {
    const at = (name: string, ...numbers: number[]) =>
      inferFields(bytesOf(numbers.map((one) => ({ [name]: one })))).fields.map(
        ({ type, format }) => (type.kind === 'timestamp' ? format : type.kind),
      )[0];
    expect(at('paid_at', 1767225600)).toBe('epoch_s');
    expect(at('createdAt', 1767225600000)).toBe('epoch_ms');
    expect(at('ts_us', 1767225600000000)).toBe('epoch_us');
    expect(at('time', 1767225600000000000)).toBe('epoch_ns');
    expect(at('id', 1767225600000)).toBe('long');
    expect(at('format', 1767225600000)).toBe('long');
    expect(at('paid_at', 1767225600000, 17)).toBe('long');
    expect(at('ts_s', 1767225600000)).toBe('long');
    expect(at('at', 1767225600.25)).toBe('epoch_s');
  });

  test('the time that is always there and most in order is suggested, with the delay it needs', () => {
    const text = inferred(
      { a: '2026-01-01T00:00:00Z', b: '2026-01-01T00:00:00Z', c: null },
      { a: '2025-01-01T00:00:00Z', b: '2026-01-01T00:00:09Z', c: '2026-01-01' },
      { a: '2026-01-01T00:00:01Z', b: '2026-01-01T00:00:01.500Z', c: '2026-01-01' },
    );
    expect(text).toContain('event_time: { field: b, max_delay: 8s } # out of order by up to 8s');
    expect(inferred({ at: '2026-01-01' })).toContain('event_time: at # in order in the sample');
  });

  test('CSV: what it prints is a valid lane, and reads the sample without a bad record', () => {
    const cells = fc.oneof(
      fc.constantFrom('', '1', '-2.5', 'true', '2026-01-01', '1767225600', 'north', '007', '""'),
      fc.string({ unit: fc.constantFrom('a', '"', ';', ' ', '1', '.') }).map((text) => {
        return `"${text.replaceAll('"', '""')}"`;
      }),
    );
    const tables = fc
      .tuple(
        fc.uniqueArray(fc.constantFrom('id', 'paid_at', 'a b', 'x.y', '"q""q"', '1', 'null'), {
          minLength: 1,
        }),
        fc.constantFrom(',', ';', '\t', '|'),
      )
      .chain(([names, mark]) =>
        fc
          .array(fc.tuple(...names.map(() => cells)), { minLength: 1, maxLength: 12 })
          .map((rows) => [names, ...rows].map((row) => `${row.join(mark)}\r\n`).join('')),
      );
    let read = 0;
    fc.assert(
      fc.property(tables, (text) => {
        const bytes = Buffer.from(text);
        const found = inferCsv(bytes);
        expect(found.bad).toBe(0);
        if (found.fields.length === 0) return;
        expect(badIn(bytes, inferredText(found))).toEqual([]);
        read++;
      }),
      { numRuns: share(150) },
    );
    expect(read).toBeGreaterThan(share(30));
  });

  test('a file of CSV: its delimiter, types, and what is empty', () => {
    const file = join(place.folder, 'sample.csv');
    const rows = ['7;2,5;true;1767225600;', '8;3;;1767225601;', '9;4;false;1767225600;x', 'short'];
    writeFileSync(file, ['id;Preis (EUR);ok;paid_at;note', ...rows].join('\n'));
    const { streams, printed } = capture();
    expect(infer(file, streams)).toBe(0);
    expect(printed.out).toBe(`# from 3 records, and 1 line that is none
# always there: ["id","Preis (EUR)","paid_at"]; what must be, goes under required

codec:
  csv:
    delimiter: ;
fields:
  id: long
  Preis (EUR): string
  ok: boolean # null or missing in 1 of 3
  paid_at: { type: timestamp, format: epoch_s }
  note: string # null or missing in 2 of 3
event_time: { field: paid_at, max_delay: 1s } # out of order by up to 1s in the sample
`);
    writeFileSync(file, 'a,a\n1,2\n');
    expect(() => infer(file, streams)).toThrow(
      expect.objectContaining({ message: 'the first line is no header: two columns are called a' }),
    );
  });

  test('a file: bad lines are counted, a last line without its end is read, nothing to guess is exit 1', () => {
    const file = join(place.folder, 'sample.ndjson');
    writeFileSync(file, 'no json\n{"id": 1}\n[1]\n\n{"id": 2}');
    const { streams, printed } = capture();
    expect(infer(file, streams)).toBe(0);
    expect(printed.out).toContain('# from 2 records, and 2 lines that are none');
    expect(printed.out).toContain('id: long');
    writeFileSync(file, 'nothing\n');
    expect(infer(file, streams)).toBe(1);
    expect(printed.err).toContain('no field in 0 records');
    expect(() => infer(join(place.folder, 'none'), streams)).toThrow(
      expect.objectContaining({ slug: 'file-unreadable' }),
    );
  });
});
