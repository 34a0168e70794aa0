/**
 * Reads an ISO 8601 time stamp from bytes: `2026-01-31`, `2026-01-31T23:59`, with seconds, up to nine
 * digits of fraction (cut to microseconds), and an offset. Without an offset it is UTC. The calendar
 * is the proleptic Gregorian one; no leap second, no hour 24.
 */
import { EARLIEST, LATEST, MICROS_PER_SECOND, type Micros } from '../stream/time.ts';

const SECONDS_PER_DAY = 86_400;
/** More digits than nanoseconds have are no time stamp. */
const FRACTION_DIGITS_MAX = 9;
/** The widest offset that Java, and so Spark, takes. */
const OFFSET_MINUTES_MAX = 18 * 60;

/** @returns microseconds of bytes[from .. to), or NaN when it is none or lies outside EARLIEST..LATEST */
export function parseIsoTimestamp(bytes: Uint8Array, from: number, to: number): Micros {
  const year = digits(bytes, from, 4, to);
  const month = part(bytes, from + 4, 0x2d, to);
  const day = part(bytes, from + 7, 0x2d, to);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month)))
    return Number.NaN;
  let seconds = daysSinceEpoch(year, month, day) * SECONDS_PER_DAY;
  let at = from + 10;
  if (at === to) return inRange(seconds * MICROS_PER_SECOND);
  const separator = bytes[at];
  if (separator !== 0x54 && separator !== 0x20) return Number.NaN; // T or a space
  const hour = digits(bytes, at + 1, 2, to);
  const minute = part(bytes, at + 3, 0x3a, to);
  if (!(hour < 24 && minute < 60)) return Number.NaN;
  seconds += hour * 3600 + minute * 60;
  at += 6;
  let micros = 0;
  if (at < to && bytes[at] === 0x3a) {
    const second = digits(bytes, at + 1, 2, to);
    if (!(second < 60)) return Number.NaN;
    seconds += second;
    at += 3;
    if (at < to && bytes[at] === 0x2e) {
      const first = ++at;
      let unit = MICROS_PER_SECOND;
      for (; at < to && isDigit(bytes[at]); at++) {
        unit /= 10;
        if (unit >= 1) micros += (bytes[at] - 0x30) * unit;
      }
      if (at === first || at - first > FRACTION_DIGITS_MAX) return Number.NaN;
    }
  }
  return inRange((seconds - offsetSeconds(bytes, at, to)) * MICROS_PER_SECOND + micros);
}

/** Nothing, Z, +hh, +hhmm or +hh:mm up to the end; NaN: none of these. */
function offsetSeconds(bytes: Uint8Array, at: number, to: number): number {
  if (at === to) return 0;
  const sign = bytes[at];
  if (sign === 0x5a) return at + 1 === to ? 0 : Number.NaN;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const size = to - at;
  const hours = digits(bytes, at + 1, 2, to);
  let minutes = Number.NaN;
  if (size === 3) minutes = 0;
  else if (size === 5) minutes = digits(bytes, at + 3, 2, to);
  else if (size === 6) minutes = part(bytes, at + 3, 0x3a, to);
  const offset = hours * 60 + minutes;
  if (!(minutes < 60 && offset <= OFFSET_MINUTES_MAX)) return Number.NaN;
  return (sign === 0x2d ? -offset : offset) * 60;
}

/** A separator and two digits. */
function part(bytes: Uint8Array, at: number, separator: number, to: number): number {
  return at < to && bytes[at] === separator ? digits(bytes, at + 1, 2, to) : Number.NaN;
}

function digits(bytes: Uint8Array, at: number, count: number, to: number): number {
  if (at + count > to) return Number.NaN;
  let value = 0;
  for (let i = at; i < at + count; i++) {
    if (!isDigit(bytes[i])) return Number.NaN;
    value = value * 10 + bytes[i] - 0x30;
  }
  return value;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function inRange(micros: Micros): Micros {
  return micros >= EARLIEST && micros <= LATEST ? micros : Number.NaN;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01, counted in years that begin in March so that the leap day is the last one. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + Math.floor((m * 153 + 2) / 5) + day - 719_469;
}
