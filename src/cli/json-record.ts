/** Records as JSON for programs. What JSON has no word for is text: instants, bytes, and numbers that are none. */
import { Buffer } from 'node:buffer';
import type { ReadValue } from '../codecs/message-reader.ts';
import type { Mapping, Value } from '../topology/value.ts';

export function jsonRecord(record: ReadonlyMap<string, ReadValue> | Mapping): object {
  return Object.fromEntries([...record].map(([name, value]) => [name, json(value)]));
}

function json(value: ReadValue | Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Map) return jsonRecord(value);
  return (value as readonly ReadValue[]).map(json);
}
