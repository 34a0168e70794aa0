/**
 * What is too rare for the fast way: strings with escapes, and numbers that a double cannot hold
 * exactly while their digits are read. The input has been checked as JSON; the answers are those of
 * JSON.parse, but for numbers beyond 2^53, which stay exact.
 */
import type { ByteArea } from './byte-area.ts';
import { hexDigit } from './json-text.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Digits of 2^63: a number with more before its point is no long. */
const INT64_DIGITS = 19;

const PLAIN_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/** Appends the text of the string bytes[from .. to) (no quotes) as UTF-8. It holds no lone surrogate. */
export function appendUnescaped(bytes: Uint8Array, from: number, to: number, into: ByteArea): void {
  let at = from;
  while (at < to) {
    const mark = bytes.indexOf(BACKSLASH, at);
    if (mark < 0 || mark >= to) break;
    into.copy(bytes, at, mark);
    const letter = bytes[mark + 1];
    if (letter === LETTER_U) {
      at = appendUnit(bytes, mark, into);
    } else {
      into.byte(PLAIN_ESCAPES.get(letter) ?? letter);
      at = mark + 2;
    }
  }
  into.copy(bytes, at, to);
}

/** @returns the position behind the \u mark, or the pair of them, at `at` */
function appendUnit(bytes: Uint8Array, at: number, into: ByteArea): number {
  const unit = hexUnit(bytes, at + 2);
  if (unit < 0x80) {
    into.byte(unit);
  } else if (unit < 0x800) {
    into.byte(0xc0 | (unit >> 6));
    into.byte(0x80 | (unit & 0x3f));
  } else if (unit < 0xd800 || unit > 0xdfff) {
    into.byte(0xe0 | (unit >> 12));
    into.byte(0x80 | ((unit >> 6) & 0x3f));
    into.byte(0x80 | (unit & 0x3f));
  } else {
    const point = 0x10000 + ((unit - 0xd800) << 10) + hexUnit(bytes, at + 8) - 0xdc00;
    into.byte(0xf0 | (point >> 18));
    into.byte(0x80 | ((point >> 12) & 0x3f));
    into.byte(0x80 | ((point >> 6) & 0x3f));
    into.byte(0x80 | (point & 0x3f));
    return at + 12;
  }
  return at + 6;
}

function hexUnit(bytes: Uint8Array, at: number): number {
  let unit = 0;
  for (let i = at; i < at + 4; i++) unit = unit * 16 + hexDigit(bytes[i]);
  return unit;
}

/** A decimal number, exactly: the greatest integer not above it, and whether something is left over. */
export interface Whole {
  readonly whole: bigint;
  readonly fraction: boolean;
}

/**
 * @param text a JSON number
 * @returns text * 10^scale; undefined when that lies far outside int64
 */
export function exactWhole(text: string, scale: number): Whole | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, integer, decimals = '', exponent = '0'] = match;
  const digits = (integer + decimals).replace(/^0+/, '');
  if (digits === '') return { whole: 0n, fraction: false };
  const power = Number(exponent) + scale - decimals.length;
  if (digits.length + power > INT64_DIGITS) return undefined;
  const kept = power >= 0 ? digits + '0'.repeat(power) : digits.slice(0, power);
  const fraction = power < 0 && /[1-9]/.test(digits.slice(power));
  const size = BigInt(kept);
  if (sign === '') return { whole: size, fraction };
  return { whole: fraction ? -size - 1n : -size, fraction };
}

/** @returns a JSON number as the nearest double; one too large for any is infinite, as JSON.parse has it */
export function nearestDouble(bytes: Uint8Array, from: number, to: number): number {
  return Number(numberText(bytes, from, to));
}

export function numberText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
