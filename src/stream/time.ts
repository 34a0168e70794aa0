/**
 * Time as the whole house counts it: microseconds since 1970-01-01T00:00:00Z in a double, exact for
 * every instant from 1684 to 2255. Also the durations an author writes (`90s`, `1h30m`).
 */
declare const brand: unique symbol;
/** Microseconds, UTC, since the epoch; also the type of event times and watermarks. */
export type Micros = number & { readonly [brand]?: 'micros' };

export const MICROS_PER_MS = 1000;
export const MICROS_PER_SECOND = 1_000_000;

/** The range in which every microsecond is an exact double; outside it a timestamp is NULL. */
export const EARLIEST: Micros = -9_007_199_254_740_991;
export const LATEST: Micros = 9_007_199_254_740_991;

/**
 * Durations as a pattern of JSON Schema: units from d to us, each smaller than the one before it, and so
 * few digits that no sum leaves 2^53 microseconds. All of them are read by `parseDuration`.
 */
export const DURATION_PATTERN =
  '^(?=.)([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,7}m)?([0-9]{1,9}s)?([0-9]{1,12}ms)?([0-9]{1,15}us)?$';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
  ['us', 1],
]);

/**
 * Reads a duration: one or more `<whole number><unit>` with units from d to us, each smaller than the
 * one before it (`1h30m`). No decimals, no sign, no spaces.
 * @returns microseconds, or undefined when the text is not a duration or exceeds 2^53 microseconds
 */
export function parseDuration(text: string): Micros | undefined {
  if (!/^(\d{1,16}(d|h|ms|us|m|s))+$/.test(text)) return undefined;
  let total = 0;
  let previous = Number.POSITIVE_INFINITY;
  for (const [, digits, unit] of text.matchAll(/(\d+)(d|h|ms|us|m|s)/g)) {
    const size = UNITS.get(unit as string) as number;
    if (size >= previous) return undefined;
    previous = size;
    total += Number(digits) * size;
  }
  return total <= LATEST ? total : undefined;
}

/** Prints a duration in the fewest units that lose nothing: 5400000000 is `1h30m`. */
export function formatDuration(duration: Micros): string {
  if (duration === 0) return '0s';
  let rest = duration;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** ISO 8601 in UTC with no, 3 or 6 digits of fraction, whichever loses nothing. */
export function formatInstant(at: Micros): string {
  const ms = Math.floor(at / MICROS_PER_MS);
  const us = at - ms * MICROS_PER_MS;
  const text = new Date(ms).toISOString();
  if (us !== 0) return `${text.slice(0, -1)}${String(us).padStart(3, '0')}Z`;
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
