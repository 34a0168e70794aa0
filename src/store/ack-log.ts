/**
 * What has become of the messages of an exit: records of ranges, appended at once and synced within 100 ms.
 * A file begins with a snapshot of all before it; after SNAPSHOT_EVERY records a new file replaces it.
 *
 *     u32 bytes, u32 CRC of the rest, u8 kind, u16 subscriber, u8 0, pairs of u64
 *
 * accepted, expired, dropped, superseded, moved: pairs first, last. charged: pairs sequence, charges.
 * snapshot: how many are charged; how many were accepted, have expired, were dropped, superseded, moved; so
 * many pairs of charges; ranges of what is settled.
 */
import type { Cancel, Clock, Sequence } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import { getU64, putU64, viewOf } from './binary.ts';
import { crc32 } from './crc.ts';
import type { Disk, DiskFile } from './disk.ts';
import { Ranges } from './ranges.ts';
import { damaged } from './storage-error.ts';

const HEAD_BYTES = 12;
/** How a message is settled, and the kind of record that says so. */
const FATES = { accepted: 1, expired: 2, dropped: 3, superseded: 4, moved: 5 } as const;
const CHARGED = 6;
/** Earlier forms of it had 7 and 8. */
const SNAPSHOT = 9;
/** Keeps a file under a few MiB, so that a start reads it at once. */
const SNAPSHOT_EVERY = 65_536;
/** A power cut may repeat what was acknowledged in this time; a killed process repeats nothing. */
const SYNC_WITHIN_MS = 100;

export type Fate = keyof typeof FATES;
const EVERY_FATE = Object.keys(FATES) as readonly Fate[];

