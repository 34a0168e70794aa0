/** Digests, checksums and base 64, against Node's own and the published values. */

import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBase64, writeBase64, writtenLength } from '../../src/sql/base64.ts';
import { differences, type Value } from './table.ts';

function ofText(f: (s: string) => Value): (value: Value) => Value {
  return (value) => (value === null ? null : f(String(value)));
}

test('md5 and sha2', () => {
  const digest = (name: string) => ofText((s) => createHash(name).update(s, 'utf8').digest('hex'));
  expect(differences('md5(s)', (row) => digest('md5')(row.s))).toEqual([]);
  for (const bits of [224, 256, 384, 512]) {
    expect(differences(`sha2(s, ${bits})`, (row) => digest(`sha${bits}`)(row.s))).toEqual([]);
  }
  expect(differences('sha2(s, 0)', (row) => digest('sha256')(row.s))).toEqual([]);
  expect(differences('sha2(s, 1)', () => null)).toEqual([]);
  expect(differences('sha2(s, NULL)', () => null)).toEqual([]);
});

/** Bit by bit, as the polynomial says. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('crc32', () => {
  const crc = ofText((s) => checksum(Buffer.from(s)));
  expect(differences('crc32(s)', (row) => crc(row.s))).toEqual([]);
  expect(differences("crc32('123456789')", () => 0xcbf43926)).toEqual([]);
});

test('base64 of the bytes of a text', () => {
  const base64 = ofText((s) => Buffer.from(s).toString('base64'));
  expect(differences('base64(s)', (row) => base64(row.s))).toEqual([]);
  expect(differences("base64(repeat('a', 786432)) IS NULL", () => false)).toEqual([]);
  expect(differences("base64(repeat('a', 786433)) IS NULL", () => true)).toEqual([]);
});

test('unbase64 is NULL where no text is said', () => {
  expect(differences('unbase64(base64(s))', (row) => row.s)).toEqual([]);
  for (const [text, value] of [
    ['YWI=', 'ab'],
    ['YWI', 'ab'],
    ['YQ', 'a'],
    ['Y Q\t=-=', null],
    ['Y.Q==', 'a'],
    ['YQ==\n', 'a'],
    ['', ''],
    ['!?', ''],
    ['Y', null],
    ['YQ=', null],
    ['YWJj=', null],
    ['=', null],
    ['YQ==YQ==', null],
    ['/w==', null],
  ] as const) {
    const quoted = text.replace('\t', '\\t').replace('\n', '\\n');
    expect([text, differences(`unbase64('${quoted}')`, () => value)]).toEqual([text, []]);
  }
});

test('any bytes come back from base 64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = new Uint8Array(writtenLength(bytes.length));
      expect(writeBase64(text, 0, bytes, 0, bytes.length)).toBe(text.length);
      expect(Buffer.from(text).toString()).toBe(Buffer.from(bytes).toString('base64'));
      const back = new Uint8Array(text.length);
      const end = readBase64(back, 0, text, 0, text.length);
      expect([...back.subarray(0, end)]).toEqual([...bytes]);
    }),
  );
});
