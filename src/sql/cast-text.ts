/**
 * Values from text and to text, one at a time, in Spark's spelling. What a text does not say is undefined:
 * an empty text, a fraction for a long, a name of a zone, the thirtieth of February.
 */
import { EARLIEST, formatInstant, LATEST, MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import { SAFE_MAX } from './type.ts';

const TRUE_TEXTS = new Set(['t', 'true', 'y', 'yes', '1']);
const FALSE_TEXTS = new Set(['f', 'false', 'n', 'no', '0']);

/** Text without what surrounds it: characters up to U+0020, and no other white space. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

export function booleanOf(text: string): boolean | undefined {
  const word = trimmed(text).toLowerCase();
  if (TRUE_TEXTS.has(word)) return true;
  return FALSE_TEXTS.has(word) ? false : undefined;
}

/** @returns a safe integer, never -0 */
export function longOf(text: string): number | undefined {
  const word = trimmed(text);
  if (!/^[+-]?\d+$/.test(word)) return undefined;
  const value = Number(word);
  return Math.abs(value) <= SAFE_MAX ? value + 0 : undefined;
}

const DOUBLE_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/;
const SPECIAL_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ...['inf', '+inf', 'infinity', '+infinity'].map((s) => [s, Number.POSITIVE_INFINITY] as const),
  ...['-inf', '-infinity'].map((s) => [s, Number.NEGATIVE_INFINITY] as const),
]);

export function doubleOf(text: string): number | undefined {
  const word = trimmed(text);
  if (DOUBLE_TEXT.test(word)) return Number(word.replace(/[dDfF]$/, ''));
  return SPECIAL_DOUBLES.get(word.toLowerCase());
}

const TIMESTAMP_TEXT =
  /^(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[T ](\d\d?):(\d\d?)(?::(\d\d?)(?:\.(\d{0,9}))?)? ?(Z|UTC|[+-]\d\d?(?::?\d\d)?)?)?)?)?$/;

/** A year, month, day or time of day; without an offset UTC; digits past microseconds are cut. */
export function timestampOf(text: string): Micros | undefined {
  const match = TIMESTAMP_TEXT.exec(trimmed(text));
  if (match === null) return undefined;
  const [, years, months = '1', days = '1', hours = '0', minutes = '0', seconds = '0'] = match;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  // A day that the month does not have has rolled over into the next.
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1) return undefined;
  if (date.getUTCDate() !== day) return undefined;
  const fraction = Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  const offset = offsetOf(match[8] ?? 'Z');
  if (offset === undefined) return undefined;
  const at = ms * 1000 + fraction - offset;
  return at >= EARLIEST && at <= LATEST ? at : undefined;
}

/** `Z`, `UTC`, `+2`, `+02`, `+0200`, `+02:00`. At most 18 hours, as zones go. */
function offsetOf(text: string): Micros | undefined {
  const match = /^([+-])(\d\d?):?(\d\d)?$/.exec(text);
  if (match === null) return 0;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)];
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > 18 * 60) return undefined;
  return (match[1] === '-' ? -1 : 1) * total * 60 * MICROS_PER_SECOND;
}

/** A double as Java writes it: always a decimal point, an exponent outside of 10^-3 to 10^7. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Object.is(value, -0)) return '-0.0';
  if (size === 0 || (size >= 1e-3 && size < 1e7)) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [mantissa, exponent] = value.toExponential().split('e');
  const digits = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return `${digits}E${Number(exponent)}`;
}

/** A time as Spark writes it in UTC: a space, no zone, no trailing zeros of the fraction. */
export function instantText(at: Micros): string {
  const text = formatInstant(at).replace('T', ' ').slice(0, -1);
  return text.includes('.') ? text.replace(/0+$/, '') : text;
}
