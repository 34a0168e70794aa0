/** Values as the author of a test would write them: YAML in flow form, that reads back as the same value. */
import { Buffer } from 'node:buffer';
import type { ReadRecord, ReadValue } from '../codecs/message-reader.ts';
import type { Value } from '../topology/value.ts';

/** Words that no reader of YAML takes for anything but text. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const NOT_TEXT = /^(true|false|null|yes|no|on|off|y|n|inf|nan)$/i;

export function valueText(value: ReadValue | Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Date) return `"${value.toISOString().replace('.000Z', 'Z')}"`;
  if (value instanceof Uint8Array) return quoted(Buffer.from(value).toString('utf8'));
  if (value instanceof Map) return recordText(value);
  return `[${(value as readonly ReadValue[]).map(valueText).join(', ')}]`;
}

export function recordText(record: ReadRecord): string {
  const fields = [...record].map(([name, value]) => `${quoted(name)}: ${valueText(value)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function quoted(text: string): string {
  return PLAIN.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text);
}

/** So many digits without a point would be refused as a long that is rounded. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const long = Number.isInteger(value) && !Number.isSafeInteger(value);
  return long && !String(value).includes('e') ? value.toFixed(1) : String(value);
}
