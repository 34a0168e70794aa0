/** Functions that make other texts and numbers of a text's bytes: digests, checksums, base 64. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { StringColumn } from '../stream/column.ts';
import { LONG, STRING } from '../stream/schema.ts';
import { readBase64, writeBase64, writtenLength } from './base64.ts';
import { type FunctionDefinition, fixed } from './function.ts';
import { numberColumn, numbers, texts } from './kernel.ts';
import type { Scratch } from './scratch.ts';

function bytesOf({ bytes, starts, ends }: StringColumn, row: number): Uint8Array {
  return bytes.subarray(starts[row], ends[row]);
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

const md5 = fixed(
  {
    name: 'md5',
    doc: 'The MD5 digest of the UTF-8 bytes, as 32 hexadecimal digits; no protection against anybody.',
    example: { text: "md5('a')", gives: "'0cc175b9c0f1b6a831c399e269772661'" },
    params: [STRING],
    result: STRING,
  },
  () =>
    ([a], rows, out) => {
      const source = texts(a);
      return out.texts(rows, (row) => {
        out.appendText(digest('md5', bytesOf(source, row)));
        return true;
      });
    },
);

/** By how many bits are asked for. */
const SHA2: ReadonlyMap<number, string> = new Map([
  [0, 'sha256'],
  [224, 'sha224'],
  [256, 'sha256'],
  [384, 'sha384'],
  [512, 'sha512'],
]);

const sha2 = fixed(
  {
    name: 'sha2',
    doc: 'The SHA-2 digest of the UTF-8 bytes with 224, 256 (also for 0), 384 or 512 bits, as hexadecimal digits; NULL for other numbers.',
    example: {
      text: "left(sha2('a', 256), 16)",
      gives: "'ca978112ca1bbdca'",
    },
    params: [STRING, LONG],
    result: STRING,
    fails: true,
  },
  () =>
    ([a, b], rows, out) => {
      const source = texts(a);
      const bits = numbers(b);
      return out.texts(rows, (row) => {
        const algorithm = SHA2.get(bits[row]);
        if (algorithm === undefined) return false;
        out.appendText(digest(algorithm, bytesOf(source, row)));
        return true;
      });
    },
);

const crc = fixed(
  {
    name: 'crc32',
    doc: 'The CRC-32 of the UTF-8 bytes, as zip and gzip have it.',
    example: { text: "crc32('a')", gives: '3904355907' },
    params: [STRING],
    result: LONG,
  },
  () =>
    ([a], rows, out) => {
      const source = texts(a);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        values[i] = crc32(bytesOf(source, i));
      }
      return numberColumn(LONG, values, out.valid);
    },
);

const base64 = fixed(
  {
    name: 'base64',
    doc: 'The UTF-8 bytes in base 64, in one line; NULL beyond 1 MiB.',
    example: { text: "base64('añ')", gives: "'YcOx'" },
    params: [STRING],
    result: STRING,
    fails: true,
  },
  () =>
    ([a], rows, out) => {
      const { bytes, starts, ends } = texts(a);
      return out.texts(rows, (row) => {
        if (!out.reserve(writtenLength(ends[row] - starts[row]))) return false;
        out.used = writeBase64(out.bytes, out.used, bytes, starts[row], ends[row]);
        return true;
      });
    },
);

function appendUnbase64({ bytes, starts, ends }: StringColumn, row: number, out: Scratch): boolean {
  out.makeRoom(ends[row] - starts[row]);
  const end = readBase64(out.bytes, out.used, bytes, starts[row], ends[row]);
  if (end < 0 || !isUtf8(out.bytes.subarray(out.used, end))) return false;
  out.used = end;
  return true;
}

const unbase64 = fixed(
  {
    name: 'unbase64',
    doc: 'The text whose UTF-8 bytes stand there in base 64, characters of no meaning left out; NULL where they are no text.',
    example: { text: "unbase64('YcOx')", gives: "'añ'" },
    params: [STRING],
    result: STRING,
    fails: true,
  },
  () =>
    ([a], rows, out) => {
      const source = texts(a);
      return out.texts(rows, (row) => appendUnbase64(source, row, out));
    },
);

export const hashFunctions: readonly FunctionDefinition[] = [md5, sha2, crc, base64, unbase64];
