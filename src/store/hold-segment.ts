/**
 * One file of a hold: a header page and messages behind it, in order of their numbers.
 *
 *     u32 bytes, u32 CRC of the rest, u64 sequence, i64 log time, u64 cause LSN, u32 records, u16 flags,
 *     u16 0, message sections; if the flags say so, u32 bytes and the message's key before the sections
 */
import type { Lsn } from '../stream/entry.ts';
import type { Sequence } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { getI64, getU64, hexName, idBytes, putI64, putU64, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
import type { Disk, DiskFile } from './disk.ts';
import { FIELDS_AT, makeHeader, PAGE_BYTES, readHeader } from './header-page.ts';
import type { Ranges } from './ranges.ts';
import { damaged } from './storage-error.ts';
import { Window } from './window.ts';

export const MESSAGE_HEAD_BYTES = 40;
const FLAGS_AT = 36;
/** The flag of a message that has a key. */
const KEYED = 1;
const KEY_HEAD_BYTES = 4;
const MAGIC = 'RBH1';
/** One place in each of these many bytes is remembered, so that a reader seldom reads what it does not want. */
const INDEX_EVERY_BYTES = 64 * 1024;

/** How many bytes a message takes beside its sections. @param keyBytes undefined: it has no key */
export function headBytes(keyBytes: number | undefined): number {
  return MESSAGE_HEAD_BYTES + (keyBytes === undefined ? 0 : KEY_HEAD_BYTES + keyBytes);
}

/** When the first message of some bytes was made, by log time. */
export function madeAt(bytes: Buffer): Micros {
  return getI64(viewOf(bytes), 16);
}

/** The key of the message at `at`, a character a byte; undefined: it has none. */
export function keyOf(bytes: Buffer, at: number): string | undefined {
  if ((bytes.readUInt16LE(at + FLAGS_AT) & KEYED) === 0) return undefined;
  const from = at + MESSAGE_HEAD_BYTES;
  const start = from + KEY_HEAD_BYTES;
  return bytes.toString('latin1', start, start + bytes.readUInt32LE(from));
}

/** Writes the head of a message at `at`, whose key and sections stand behind it already. */
export function sealMessage(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  head: MessageHead,
  keyBytes: number | undefined,
): number {
  view.setUint32(at, end - at, true);
  putU64(view, at + 8, head.sequence);
  putI64(view, at + 16, head.at);
  putU64(view, at + 24, head.cause);
  view.setUint32(at + 32, 1, true); // records inside: one, until results are batched
  view.setUint32(at + FLAGS_AT, keyBytes === undefined ? 0 : KEYED, true);
  if (keyBytes !== undefined) view.setUint32(at + MESSAGE_HEAD_BYTES, keyBytes, true);
  const crc = crc32(bytes, at + 8, end, 0);
  view.setUint32(at + 4, crc, true);
  return crc;
}

export interface MessageHead {
  readonly sequence: Sequence;
  readonly at: Micros;
  readonly cause: Lsn;
}

export class HoldSegment {
  readonly first: Sequence;
  readonly path: string;
  readonly file: DiskFile;
  /** Where the next message goes. */
  size = PAGE_BYTES;
  /** Sequence and position, one each INDEX_EVERY_BYTES. */
  readonly #sequences: Sequence[] = [];
  readonly #positions: number[] = [];

  private constructor(first: Sequence, path: string, file: DiskFile) {
    this.first = first;
    this.path = path;
    this.file = file;
  }

  static async create(
    disk: Disk,
    folder: string,
    first: Sequence,
    owner: { readonly pipelineId: string; readonly exit: number; readonly stream: string },
  ): Promise<HoldSegment> {
    const path = `${folder}/${hexName(first)}`;
    const header = makeHeader(MAGIC, owner.pipelineId, (page, view) => {
      view.setUint32(FIELDS_AT, owner.exit, true);
      page.set(idBytes(owner.stream), FIELDS_AT + 4);
      putU64(view, FIELDS_AT + 20, first);
    });
    const file = await disk.open(path, 'create');
    await file.write(header, 0);
    await file.sync();
    await disk.syncFolder(folder);
    return new HoldSegment(first, path, file);
  }

  /**
   * @returns undefined when its creation was cut short
   * @throws RoundaboutError `data-damaged` when its header is not whole but something was written behind it
   */
  static async open(
    disk: Disk,
    folder: string,
    first: Sequence,
    owner: { readonly pipelineId: string; readonly exit: number },
  ): Promise<HoldSegment | undefined> {
    const path = `${folder}/${hexName(first)}`;
    const file = await disk.open(path, 'write');
    const size = await file.size();
    const header = await readHeader(file, size, path, MAGIC, owner.pipelineId);
    if (header === undefined) return undefined;
    const exit = header.readUInt32LE(FIELDS_AT);
    if (exit !== owner.exit || getU64(viewOf(header), FIELDS_AT + 20) !== first) {
      await file.close();
      throw damaged(path, FIELDS_AT, 'it is another segment, or of another exit');
    }
    const segment = new HoldSegment(first, path, file);
    segment.size = size;
    return segment;
  }

  /** Remembers where a message stands that is being written. */
  note(sequence: Sequence, position: number): void {
    const last = this.#positions[this.#positions.length - 1] ?? Number.NEGATIVE_INFINITY;
    if (position - last < INDEX_EVERY_BYTES) return;
    this.#sequences.push(sequence);
    this.#positions.push(position);
  }

  /** A remembered place at or before a message. */
  placeOf(sequence: Sequence): { readonly sequence: Sequence; readonly position: number } {
    let [low, high] = [0, this.#sequences.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sequences[middle] <= sequence) low = middle + 1;
      else high = middle;
    }
    return low === 0
      ? { sequence: this.first, position: PAGE_BYTES }
      : { sequence: this.#sequences[low - 1], position: this.#positions[low - 1] };
  }

  /** All of it was settled, and its messages are gone. */
  get isEmpty(): boolean {
    return this.size === PAGE_BYTES;
  }

  /** Lets its messages go, but not its place among the segments. */
  async empty(): Promise<void> {
    this.size = PAGE_BYTES;
    this.#sequences.length = 0;
    this.#positions.length = 0;
    await this.file.truncate(PAGE_BYTES);
  }

  /**
   * About how many bytes the messages up to `last` take that are not settled: exact wherever all between two
   * remembered places are settled, or none is.
   */
  heldBytes(settled: Ranges, last: Sequence): number {
    if (this.isEmpty || settled.firstOutside(this.first) > last) return 0;
    if (settled.highest < this.first) return this.size - PAGE_BYTES;
    let [bytes, first, position] = [0, this.first, PAGE_BYTES];
    for (let i = 0; i <= this.#sequences.length; i++) {
      const isEnd = i === this.#sequences.length;
      const next = isEnd ? last + 1 : this.#sequences[i];
      const end = isEnd ? this.size : this.#positions[i];
      const share = next > first ? 1 - settled.countIn(first, next - 1) / (next - first) : 0;
      bytes += share * (end - position);
      [first, position] = [next, end];
    }
    return Math.round(bytes);
  }

  /**
   * Reads messages from a place on until `visit` returns false or they end.
   * @param ahead how many bytes are read at once; all that is wanted, if that is known
   * @returns where the unbroken run of whole messages ends
   */
  async scan(
    from: { readonly sequence: Sequence; readonly position: number },
    visit: (message: Message) => boolean,
    ahead?: number,
  ): Promise<number> {
    const window = new Window(this.file, this.size, ahead);
    let view = viewOf(window.buffer);
    let { sequence, position } = from;
    /** Only what is not there is waited for. @returns as Window.place; -1: the file ends before */
    const read = async (bytes: number): Promise<number> => {
      await window.at(position, bytes);
      view = viewOf(window.buffer);
      return window.place(position, bytes);
    };
    for (;;) {
      let start = window.place(position, MESSAGE_HEAD_BYTES);
      if (start < 0) start = await read(MESSAGE_HEAD_BYTES);
      if (start < 0) return position;
      const length = view.getUint32(start, true);
      if (length < MESSAGE_HEAD_BYTES || position + length > this.size) return position;
      start = window.place(position, length);
      if (start < 0) start = await read(length);
      if (start < 0) return position;
      const end = start + length;
      const crc = view.getUint32(start + 4, true);
      if (crc32(window.buffer, start + 8, end, 0) !== crc) return position;
      if (getU64(view, start + 8) !== sequence) return position;
      this.note(sequence, position);
      const at = getI64(view, start + 16);
      const cause = getU64(view, start + 24);
      const isKeyed = (view.getUint16(start + FLAGS_AT, true) & KEYED) !== 0;
      const head = isKeyed
        ? headBytes(view.getUint32(start + MESSAGE_HEAD_BYTES, true))
        : MESSAGE_HEAD_BYTES;
      const body = { bytes: window.buffer, start: start + head, end };
      if (!visit({ sequence, at, crc, cause, start, body })) return position;
      position += length;
      sequence++;
    }
  }

  damage(position: number): never {
    throw damaged(this.path, position, 'a held message does not verify');
  }
}

/** A message read back; `body` is valid until the next one is read. */
export interface Message {
  readonly sequence: Sequence;
  /** Log time. */
  readonly at: Micros;
  readonly crc: number;
  readonly cause: Lsn;
  /** Where its head stands in the bytes of the body. */
  readonly start: number;
  readonly body: { readonly bytes: Buffer; readonly start: number; readonly end: number };
}
