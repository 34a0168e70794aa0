/**
 * AMQP 1.0 values, each in its smallest form (part 1, section 1.6). A format: bytes in a hold are
 * compared, so a value always has the same bytes.
 */
import type { ByteArea } from './byte-area.ts';

const HIGH = 2 ** 32;
/** The upper half of the NaN that every NaN is written as. */
const QUIET_NAN = 0x7ff80000;

export function putNull(area: ByteArea): void {
  area.byte(0x40);
}

export function putBoolean(area: ByteArea, value: boolean): void {
  area.byte(value ? 0x41 : 0x42);
}

/** A whole number up to 2^53 in eight big-endian bytes. */
function putEight(area: ByteArea, value: number): void {
  area.reserve(8);
  area.view.setInt32(area.length, Math.floor(value / HIGH));
  area.view.setUint32(area.length + 4, value >>> 0);
  area.length += 8;
}

export function putUlong(area: ByteArea, value: number): void {
  if (value === 0) area.byte(0x44);
  else if (value < 256) {
    area.byte(0x53);
    area.byte(value);
  } else {
    area.byte(0x80);
    putEight(area, value);
  }
}

export function putLong(area: ByteArea, value: number): void {
  if (value >= -128 && value < 128) {
    area.byte(0x55);
    area.byte(value & 0xff);
  } else {
    area.byte(0x81);
    putEight(area, value);
  }
}

/**
 * A NaN has one set of bits here. A processor gives those of an operation a sign, a compiler that
 * computes it beforehand gives them none, so the same sum could otherwise differ from run to run.
 */
export function putDouble(area: ByteArea, value: number): void {
  area.reserve(9);
  area.bytes[area.length] = 0x82;
  if (Number.isNaN(value)) {
    area.view.setUint32(area.length + 1, QUIET_NAN);
    area.view.setUint32(area.length + 5, 0);
  } else {
    area.view.setFloat64(area.length + 1, value);
  }
  area.length += 9;
}

/** Milliseconds since the epoch, rounded down. */
export function putTimestamp(area: ByteArea, micros: number): void {
  area.byte(0x83);
  putEight(area, Math.floor(micros / 1000));
}

/** Code `small` with a length of one byte, `small + 0x10` with four. */
function putVariable(
  area: ByteArea,
  small: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  const size = to - from;
  area.reserve(size + 5);
  if (size < 256) {
    area.byte(small);
    area.byte(size);
  } else {
    area.byte(small + 0x10);
    area.view.setUint32(area.length, size);
    area.length += 4;
  }
  area.copy(bytes, from, to);
}

export function putString(area: ByteArea, bytes: Uint8Array, from = 0, to = bytes.length): void {
  putVariable(area, 0xa1, bytes, from, to);
}

export function putText(area: ByteArea, text: string): void {
  putString(area, Buffer.from(text, 'utf8'));
}

export function putSymbol(area: ByteArea, name: string): void {
  const bytes = Buffer.from(name, 'latin1');
  putVariable(area, 0xa3, bytes, 0, bytes.length);
}

export function putBinary(area: ByteArea, bytes: Uint8Array, from = 0, to = bytes.length): void {
  putVariable(area, 0xa0, bytes, from, to);
}

export function putUuid(area: ByteArea, hex: string): void {
  const bytes = Buffer.from(hex, 'hex');
  area.byte(0x98);
  area.copy(bytes, 0, bytes.length);
}

/** The beginning of a list (0xc0) or map (0xc1) whose size is known when it ends. */
export function beginCompound(area: ByteArea): number {
  area.reserve(9);
  area.length += 9;
  return area.length;
}

/**
 * Ends what `beginCompound` began at `start`: writes the head and moves the content up if one byte
 * is enough for size and count.
 * @param small 0xc0 for a list, 0xc1 for a map @param count elements; for a map keys and values
 */
export function endCompound(area: ByteArea, start: number, small: number, count: number): void {
  const size = area.length - start;
  const head = start - 9;
  if (small === 0xc0 && count === 0) {
    area.bytes[head] = 0x45;
    area.length = head + 1;
  } else if (size + 1 < 256 && count < 256) {
    area.bytes[head] = small;
    area.bytes[head + 1] = size + 1;
    area.bytes[head + 2] = count;
    area.bytes.copyWithin(head + 3, start, area.length);
    area.length = head + 3 + size;
  } else {
    area.bytes[head] = small + 0x10;
    area.view.setUint32(head + 1, size + 4);
    area.view.setUint32(head + 5, count);
  }
}