type Pairs = Record<Fate, number[]>;
const noPairs = (): Pairs => ({
  accepted: [],
  expired: [],
  dropped: [],
  superseded: [],
  moved: [],
});

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
  /** What is settled, one way or another. */
  readonly ranges = new Ranges();
  /** How many were settled which way, over the life of the folder. Together they are as many as the ranges have. */
  readonly counts: Record<Fate, number> = {
    accepted: 0,
    expired: 0,
    dropped: 0,
    superseded: 0,
    moved: 0,
  };
  /** How often the delivery of a message failed that is not settled. */
  readonly #charges = new Map<Sequence, number>();
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #folder: string;
  readonly #fail: (error: unknown) => void;
  /** Calls before a sync; what it returns is called when all that was settled by then is durable. */
  readonly #onSyncing: () => () => void;
  readonly #snapshotEvery: number;
  #file: DiskFile | undefined;
  #number = 0;
  #position = 0;
  #records = 0;
  /** Pairs that wait to be written. */
  #settled = noPairs();
  #charged: number[] = [];
  #work: Promise<void> = Promise.resolve();
  #scheduled = false;
  #unwritten = false;
  #failed = false;
  /** The next sync, as long as it has not begun. */
  #nextSync: Promise<void> | undefined;
  #cancelSync: Cancel | undefined;

  constructor(options: {
    readonly disk: Disk;
    readonly clock: Clock;
    readonly folder: string;
    readonly fail: (error: unknown) => void;
    readonly onSyncing: () => () => void;
    /** Records in a file before a new one replaces it. */
    readonly snapshotEvery?: number | undefined;
  }) {
    this.#disk = options.disk;
    this.#clock = options.clock;
    this.#folder = options.folder;
    this.#fail = options.fail;
    this.#onSyncing = options.onSyncing;
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

  /** Settles first..last one way; what is settled already stays what it is. */
  settle(fate: Fate, first: Sequence, last: Sequence): void {
    const added = this.ranges.add(first, last);
    if (added === 0) return;
    this.counts[fate] += added;
    this.#forget(first, last);
    const pairs = this.#settled[fate];
    const { length } = pairs;
    if (length > 0 && pairs[length - 1] === first - 1) pairs[length - 1] = last;
    else pairs.push(first, last);
    this.#unwritten = true;
    this.#schedule();
  }

  charges(sequence: Sequence): number {
    return this.#charges.get(sequence) ?? 0;
  }

  /** @returns how often its delivery has failed, this time included */
  charge(sequence: Sequence): number {
    const charges = this.charges(sequence) + 1;
    this.#charges.set(sequence, charges);
    this.#charged.push(sequence, charges);
    this.#unwritten = true;
    this.#schedule();
    return charges;
  }

  /** Resolves when everything settled so far is written and synced. */
  sync(): Promise<void> {
    if (this.#nextSync === undefined) {
      this.#chain(async () => {
        this.#nextSync = undefined;
        await this.#write();
        await this.#syncNow();
      });
      this.#nextSync = this.#work;
    }
    return this.#nextSync;
  }

  /** As `sync`, but after a failure it never resolves: nothing may be built on it. */
  async synced(): Promise<void> {
    await this.sync();
    if (this.#failed) await new Promise(() => {});
  }

  async close(): Promise<void> {
    await this.sync();
    this.#cancelSync?.();
    // A sync that fell due meanwhile stands behind.
    await this.#work;
    await this.#file?.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#chain(() => this.#write()));
  }

  /** What is settled has no charges any more. */
  #forget(first: Sequence, last: Sequence): void {
    if (this.#charges.size === 0) return;
    if (last - first < this.#charges.size) {
      for (let sequence = first; sequence <= last; sequence++) this.#charges.delete(sequence);
      return;
    }
    for (const sequence of this.#charges.keys()) {
      if (sequence >= first && sequence <= last) this.#charges.delete(sequence);
    }
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
      const kind = view.getUint8(at + 8);
      if (at === 0 && kind !== SNAPSHOT) return 0;
      const pairs: number[] = [];
      for (let place = at + HEAD_BYTES; place < at + size; place += 8) {
        pairs.push(getU64(view, place));
      }
      this.#restore(kind, pairs);
      this.#records++;
      at += size;
    }
    return at;
  }

  #restore(kind: number, pairs: number[]): void {
    if (kind === SNAPSHOT) {
      const [charged, ...counts] = pairs.splice(0, 1 + EVERY_FATE.length);
      for (const [i, fate] of EVERY_FATE.entries()) this.counts[fate] = counts[i];
      this.#restore(CHARGED, pairs.splice(0, 2 * charged));
    }
    const fate = EVERY_FATE.find((one) => FATES[one] === kind);
    for (let i = 0; i < pairs.length; i += 2) {
      const [first, last] = [pairs[i], pairs[i + 1]];
      if (kind === CHARGED) {
        this.#charges.set(first, last);
        continue;
      }
      const added = this.ranges.add(first, last);
      if (fate !== undefined) this.counts[fate] += added;
      this.#forget(first, last);
    }
  }

  async #write(): Promise<void> {
    this.#scheduled = false;
    if (!this.#unwritten || this.#file === undefined) return;
    // Charges first: what is settled behind them has none.
    const records = this.#charged.length === 0 ? [] : [encode(CHARGED, this.#charged)];
    for (const fate of EVERY_FATE) {
      const pairs = this.#settled[fate];
      if (pairs.length > 0) records.push(encode(FATES[fate], pairs));
    }
    const bytes = Buffer.concat(records);
    this.#charged = [];
    this.#settled = noPairs();
    this.#unwritten = false;
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
    const unwritten = this.#unwritten;
    const synced = this.#onSyncing();
    await this.#file?.sync();
    if (!unwritten) synced();
  }

  /** A new file that says all; the older ones go when it is durable. */
  async #snapshot(): Promise<void> {
    const older = this.#number;
    const old = this.#file;
    this.#number = older + 1;
    const file = await this.#disk.open(this.#path(this.#number), 'create');
    // What is settled meanwhile is not in it.
    const synced = this.#onSyncing();
    const charges = [...this.#charges].flat();
    const totals = [charges.length / 2, ...EVERY_FATE.map((fate) => this.counts[fate])];
    const bytes = encode(SNAPSHOT, [...totals, ...charges, ...this.ranges.pairs()]);
    await file.write(bytes, 0);
    await file.sync();
    await this.#disk.syncFolder(this.#folder);
    this.#file = file;
    this.#position = bytes.length;
    this.#records = 1;
    synced();
    if (old === undefined) return;
    await old.close();
    await this.#disk.remove(this.#path(older));
  }
}
