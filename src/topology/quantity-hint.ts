/** What an author most likely meant by a duration, a size, a rate or an address that is none. */
import { parseAddress } from './address.ts';

const DURATION_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(?:us|micros?|microseconds?)$/i, 'us'],
  [/^(?:ms|millis?|milliseconds?)$/i, 'ms'],
  [/^(?:s|secs?|seconds?)$/i, 's'],
  [/^(?:m|mins?|minutes?)$/i, 'm'],
  [/^(?:h|hrs?|hours?)$/i, 'h'],
  [/^(?:d|days?)$/i, 'd'],
];

/**
 * @param noun what was wanted: `duration`, `size`, `rate`, `address`
 * @param examples of the field, for when nothing better comes to mind
 */
export function quantityHint(
  data: unknown,
  noun: string,
  examples: readonly unknown[],
): string | undefined {
  const meant =
    noun === 'duration' ? meantDuration(data) : noun === 'size' ? meantSize(data) : undefined;
  if (meant !== undefined && meant !== data) return `did you mean ${meant}?`;
  if (noun === 'address') return addressHint(String(data));
  if (examples.length === 0) return undefined;
  return `write it like ${examples.map(String).join(' or ')}`;
}

/** A scheme before it, a colon too many, a host alone. */
function addressHint(written: string): string {
  const bare = written.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/^:|\/$/g, '');
  if (bare !== written && parseAddress(bare) !== undefined) return `did you mean ${bare}?`;
  if (/^[a-z][a-z0-9.-]*$/i.test(written)) return `a port is missing: write ${written}:7001`;
  return 'write host:port, [::1]:port or a port from 0 to 65535';
}

function meantDuration(data: unknown): string | undefined {
  if (typeof data === 'number' && Number.isInteger(data) && data >= 0) return `${data}s`;
  const [, digits, word] = /^(\d{1,9})\s*([a-z]*)$/i.exec(String(data)) ?? [];
  if (digits === undefined || word === undefined) return undefined;
  const unit = word === '' ? 's' : DURATION_WORDS.find(([pattern]) => pattern.test(word))?.[1];
  return unit && `${digits}${unit}`;
}

function meantSize(data: unknown): string | undefined {
  if (typeof data === 'number' && Number.isInteger(data) && data >= 0) return `${data}B`;
  const [, digits, letter] = /^(\d{1,6})\s*([kmg]?)i?b?$/i.exec(String(data)) ?? [];
  if (digits === undefined || letter === undefined) return undefined;
  return letter === '' ? `${digits}B` : `${digits}${letter.toUpperCase()}iB`;
}
