/** What is said of a value that does not fit its field, whatever the codec: the field, what was there, what was wanted. */
import { type DataType, typeText } from '../stream/schema.ts';
import type { BadLine, LaneField } from './codec.ts';

/** What can be wrong with a value. */
export const WRONG_TYPE = 1;
export const TOO_LARGE = 2;

/** A detail shows this much of a name or a value: with both, it stays below 200 characters. */
const EXCERPT_BYTES_MAX = 48;

/**
 * @param fault one of the above
 * @param found what was there, shortened
 */
export function wrongValue(
  { source, type, format }: LaneField,
  fault: number,
  found: string,
): Pick<BadLine, 'reason' | 'detail'> {
  const name = shorten(source.join('.'));
  if (fault === TOO_LARGE) {
    const detail = `${name}: ${found} is a long beyond 2^53 - 1, the largest that is supported so far`;
    return { reason: 'number-too-large', detail };
  }
  const wanted = type.kind === 'timestamp' ? `a timestamp (${format})` : wantedText(type);
  return { reason: 'wrong-type', detail: `${name}: ${found} where ${wanted} is wanted` };
}

function wantedText(type: DataType): string {
  return `a value of type ${shorten(typeText(type))}`;
}

/** At most EXCERPT_BYTES_MAX bytes of a text, cut between characters. */
export function shorten(text: string | Buffer): string {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  if (bytes.length <= EXCERPT_BYTES_MAX) return bytes.toString();
  let end = EXCERPT_BYTES_MAX;
  while ((bytes[end] & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}...`;
}
