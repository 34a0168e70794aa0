/** Instants as an author writes them: ISO 8601 text, as a lane reads it. */
import { Buffer } from 'node:buffer';
import { parseIsoTimestamp } from '../codecs/iso-timestamp.ts';
import type { Micros } from '../stream/time.ts';

/** @returns undefined when the text is none, or out of range */
export function parseInstant(text: string): Micros | undefined {
  const bytes = Buffer.from(text);
  const at = parseIsoTimestamp(bytes, 0, bytes.length);
  return Number.isNaN(at) ? undefined : at;
}
