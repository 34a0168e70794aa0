/**
 * What has been acknowledged at an exit: records of ranges, appended at once and synced within 100 ms. A
 * file begins with a snapshot of all before it; after SNAPSHOT_EVERY records a new file replaces it.
 *
 *     u32 bytes, u32 CRC of the rest, u8 kind, u16 subscriber, u8 0, pairs of u64 first, last
 */
import type { Cancel, Clock, Sequence } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import { getU64, putU64, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
import type { Disk, DiskFile } from './disk.ts';
import { Ranges } from './ranges.ts';
import { damaged } from './storage-error.ts';

const HEAD_BYTES = 12;
const ACCEPTED = 1;
const SNAPSHOT = 7;
/** Keeps a file under a few MiB, so that a start reads it at once. */
const SNAPSHOT_EVERY = 65_536;
/** A power cut may repeat what was acknowledged in this time; a killed process repeats nothing. */
const SYNC_WITHIN_MS = 100;

function encode(kind: number, pairs: readonly number[]): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + 8 * pairs.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint8(8, kind);
  pairs.forEach((value, i) => {
    putU64(view, HEAD_BYTES + 8 * i, value);
  });
  view.setUint32(4, crc32(bytes, 8, bytes.length, 0), true);
  return bytes;
}

export class AckLog {
  readonly ranges = new Ranges();
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #folder: string;
  readonly #fail: (error: unknown) => void;
  /** Calls when ranges have become durable, with the low-water mark they give. */
  readonly #onSynced: (low: Sequence) => void;
  readonly #snapshotEvery: number;
  #file: DiskFile | undefined;
  #number = 0;
  #position = 0;
  #records = 0;
  #pending: number[] = [];
  #work: Promise<void> = Promise.resolve();
  #scheduled = false;
  #failed = false;
  #cancelSync: Cancel | undefined;

  constructor(options: {
    readonly disk: Disk;
    readonly clock: Clock;
    readonly folder: string;
    readonly fail: (error: unknown) => void;
    readonly onSynced: (low: Sequence) => void;
    /** Records in a file before a new one replaces it. */
    readonly snapshotEvery?: number | undefined;
  }) {
    this.#disk = options.disk;
    this.#clock = options.clock;
    this.#folder = options.folder;
    this.#fail = options.fail;
    this.#onSynced = options.onSynced;
    this.#snapshotEvery = options.snapshotEvery ?? SNAPSHOT_EVERY;
  }

  /**
   * Reads the newest file that begins with a whole snapshot. Its torn tail and what is older go, once all of it
   * is durable: a process that was killed may have left it in the system's memory only.
   * @throws RoundaboutError `data-damaged`
   */
  async load(): Promise<void> {
    const names = await this.#disk.list(this.#folder);
    const found = names
      .filter((name) => /^acks-\d+$/.test(name))
      .map((name) => Number(name.slice(5)));
    const numbers = found.sort((a, b) => b - a);
    let broken: string | undefined;
    for (const number of numbers) {
      const file = await this.#disk.open(this.#path(number), 'write');
      const bytes = Buffer.alloc(await file.size());
      await file.read(bytes, 0);
      this.#position = this.#apply(bytes);
      if (this.#position > 0) {
        this.#file = file;
        this.#number = number;
        if (this.#position < bytes.length) await file.truncate(this.#position);
        await file.sync();
        await this.#disk.syncFolder(this.#folder);
        break;
      }
      await file.close();
      // The first snapshot of all is empty; any other has a file before it until it is durable.
      if (bytes.length > HEAD_BYTES) broken ??= this.#path(number);
    }
    if (this.#file === undefined) {
      if (broken !== undefined) throw damaged(broken, 0, 'its first record does not verify');
      this.#number = numbers[0] ?? 0;
      await this.#snapshot();
    }
    for (const number of numbers) {
      if (number !== this.#number) await this.#disk.remove(this.#path(number));
    }
  }

  /** The file that says what has been acknowledged. */
  get path(): string {
    return this.#path(this.#number);
  }

  settle(first: Sequence, last: Sequence): number {
    const added = this.ranges.add(first, last);
    const { length } = this.#pending;
    if (length > 0 && this.#pending[length - 1] === first - 1) this.#pending[length - 1] = last;
    else this.#pending.push(first, last);
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => this.#chain(() => this.#write()));
    }
    return added;
  }

  /** Resolves when everything settled so far is written and synced. */
  async sync(): Promise<void> {
    this.#chain(() => this.#write());
    this.#chain(() => this.#syncNow());
    await this.#work;
  }

  async close(): Promise<void> {
    await this.sync();
    this.#cancelSync?.();
    await this.#file?.close();
  }

  #chain(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      // What failed once is not tried again, and nothing counts as durable after it.
      if (this.#failed) return;
      try {
        await step();
      } catch (error) {
        this.#failed = true;
        this.#fail(error);
      }
    });
  }

  #path(number: number): string {
    return `${this.#folder}/acks-${number}`;
  }

  /** @returns how many bytes of whole records there are; 0 when the first is no snapshot */
  #apply(bytes: Buffer): number {
    const view = viewOf(bytes);
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const size = view.getUint32(at, true);
      if (size < HEAD_BYTES || at + size > bytes.length) break;
      if (crc32(bytes, at + 8, at + size, 0) !== view.getUint32(at + 4, true)) break;
      if (at === 0 && view.getUint8(8) !== SNAPSHOT) return 0;
      for (let pair = at + HEAD_BYTES; pair < at + size; pair += 16) {
        this.ranges.add(getU64(view, pair), getU64(view, pair + 8));
      }
      this.#records++;
      at += size;
    }
    return at;
  }

  async #write(): Promise<void> {
    this.#scheduled = false;
    if (this.#pending.length === 0 || this.#file === undefined) return;
    const bytes = encode(ACCEPTED, this.#pending);
    this.#pending = [];
    await this.#file.write(bytes, this.#position);
    this.#position += bytes.length;
    if (++this.#records >= this.#snapshotEvery) {
      await this.#snapshot();
      return;
    }
    this.#cancelSync ??= this.#clock.wake(
      this.#clock.now() + SYNC_WITHIN_MS * MICROS_PER_MS,
      () => {
        this.#cancelSync = undefined;
        this.#chain(() => this.#syncNow());
      },
    );
  }

  async #syncNow(): Promise<void> {
    const { low } = this.ranges;
    const unwritten = this.#pending.length > 0;
    await this.#file?.sync();
    if (!unwritten) this.#onSynced(low);
  }

  /** A new file that says all; the older ones go when it is durable. */
  async #snapshot(): Promise<void> {
    const older = this.#number;
    const old = this.#file;
    this.#number = older + 1;
    const file = await this.#disk.open(this.#path(this.#number), 'create');
    // What is settled meanwhile is not in it.
    const { low } = this.ranges;
    const bytes = encode(SNAPSHOT, this.ranges.pairs());
    await file.write(bytes, 0);
    await file.sync();
    await this.#disk.syncFolder(this.#folder);
    this.#file = file;
    this.#position = bytes.length;
    this.#records = 1;
    this.#onSynced(low);
    if (old === undefined) return;
    await old.close();
    await this.#disk.remove(this.#path(older));
  }
}
