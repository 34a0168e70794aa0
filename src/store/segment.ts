/**
 * One file of the lane log: a header page and groups behind it. LSN = segment number x segment size +
 * position. The salt of its life seeds every checksum in it, so bytes of an earlier life never verify.
 */
import type { Lsn } from '../stream/entry.ts';
import { getU64, hexName, putU64, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
import type { Disk, DiskFile } from './disk.ts';
import { FIELDS_AT, makeHeader, PAGE_BYTES, readHeader } from './header-page.ts';
import { damaged, isFull } from './storage-error.ts';

const MAGIC = 'RBT1';
const SALT_BYTES = 8;
/** Zeros are written ahead by this much, so that a running log seldom grows its file inside a sync. */
const ZERO_AHEAD_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(ZERO_AHEAD_BYTES);

export function pageAfter(lsn: Lsn): Lsn {
  return Math.ceil(lsn / PAGE_BYTES) * PAGE_BYTES;
}

export class Segment {
  readonly number: number;
  readonly file: DiskFile;
  readonly path: string;
  /** Seed of the checksums of its groups. */
  readonly salt: number;
  #zeroed: number;

  constructor(number: number, file: DiskFile, path: string, salt: number, zeroed: number) {
    this.number = number;
    this.file = file;
    this.path = path;
    this.salt = salt;
    this.#zeroed = zeroed;
  }

  /** A new one, its header synced and its name durable. */
  static async create(
    disk: Disk,
    folder: string,
    number: number,
    segmentBytes: number,
    pipelineId: string,
    random: (bytes: number) => Uint8Array,
  ): Promise<Segment> {
    const path = `${folder}/${hexName(number)}`;
    const salt = random(SALT_BYTES);
    const header = makeHeader(MAGIC, pipelineId, (page, view) => {
      view.setUint16(FIELDS_AT, 0, true); // shard
      view.setUint32(FIELDS_AT + 4, segmentBytes, true);
      putU64(view, FIELDS_AT + 8, number);
      page.set(salt, FIELDS_AT + 16);
    });
    const file = await disk.open(path, 'create');
    await file.write(header, 0);
    await file.sync();
    await disk.syncFolder(folder);
    return new Segment(number, file, path, crc32(salt, 0, SALT_BYTES, 0), PAGE_BYTES);
  }

  /**
   * @returns undefined when its creation was cut short
   * @throws RoundaboutError `data-damaged` when its header is not whole but something was written behind it
   */
  static async open(
    disk: Disk,
    folder: string,
    number: number,
    pipelineId: string,
  ): Promise<{ readonly segment: Segment; readonly segmentBytes: number } | undefined> {
    const path = `${folder}/${hexName(number)}`;
    const file = await disk.open(path, 'write');
    const size = await file.size();
    const page = await readHeader(file, size, path, MAGIC, pipelineId);
    if (page === undefined) return undefined;
    const salt = page.subarray(FIELDS_AT + 16, FIELDS_AT + 16 + SALT_BYTES);
    const segmentBytes = page.readUInt32LE(FIELDS_AT + 4);
    if (getU64(viewOf(page), FIELDS_AT + 8) !== number) {
      await file.close();
      throw damaged(path, FIELDS_AT + 8, 'it is another segment, under a wrong name');
    }
    const segment = new Segment(number, file, path, crc32(salt, 0, SALT_BYTES, 0), size);
    return { segment, segmentBytes };
  }

  /** Nothing is behind `size` any more, durably. */
  async cut(size: number): Promise<void> {
    await this.file.truncate(size);
    await this.file.sync();
    this.#zeroed = size;
  }

  /** Writes a group at its place, and zeros ahead of it when it is the first to reach there. */
  async write(bytes: Uint8Array, at: number, segmentBytes: number): Promise<void> {
    const end = at + bytes.length;
    if (end > this.#zeroed && this.file.sparse !== true) {
      const from = Math.max(this.#zeroed, pageAfter(end));
      const to = Math.min(segmentBytes, from + ZERO_AHEAD_BYTES);
      if (to > from) {
        await this.file.write(ZEROS.subarray(0, to - from), from).catch((error) => {
          // They carry nothing: where there is no room for them, the group itself may still find some.
          if (!isFull(error)) throw error;
        });
      }
      this.#zeroed = Math.max(to, end);
    }
    await this.file.write(bytes, at);
  }
}
