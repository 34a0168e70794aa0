/** Keys that are texts, equal when their bytes are. The bytes are copied into an area of the store's own. */
import assert from 'node:assert';
import { hashTexts } from '../sql/hash.ts';
import type { Column, StringColumn } from '../stream/column.ts';
import { FIRST_GROUPS, isPresent, KeyPresence } from './key-presence.ts';

const FIRST_BYTES = 256;
/** Ranges are 32-bit. A table with so many bytes of keys is beyond one machine's share in any case. */
const BYTES_MAX = 2 ** 31 - 1;

export class TextKeys {
  readonly kind = 'texts';
  readonly presence = new KeyPresence();
  /** By group id; these three are replaced when they grow. */
  starts = new Int32Array(FIRST_GROUPS);
  ends = new Int32Array(FIRST_GROUPS);
  bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;

  hash(column: Column, rows: Int32Array | null, count: number, hashes: Int32Array): void {
    const { bytes, starts, ends, valid } = textsOf(column);
    hashTexts(hashes, bytes, starts, ends, valid, rows, count);
  }

  equals(column: Column, row: number, id: number): boolean {
    const present = isPresent(column.valid, row);
    if (!present || !this.presence.has(id)) return present === this.presence.has(id);
    const { bytes, starts, ends } = textsOf(column);
    const own = this.starts[id];
    return sameBytes(bytes, starts[row], ends[row], this.bytes, own, this.ends[id]);
  }

  add(column: Column, row: number, id: number): void {
    const present = isPresent(column.valid, row);
    this.presence.add(id, present);
    if (id === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    const { bytes, starts, ends } = textsOf(column);
    this.starts[id] = this.#used;
    if (present) this.#append(bytes, starts[row], ends[row]);
    this.ends[id] = this.#used;
  }

  column(): StringColumn {
    const { bytes, starts, ends } = this;
    return { type: 'string', bytes, starts, ends, valid: this.presence.validity };
  }

  clear(): void {
    this.#used = 0;
    this.presence.clear();
  }

  #append(from: Uint8Array, start: number, end: number): void {
    const needed = this.#used + end - start;
    if (needed > this.bytes.length) {
      assert(needed <= BYTES_MAX, `a table holds at most ${BYTES_MAX} bytes of one text key`);
      const larger = new Uint8Array(Math.min(BYTES_MAX, 2 * needed));
      larger.set(this.bytes.subarray(0, this.#used));
      this.bytes = larger;
    }
    for (let at = start; at < end; at++) this.bytes[this.#used++] = from[at];
  }
}

export function sameBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  const length = (aEnd - aStart) | 0;
  if (length !== bEnd - bStart) return false;
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * from.length);
  larger.set(from);
  return larger;
}

function textsOf(column: Column): StringColumn {
  assert(column.type === 'string', 'the key is a text');
  return column;
}
