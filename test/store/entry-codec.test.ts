/** Entries to bytes and back. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { getEntry, payloadOf, putEntry, RECORD_HEADER_BYTES } from '../../src/store/entry-codec.ts';
import type { Entry } from '../../src/stream/entry.ts';

function record(entry: Entry): Buffer {
  const payload = payloadOf(entry);
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + payload.length);
  putEntry(bytes, new DataView(bytes.buffer, bytes.byteOffset), 0, entry, payload, 77);
  return bytes;
}

function read(bytes: Buffer) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return getEntry(bytes, view, 0, bytes.length, 5);
}

const redirect = fc.record({
  kind: fc.constant('redirect' as const),
  exit: fc.nat(2 ** 32 - 1),
  sequence: fc.maxSafeNat(),
  reason: fc.constantFrom('rejected' as const, 'too-many-deliveries' as const),
  condition: fc.string(),
  description: fc.string({ unit: 'grapheme' }),
  bytes: fc.uint8Array({ maxLength: 100 }),
  size: fc.nat(2 ** 32 - 1),
});

const run = fc.record({
  kind: fc.constant('run' as const),
  vehicle: fc.nat(2 ** 32 - 1),
  run: fc.nat(2 ** 32 - 1),
});

test('the begin and the end of a run are read as they were written', () => {
  const begins = fc.tuple(run, fc.option(fc.maxSafeInteger(), { nil: null }));
  const ends = fc.tuple(run, fc.constantFrom('clean', 'failed', 'stopped'));
  fc.assert(
    fc.property(begins, ends, ([begun, planned], [over, outcome]) => {
      const began: Entry = { ...begun, phase: 'began', outcome: null, planned };
      expect(read(record(began))).toEqual({ ...began, lsn: 5, at: 77 });
      const ended: Entry = { ...over, phase: 'ended', outcome, planned: null };
      expect(read(record(ended))).toEqual({ ...ended, lsn: 5, at: 77 });
    }),
  );
});

describe('an entry that moves a message to the dead letter', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(redirect, (entry) => {
        const found = read(record(entry));
        expect(found).toEqual({ ...entry, bytes: Buffer.from(entry.bytes), lsn: 5, at: 77 });
      }),
    );
  });

  test('is no entry when its lengths or its reason make no sense', () => {
    const bytes = record({
      kind: 'redirect',
      exit: 1,
      sequence: 2,
      reason: 'rejected',
      condition: 'a:b',
      description: 'c',
      bytes: Buffer.from('d'),
      size: 1,
    });
    for (const at of [RECORD_HEADER_BYTES + 16, RECORD_HEADER_BYTES + 20]) {
      const longer = Buffer.from(bytes);
      longer[at] += 2;
      expect(read(longer)).toBeUndefined();
    }
    const unknown = Buffer.from(bytes);
    unknown[5] = 9;
    expect(read(unknown)).toBeUndefined();
  });
});

describe('an entry with the content of a table, or a piece of it', () => {
  test('is read as it was written', () => {
    const lookup = fc.record({
      kind: fc.constant('lookup' as const),
      table: fc.nat(2 ** 32 - 1),
      size: fc.nat(2 ** 32 - 1),
      offset: fc.nat(2 ** 32 - 1),
      hash: fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((b) => Buffer.from(b).toString('hex')),
      bytes: fc.uint8Array({ maxLength: 100 }),
    });
    fc.assert(
      fc.property(lookup, (entry) => {
        const found = read(record(entry));
        expect(found).toEqual({ ...entry, bytes: Buffer.from(entry.bytes), lsn: 5, at: 77 });
      }),
    );
  });

  test('is no entry when it is too short for its hash', () => {
    const entry = { kind: 'lookup', table: 1, size: 0, offset: 0, hash: '00'.repeat(31) } as const;
    expect(read(record({ ...entry, bytes: new Uint8Array(0) }))).toBeUndefined();
  });
});
