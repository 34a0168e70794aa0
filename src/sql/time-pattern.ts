/**
 * Patterns of times, in the letters that Spark and Java use: `yyyy-MM-dd HH:mm:ss`, `dd/MMM/yyyy:HH:mm:ss xx`.
 * A pattern is read once and then applied to bytes. One that times are read by says the whole date; a time of day
 * that it leaves out is midnight, an offset that it leaves out is UTC. Names of months are English, whatever their case.
 */
import { EARLIEST, LATEST, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import { dateOf, MICROS_PER_DAY } from './kernels-time.ts';

/** One step of a pattern. `width` is the most digits; `bytes` of a literal. */
interface Piece {
  readonly kind: number;
  readonly least: number;
  readonly width: number;
  readonly bytes: Uint8Array;
}
export type TimePattern = readonly Piece[];

const YEAR = 0;
const MONTH = 1;
const DAY = 2;
const HOUR = 3;
const MINUTE = 4;
const SECOND = 5;
const FRACTION = 6;
const MONTH_NAME = 7;
const OFFSET = 8;
const LITERAL = 9;
const NAMES = 'year month day hour minute second fraction month offset'.split(' ');

/** Which letters, how many of them, and what each stands for; with fewest and most digits. */
type Digits = readonly [kind: number, least: number, most: number];
const LETTERS: ReadonlyMap<string, Digits> = new Map<string, Digits>([
  ['yyyy', [YEAR, 4, 4]],
  ['MM', [MONTH, 2, 2]],
  ['M', [MONTH, 1, 2]],
  ['MMM', [MONTH_NAME, 3, 3]],
  ['dd', [DAY, 2, 2]],
  ['d', [DAY, 1, 2]],
  ['HH', [HOUR, 2, 2]],
  ['H', [HOUR, 1, 2]],
  ['mm', [MINUTE, 2, 2]],
  ['m', [MINUTE, 1, 2]],
  ['ss', [SECOND, 2, 2]],
  ['s', [SECOND, 1, 2]],
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ['S'.repeat(n), [FRACTION, 1, n]] as [string, Digits]),
]);
/** Offsets: how many characters stand behind the sign, and whether `Z` is one. */
const OFFSETS: ReadonlyMap<string, readonly [characters: number, zulu: boolean]> = new Map([
  ['X', [2, true]],
  ['XX', [4, true]],
  ['XXX', [5, true]],
  ['x', [2, false]],
  ['xx', [4, false]],
  ['xxx', [5, false]],
]);
/** Signs that mean something else to Java. */
const RESERVED = '[]{}#';
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
/** As wide as zones go. */
const OFFSET_MINUTES_MAX = 18 * 60;
const NOTHING = new Uint8Array(0);

type Parsed = { readonly pattern: TimePattern } | { readonly problem: string };

/** For writing times. @returns the pattern, or what is wrong with it in a sentence */
export function parseTimeParts(text: string): Parsed {
  const pieces: Piece[] = [];
  for (const [part, quoted, letters] of text.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[\s\S]/gu)) {
    if (letters === undefined) {
      if (quoted === undefined && part === "'") return { problem: `a quote in '${text}' is open` };
      if (RESERVED.includes(part)) return { problem: `"${part}" means itself only in quotes` };
      // Two quotes are one, inside of quotes and outside.
      const literal = quoted === '' ? "'" : (quoted ?? part).replaceAll("''", "'");
      const bytes = new TextEncoder().encode(literal);
      pieces.push({ kind: LITERAL, least: bytes.length, width: bytes.length, bytes });
      continue;
    }
    const offset = OFFSETS.get(part);
    const [kind, least, width] = offset
      ? [OFFSET, Number(offset[1]), offset[0]]
      : (LETTERS.get(part) ?? [-1, 0, 0]);
    if (kind < 0) return { problem: `"${part}" is no part of a time that is known here` };
    pieces.push({ kind, least, width, bytes: NOTHING });
  }
  return { pattern: pieces };
}

/** For reading times: each part once, and the whole date. @returns what `parseTimeParts` does */
export function parseTimePattern(text: string): Parsed {
  const parsed = parseTimeParts(text);
  if ('problem' in parsed) return parsed;
  const kinds = parsed.pattern.map(({ kind }) => kind).filter((kind) => kind !== LITERAL);
  const twice = kinds.find((kind, i) => kinds.indexOf(kind) < i);
  if (twice !== undefined) return { problem: `the ${NAMES[twice]} stands there twice` };
  const has = (...wanted: number[]): boolean => wanted.some((kind) => kinds.includes(kind));
  if (!has(YEAR) || !has(DAY) || !has(MONTH, MONTH_NAME)) {
    return { problem: 'a pattern says year, month and day: yyyy, MM and dd' };
  }
  return parsed;
}

/** The most bytes that a time takes in this pattern. */
export function writtenSize(pattern: TimePattern): number {
  return pattern.reduce((size, { width }) => size + width + 1, 0);
}

