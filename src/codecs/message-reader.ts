/**
 * A message of a hold read back: what a receiver's library would make of it. The inverse of `message.ts` and
 * `dead-letter.ts`, for messages that they wrote: other bytes are a defect, and fail an assertion.
 */
import assert from 'node:assert';
import { Buffer } from 'node:buffer';

/** A long is a bigint and a double a number, so that neither is mistaken for the other; a timestamp has milliseconds. */
export type ReadValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly ReadValue[]
  | ReadRecord;
export type ReadRecord = ReadonlyMap<string, ReadValue>;

const ANNOTATIONS = 0x72;
const PROPERTIES = 0x73;
const APPLICATION_PROPERTIES = 0x74;
const VALUE = 0x77;

/**
 * The fields of a message, in order. A body in JSON is parsed, and knows of no timestamps then.
 * @param field the name of the first field, which is the one that a text is the body of
 */
export function readMessage(bytes: Uint8Array, field = 'text'): ReadRecord {
  const reader = new Reader(bytes);
  reader.section(ANNOTATIONS);
  const annotations = reader.value();
  assert(annotations instanceof Map, 'a message has annotations');
  reader.section(PROPERTIES);
  reader.value();
  if (reader.isAt(APPLICATION_PROPERTIES)) {
    reader.section(APPLICATION_PROPERTIES);
    reader.value();
  }
  reader.section(VALUE);
  const body = reader.value();
  assert(reader.atEnd, 'a message ends with its body');
  const format = annotations.get('x-opt-roundabout-format');
  if (format === 'text') return new Map([[field, body]]);
  if (format === 'json' || format === 'ndjson') {
    return fromJson(JSON.parse(String(body))) as ReadRecord;
  }
  assert(body instanceof Map, 'a body is a map');
  return body;
}

function fromJson(value: unknown): ReadValue {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value as ReadValue;
  return new Map(Object.entries(value).map(([key, one]) => [key, fromJson(one)]));
}

/** Reads the encodings that `amqp-types.ts` writes (AMQP 1.0 part 1, section 1.6). */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  isAt(section: number): boolean {
    return this.#bytes.subarray(this.#at, this.#at + 3).equals(Buffer.from([0x00, 0x53, section]));
  }

  section(section: number): void {
    assert(this.isAt(section), 'sections come in their order');
    this.#at += 3;
  }

  value(): ReadValue {
    const code = this.#bytes[this.#at++];
    switch (code) {
      case 0x40:
        return null;
      case 0x41:
        return true;
      case 0x42:
        return false;
      case 0x44:
        return 0n;
      case 0x45:
        return [];
      case 0x53:
        return BigInt(this.#bytes.readUInt8(this.#take(1)));
      case 0x55:
        return BigInt(this.#bytes.readInt8(this.#take(1)));
      case 0x80:
        return this.#bytes.readBigUInt64BE(this.#take(8));
      case 0x81:
        return this.#bytes.readBigInt64BE(this.#take(8));
      case 0x82:
        return this.#bytes.readDoubleBE(this.#take(8));
      case 0x83:
        return new Date(Number(this.#bytes.readBigInt64BE(this.#take(8))));
      case 0x98:
        return this.#slice(16).toString('hex');
      case 0xa0:
      case 0xb0:
        return new Uint8Array(this.#slice(this.#size(code)));
      case 0xa1:
      case 0xb1:
        return this.#slice(this.#size(code)).toString('utf8');
      case 0xa3:
      case 0xb3:
        return this.#slice(this.#size(code)).toString('latin1');
      case 0xc0:
      case 0xd0:
        return this.#list(code);
      case 0xc1:
      case 0xd1:
        return this.#map(code);
      default:
        return assert.fail(`a message has no type ${code}`);
    }
  }

  /** @returns where the bytes that were taken begin */
  #take(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  #slice(bytes: number): Buffer {
    const at = this.#take(bytes);
    return this.#bytes.subarray(at, at + bytes);
  }

  /** Of codes in pairs: `0xa_`, `0xc_` have one byte of size, `0xb_`, `0xd_` four. */
  #size(code: number): number {
    const wide = (code & 0x10) !== 0;
    return wide ? this.#bytes.readUInt32BE(this.#take(4)) : this.#bytes[this.#take(1)];
  }

  #list(code: number): ReadValue[] {
    this.#size(code);
    return Array.from({ length: this.#size(code) }, () => this.value());
  }

  #map(code: number): ReadRecord {
    const flat = this.#list(code);
    const map = new Map<string, ReadValue>();
    for (let i = 0; i < flat.length; i += 2) map.set(String(flat[i]), flat[i + 1]);
    return map;
  }
}
