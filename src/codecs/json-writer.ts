/**
 * Values as JSON text, written as bytes: longs as exact digits, timestamps as ISO 8601 in UTC with 0, 3
 * or 6 digits of fraction, NaN and infinities as null.
 */
import type { Column } from '../stream/column.ts';
import { formatInstant } from '../stream/time.ts';
import type { ByteArea } from './byte-area.ts';

const HEX = '0123456789abcdef';
const NULL_TEXT = Buffer.from('null');
const TRUE_TEXT = Buffer.from('true');
const FALSE_TEXT = Buffer.from('false');
/** JSON's own short escapes, by byte. */
const SHORT: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x08, 0x62],
  [0x0c, 0x66],
  [0x0a, 0x6e],
  [0x0d, 0x72],
  [0x09, 0x74],
]);

function writeAscii(area: ByteArea, text: string): void {
  area.reserve(text.length);
  for (let i = 0; i < text.length; i++) area.bytes[area.length++] = text.charCodeAt(i);
}

/** A quoted, escaped string of bytes[from..to). */
function writeJsonString(area: ByteArea, bytes: Uint8Array, from: number, to: number): void {
  area.reserve(6 * (to - from) + 2);
  const { bytes: out } = area;
  let at = area.length;
  out[at++] = 0x22;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) {
      out[at++] = byte;
      continue;
    }
    out[at++] = 0x5c;
    const short = SHORT.get(byte);
    if (short !== undefined) {
      out[at++] = short;
      continue;
    }
    out[at++] = 0x75;
    out[at++] = 0x30;
    out[at++] = 0x30;
    out[at++] = HEX.charCodeAt(byte >> 4);
    out[at++] = HEX.charCodeAt(byte & 15);
  }
  out[at++] = 0x22;
  area.length = at;
}

/** A safe integer, digit by digit. */
function writeWhole(area: ByteArea, value: number): void {
  area.reserve(20);
  let left = Math.abs(value);
  let digits = 1;
  for (let power = 10; power <= left; power *= 10) digits++;
  if (value < 0) area.bytes[area.length++] = 0x2d;
  for (let i = area.length + digits - 1; i >= area.length; i--) {
    const next = Math.floor(left / 10);
    // The digit first: 0x30 more than a number near 2^53 is none.
    area.bytes[i] = 0x30 + (left - next * 10);
    left = next;
  }
  area.length += digits;
}

/** One row of these columns as an object. */
export function writeJsonObject(
  area: ByteArea,
  columns: readonly Column[],
  { keys, fields }: Names,
  row: number,
): void {
  area.byte(0x7b);
  for (let i = 0; i < keys.length; i++) {
    if (i > 0) area.byte(0x2c);
    area.copy(keys[i], 0, keys[i].length);
    writeJsonValue(area, columns[i], fields[i], row);
  }
  area.byte(0x7d);
}

function writeJsonValue(area: ByteArea, column: Column, names: Names, row: number): void {
  if (column.valid !== null && column.valid[row] === 0) {
    area.copy(NULL_TEXT, 0, 4);
    return;
  }
  switch (column.type) {
    case 'boolean': {
      const text = column.values[row] === 1 ? TRUE_TEXT : FALSE_TEXT;
      area.copy(text, 0, text.length);
      break;
    }
    case 'long':
    case 'interval':
      writeWhole(area, column.values[row]);
      break;
    case 'double': {
      const value = column.values[row];
      writeAscii(area, Number.isFinite(value) ? String(value) : 'null');
      break;
    }
    case 'timestamp':
      writeAscii(area, `"${formatInstant(column.values[row])}"`);
      break;
    case 'string':
      writeJsonString(area, column.bytes, column.starts[row], column.ends[row]);
      break;
    case 'array': {
      area.byte(0x5b);
      const first = column.starts[row];
      for (let i = 0; i < column.lengths[row]; i++) {
        if (i > 0) area.byte(0x2c);
        writeJsonValue(area, column.element, names.element ?? names, first + i);
      }
      area.byte(0x5d);
      break;
    }
    case 'struct':
      writeJsonObject(area, column.fields, names, row);
      break;
  }
}

/** The names inside a type, encoded as a format writes them: in JSON with their colon, `"a":`. */
export interface Names {
  readonly keys: readonly Uint8Array[];
  readonly fields: readonly Names[];
  readonly element?: Names;
}

export function jsonKey(name: string): Uint8Array {
  return Buffer.from(`${JSON.stringify(name)}:`, 'utf8');
}