/** Writes a time to `out` from `at` on, in UTC; what is finer than the pattern is cut. @returns the end */
export function writeTime(pattern: TimePattern, time: Micros, out: Uint8Array, at: number): number {
  const days = Math.floor(time / MICROS_PER_DAY);
  const micros = time - days * MICROS_PER_DAY;
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const date = dateOf(days);
  const month = ((date / 100) | 0) % 100;
  let to = at;
  for (let p = 0; p < pattern.length; p++) {
    const { kind, least, width, bytes } = pattern[p];
    if (kind === LITERAL) {
      for (let i = 0; i < width; i++) out[to++] = bytes[i];
    } else if (kind === MONTH_NAME) {
      for (let i = 0; i < 3; i++) out[to++] = MONTHS.charCodeAt((month - 1) * 3 + i);
      out[to - 3] ^= 0x20; // its first letter is a capital
    } else if (kind === OFFSET) to = writeOffset(out, to, least === 1, width);
    else if (kind === FRACTION) {
      const fraction = micros - seconds * MICROS_PER_SECOND;
      to = writeDigits(out, to, Math.floor(fraction * 10 ** (width - 6)), width);
    } else if (kind === YEAR) to = writeDigits(out, to, (date / 10_000) | 0, least);
    else if (kind === MONTH) to = writeDigits(out, to, month, least);
    else if (kind === DAY) to = writeDigits(out, to, date % 100, least);
    else if (kind === HOUR) to = writeDigits(out, to, (seconds / 3600) | 0, least);
    else if (kind === MINUTE) to = writeDigits(out, to, ((seconds / 60) | 0) % 60, least);
    else to = writeDigits(out, to, seconds % 60, least);
  }
  return to;
}

/** UTC: `Z` where the pattern has it, else zeros. */
function writeOffset(out: Uint8Array, at: number, zulu: boolean, characters: number): number {
  if (zulu) {
    out[at] = 0x5a;
    return at + 1;
  }
  out[at] = 0x2b;
  for (let i = 1; i <= characters; i++) out[at + i] = characters === 5 && i === 3 ? 0x3a : 0x30;
  return at + 1 + characters;
}

/** At least `least` digits, with zeros before the number. */
function writeDigits(out: Uint8Array, at: number, value: number, least: number): number {
  let count = least;
  while (10 ** count <= value) count++;
  let rest = value;
  for (let i = at + count - 1; i >= at; i--) {
    const tenth = Math.floor(rest / 10);
    out[i] = 0x30 + rest - 10 * tenth;
    rest = tenth;
  }
  return at + count;
}

/** @returns microseconds of bytes[from .. to), all of which the pattern must take; NaN: it does not */
export function readTime(
  pattern: TimePattern,
  bytes: Uint8Array,
  from: number,
  to: number,
): Micros {
  let [year, month, day, hour, minute, second, micros, offset] = [0, 1, 1, 0, 0, 0, 0, 0];
  let at = from | 0;
  for (let p = 0; p < pattern.length; p++) {
    const { kind, least, width, bytes: literal } = pattern[p];
    if (kind === LITERAL) {
      for (let i = 0; i < width; i++)
        if (at + i >= to || bytes[at + i] !== literal[i]) return Number.NaN;
      at += width;
      continue;
    }
    if (kind === MONTH_NAME) {
      month = at + 3 <= to ? monthNamed(bytes, at) : 0;
      at += 3;
      continue;
    }
    if (kind === OFFSET) {
      const zulu = least === 1 && at < to && bytes[at] === 0x5a;
      const size = zulu ? 1 : width + 1;
      offset = zulu ? 0 : at + size <= to ? offsetMinutes(bytes, at, width) : Number.NaN;
      at += size;
      continue;
    }
    let value = 0;
    let digits = 0;
    for (; digits < width && at < to && isDigit(bytes[at]); digits++)
      value = value * 10 + bytes[at++] - 0x30;
    if (digits < least) return Number.NaN;
    if (kind === YEAR) year = value;
    else if (kind === MONTH) month = value;
    else if (kind === DAY) day = value;
    else if (kind === HOUR) hour = value;
    else if (kind === MINUTE) minute = value;
    else if (kind === SECOND) second = value;
    else micros = Math.floor(value * 10 ** (6 - digits));
  }
  if (at !== to || !(month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)))
    return Number.NaN;
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  const ms = Date.UTC(year, month - 1, day, hour, minute - offset, second);
  const time = ms * MICROS_PER_MS + micros;
  // Years below 100 would be read as of the last century; none of them is in range.
  return year >= 100 && time >= EARLIEST && time <= LATEST ? time : Number.NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** 1 to 12; 0: it is none. */
function monthNamed(bytes: Uint8Array, at: number): number {
  for (let month = 0; month < 12; month++) {
    const name = month * 3;
    if (
      (bytes[at] | 0x20) === MONTHS.charCodeAt(name) &&
      (bytes[at + 1] | 0x20) === MONTHS.charCodeAt(name + 1) &&
      (bytes[at + 2] | 0x20) === MONTHS.charCodeAt(name + 2)
    ) {
      return month + 1;
    }
  }
  return 0;
}

/** `+hh`, `+hhmm` or `+hh:mm`, by the number of characters behind the sign; NaN: it is none. */
function offsetMinutes(bytes: Uint8Array, at: number, characters: number): number {
  const sign = bytes[at];
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  if (characters === 5 && bytes[at + 3] !== 0x3a) return Number.NaN;
  const hours = twoDigits(bytes, at + 1);
  const minutes = characters === 2 ? 0 : twoDigits(bytes, at + characters - 1);
  const offset = hours * 60 + minutes;
  if (!(minutes < 60 && offset <= OFFSET_MINUTES_MAX)) return Number.NaN;
  return sign === 0x2d ? -offset : offset;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const [tens, ones] = [bytes[at], bytes[at + 1]];
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : Number.NaN;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
