/**
 * A group of entries: what is written and synced as one, and is there whole or not at all. It starts on a
 * page, never spans segments, and chains on the checksum of the group before, so that an abandoned group
 * is never taken for the successor of a new one.
 *
 *     u32 magic, u32 bytes, u32 records, u64 first LSN, u64 durable LSN when written,
 *     u32 CRC of the group before, u32 CRC of all but itself (seeded by the segment's salt), records
 */
import type { Entry, LogEntry, Lsn } from '../stream/entry.ts';
import type { Micros } from '../stream/time.ts';
import { getU64, putU64, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
import { getEntry, putEntry, RECORD_HEADER_BYTES } from './entry-codec.ts';

export const GROUP_HEADER_BYTES = 36;
const CRC_AT = 32;
const MAGIC = 0x52_47_42_52; // "RBGR"

/** A group closes at this size, or holds one larger entry. */
export const GROUP_BYTES_MAX = 1024 * 1024;

/** Buffers kept for the next groups: as many as are written, synced and filled at one time. */
const SPARE_BUFFERS = 6;

/** The memory of groups, used again: a fresh megabyte for each would be most of what is collected. */
export class GroupMemory {
  readonly #spare: Buffer[] = [];

  take(firstBytes: number): Buffer {
    const needed = GROUP_HEADER_BYTES + firstBytes;
    if (needed > GROUP_BYTES_MAX) return Buffer.allocUnsafeSlow(needed);
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(GROUP_BYTES_MAX);
  }

  give(bytes: Buffer): void {
    if (bytes.length === GROUP_BYTES_MAX && this.#spare.length < SPARE_BUFFERS) {
      this.#spare.push(bytes);
    }
  }
}

export class Group {
  readonly lsn: Lsn;
  readonly entries: LogEntry[] = [];
  length = GROUP_HEADER_BYTES;
  #bytes: Buffer;
  #view: DataView;

  /** @param bytes room for the header and all entries, so that views of chunks stay what they are */
  constructor(lsn: Lsn, bytes: Buffer) {
    this.lsn = lsn;
    this.#bytes = bytes;
    this.#view = viewOf(this.#bytes);
  }

  get end(): Lsn {
    return this.lsn + this.length;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Its memory, once its entries have been taken. */
  get memory(): Buffer {
    return this.#bytes;
  }

  /** Copies the entry in. @returns it as stamped; its bytes are a view of the group */
  add(entry: Entry, payload: Uint8Array, at: Micros): LogEntry {
    const { length } = this;
    putEntry(this.#bytes, this.#view, length, entry, payload, at);
    const lsn = this.lsn + length;
    this.length = length + RECORD_HEADER_BYTES + payload.length;
    const stamped: LogEntry =
      entry.kind === 'chunk'
        ? {
            ...entry,
            bytes: this.#bytes.subarray(length + RECORD_HEADER_BYTES, this.length),
            lsn,
            at,
          }
        : { ...entry, lsn, at };
    this.entries.push(stamped);
    return stamped;
  }

  /** Writes the header. @returns the bytes to write, and the checksum that the next group chains on */
  seal(
    durable: Lsn,
    previous: number,
    salt: number,
  ): { readonly bytes: Buffer; readonly crc: number } {
    const view = this.#view;
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, this.length, true);
    view.setUint32(8, this.entries.length, true);
    putU64(view, 12, this.lsn);
    putU64(view, 20, durable);
    view.setUint32(28, previous, true);
    const crc = checksum(this.#bytes, this.length, salt);
    view.setUint32(CRC_AT, crc, true);
    return { bytes: this.#bytes.subarray(0, this.length), crc };
  }
}

function checksum(bytes: Buffer, length: number, salt: number): number {
  return crc32(bytes, GROUP_HEADER_BYTES, length, crc32(bytes, 0, CRC_AT, salt));
}

/** How many bytes the group at a place says it has; 0: there is no group. */
export function groupBytes(header: Buffer): number {
  if (header.length < GROUP_HEADER_BYTES || header.readUInt32LE(0) !== MAGIC) return 0;
  const bytes = header.readUInt32LE(4);
  return bytes >= GROUP_HEADER_BYTES ? bytes : 0;
}

export interface ReadGroup {
  readonly crc: number;
  readonly previous: number;
  readonly durable: Lsn;
  readonly bytes: number;
  entries(): Generator<LogEntry>;
}

/** Checks the group that fills `bytes` and stands at `lsn`. @returns undefined when it is not whole */
export function readGroup(bytes: Buffer, lsn: Lsn, salt: number): ReadGroup | undefined {
  if (groupBytes(bytes) !== bytes.length) return undefined;
  const view = viewOf(bytes);
  const crc = view.getUint32(CRC_AT, true);
  if (getU64(view, 12) !== lsn || checksum(bytes, bytes.length, salt) !== crc) return undefined;
  return {
    crc,
    previous: view.getUint32(28, true),
    durable: getU64(view, 20),
    bytes: bytes.length,
    *entries() {
      let at = GROUP_HEADER_BYTES;
      while (at < bytes.length) {
        const entry = getEntry(bytes, view, at, bytes.length, lsn + at);
        if (entry === undefined) throw new Error(`an entry at ${lsn + at} is of no known type`);
        yield entry;
        at += RECORD_HEADER_BYTES + view.getUint32(at, true);
      }
    },
  };
}
