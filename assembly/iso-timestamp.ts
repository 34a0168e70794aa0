/**
 * The common forms of ISO 8601 time stamps, read as `src/codecs/iso-timestamp.ts` reads them; the rarer ones
 * are left to it.
 */
import { COLON, DOT, LETTER_T, LETTER_Z, MINUS, PLUS, SPACE, ZERO } from './bytes';
import { digitCount, digits, POWERS } from './digits';

export const LATEST: f64 = 9007199254740991;
/** Later than any. */
export const NO_TIME: i64 = i64.MAX_VALUE;
/** The widest offset, as there. */
const OFFSET_MINUTES_MAX: u32 = 18 * 60;
/** Days of 400 years, after which the calendar repeats itself. */
const ERA_DAYS: i64 = 146097;

/**
 * Date, time to the second, up to nine digits of fraction, then nothing, Z or +hh:mm; rarer forms are left.
 * @returns microseconds, or NO_TIME
 */
export function isoTimestamp(from: u32, to: u32): i64 {
  if (to - from < 19) return NO_TIME;
  const between: u32 = load<u8>(from + 10);
  if (load<u8>(from + 4) !== MINUS || load<u8>(from + 7) !== MINUS) return NO_TIME;
  if (between !== LETTER_T && between !== SPACE) return NO_TIME;
  if (load<u8>(from + 13) !== COLON || load<u8>(from + 16) !== COLON) return NO_TIME;
  const century = pair(from);
  const year = pair(from + 2);
  const month = pair(from + 5);
  const day = pair(from + 8);
  const hour = pair(from + 11);
  const minute = pair(from + 14);
  const second = pair(from + 17);
  if (century > 99 || year > 99 || month - 1 > 11 || hour > 23 || minute > 59 || second > 59) {
    return NO_TIME;
  }
  if (day === 0 || day > daysOfMonth(century * 100 + year, month)) return NO_TIME;
  let at = from + 19;
  let micros: i64 = 0;
  if (at < to && load<u8>(at) === DOT) {
    const size = digitCount(at + 1);
    if (size === 0 || size > 9) return NO_TIME;
    // Nine digits, cut to six.
    micros = <i64>(<f64>digits(at + 1, size) * unchecked(POWERS[9 - size])) / 1000;
    at += 1 + size;
  }
  const offset = offsetMinutes(at, to);
  if (offset > <i32>OFFSET_MINUTES_MAX) return NO_TIME;
  const minutes = <i64>(hour * 60 + minute) - offset;
  const seconds = daysSinceEpoch(century * 100 + year, month, day) * 86400 + minutes * 60 + second;
  const result = seconds * 1000000 + micros;
  return Math.abs(<f64>result) <= LATEST ? result : NO_TIME;
}

/** @returns minutes east of Greenwich; more than OFFSET_MINUTES_MAX: it is another form, or none */
function offsetMinutes(at: u32, to: u32): i32 {
  if (at === to) return 0;
  const sign: u32 = load<u8>(at);
  if (sign === LETTER_Z && at + 1 === to) return 0;
  if ((sign !== PLUS && sign !== MINUS) || to - at !== 6 || load<u8>(at + 3) !== COLON) return 9999;
  const minute = pair(at + 4);
  const size = pair(at + 1) * 60 + minute;
  if (minute > 59 || size > OFFSET_MINUTES_MAX) return 9999;
  return sign === MINUS ? -(<i32>size) : <i32>size;
}

/** @returns the number of two digits, or more than 99 */
function pair(at: u32): u32 {
  const tens = <u32>load<u8>(at) - ZERO;
  const ones = <u32>load<u8>(at + 1) - ZERO;
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

function daysOfMonth(year: u32, month: u32): u32 {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** As there, but one era on, so that no year is below zero. */
function daysSinceEpoch(year: u32, month: u32, day: u32): i64 {
  const y: i64 = <i64>year + 400 - (month > 2 ? 0 : 1);
  const m: i64 = month > 2 ? month - 3 : month + 9;
  const leapDays = y / 4 - y / 100 + y / 400;
  return y * 365 + leapDays + (m * 153 + 2) / 5 + day - 719469 - ERA_DAYS;
}
