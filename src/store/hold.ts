/**
 * The hold of one exit: messages in segments, acknowledgements beside them. What is appended is written in
 * one write a turn and offered when written; it need not be synced, as a replay of the log gives the same
 * bytes and numbers. A message that is there already is compared by checksum. A segment goes when all in it
 * is settled, durably; the newest never goes. How much is held is for `keeper.ts` to judge.
 */
import assert from 'node:assert';
import type { Id, Lsn } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import type {
  Bodies,
  Cancel,
  Clock,
  HeldMessages,
  Hold,
  HoldBounds,
  Offerer,
  Sequence,
  Slice,
} from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { AckLog, type Fate } from './ack-log.ts';
import type { Disk } from './disk.ts';
import type { HoldSegment } from './hold-segment.ts';
import { HoldSegments } from './hold-segments.ts';
import { Keeper, type Surroundings } from './keeper.ts';
import { damaged, storageError } from './storage-error.ts';
import { WriteBuffer } from './write-buffer.ts';

/** A hold of few bytes has segments of this size at least: smaller ones would hardly free any more. */
const SEGMENT_BYTES_MIN = 1024 * 1024;
/** A segment is at most this part of what may be held, since it is freed as a whole. */
const SEGMENTS_MIN = 16;

export interface HoldOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  readonly pipelineId: string;
  readonly exit: Id;
  /** 32 hex digits: one life of the exit's numbering. */
  readonly stream: string;
  readonly segmentBytes: number;
  /** As AckLog's. */
  readonly snapshotEvery?: number;
  readonly onFailure: (error: RoundaboutError) => void;
}

/** numbered = delivered + expired + dropped + superseded + moved + held. */
export interface HoldCounts extends Readonly<Record<Exclude<Fate, 'accepted'>, number>> {
  readonly numbered: number;
  readonly delivered: number;
  readonly held: number;
  /** Of segments on disk. */
  readonly bytes: number;
}

export class DiskHold implements Hold, HeldMessages {
  next: Sequence = 1;
  /** The highest LSN that a stored message names as its cause. */
  evidence: Lsn = 0;
  readonly #options: HoldOptions;
  readonly #acks: AckLog;
  readonly #segments: HoldSegments;
  readonly #buffer = new WriteBuffer();
  readonly #listeners = new Set<() => void>();
  readonly #keeper: Keeper;
  #maxBytes: number | null = null;
  /** The number up to which messages were stored when the hold was opened. */
  #stored: Sequence = 0;
  /** Checksums of repeated messages that wait to be compared. */
  #repeated: { readonly first: Sequence; readonly crcs: number[] } | undefined;
  #work: Promise<void> = Promise.resolve();
  /** The last read of a receiver's: no file goes while it lasts. */
  #reading: Promise<unknown> = Promise.resolve();
  #scheduled = false;
  #failed = false;

  private constructor(options: HoldOptions) {
    this.#options = options;
    this.#acks = new AckLog({
      ...options,
      fail: (error) => this.#fail(error),
      onSyncing: () => {
        const settled = this.#segments.settled();
        return () => this.#chain(() => this.#free(settled));
      },
    });
    this.#segments = new HoldSegments(options, this.#acks.ranges);
    this.#keeper = this.#makeKeeper();
  }

  /** @throws RoundaboutError `data-damaged`, `newer-format` */
  static async open(options: HoldOptions): Promise<DiskHold> {
    await options.disk.makeFolder(options.folder);
    const hold = new DiskHold(options);
    await hold.#acks.load();
    await hold.#load();
    const { first } = hold.#segments;
    if (first !== undefined && first - 1 > hold.#acks.ranges.low) {
      const why = `message ${first - 1} is gone, and was not acknowledged by what is there`;
      throw damaged(hold.#acks.path, 0, why);
    }
    hold.#segments.expectHeld();
    return hold;
  }

  get written(): Sequence {
    return this.#segments.written;
  }

  get held(): number {
    return this.written - this.#acknowledged(this.written);
  }

  /** Appended but not yet written. */
  get bufferedBytes(): number {
    return this.#buffer.length;
  }

  counts(): HoldCounts {
    const numbered = this.next - 1;
    const settled = this.#acknowledged(numbered);
    const { accepted: delivered, ...others } = this.#acks.counts;
    const { bytes } = this.#segments;
    return { numbered, delivered, ...others, held: numbered - settled, bytes };
  }

  /** Too much is held, and nothing of it may go: no more should come. */
  get full(): boolean {
    return this.#keeper.full;
  }

  /** Bounds that hold from now on, also for what is held. Only once the log has been replayed. */
  bound(bounds: HoldBounds, around: Surroundings): void {
    this.#maxBytes = bounds.maxBytes;
    this.#keeper.bound(bounds, around);
  }

  /** Whatever is held stays, as long as it is asked for. */
  unbound(): void {
    this.#maxBytes = null;
    this.#keeper.unbound();
  }

  /** Nothing is let go any more but by who takes it. */
  stopKeeping(): void {
    this.#keeper.stop();
  }

  append(bodies: Bodies): void {
    const { first, count, at, cause, bytes, ends, keys } = bodies;
    assert(first === this.next, `message ${first} came where ${this.next} was due`);
    this.next += count;
    const buffer = this.#buffer;
    for (let i = 0; i < count; i++) {
      const sequence = first + i;
      const start = i === 0 ? 0 : ends[i - 1];
      const mark = buffer.length;
      const key = keys?.bytes.subarray(i === 0 ? 0 : keys.ends[i - 1], keys.ends[i]);
      const crc = buffer.add(bytes, start, ends[i], { sequence, at, cause }, key);
      if (sequence > this.#stored) continue;
      buffer.cut(mark);
      this.#repeated ??= { first: sequence, crcs: [] };
      this.#repeated.crcs.push(crc);
    }
    if (buffer.length > 0 && !this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => this.#chain(() => this.#write()));
    }
  }

  /**
   * Compares what was repeated since the last call with what is stored.
   * @throws RoundaboutError `replay-differs`
   */
  async verify(): Promise<void> {
    const repeated = this.#repeated;
    if (repeated === undefined) return;
    this.#repeated = undefined;
    const last = repeated.first + repeated.crcs.length - 1;
    // Of segments that are gone nothing is left to compare.
    for (const { segment, from, to } of this.#segments.with(repeated.first, last)) {
      let compared = from - 1;
      const position = await segment.scan(segment.placeOf(from), ({ sequence, crc }) => {
        if (sequence > to) return false;
        compared = sequence;
        if (sequence >= from && crc !== repeated.crcs[sequence - repeated.first]) {
          throw new RoundaboutError(
            'replay-differs',
            `the log gives another message ${sequence} of exit ${this.#options.exit} than the one held`,
            { hint: 'this is a defect of roundabout; nothing new was offered. Please report it' },
          );
        }
        return true;
      });
      if (compared < to) segment.damage(position);
    }
  }

  /** The log has been replayed: whatever is acknowledged must have been numbered. */
  async endReplay(): Promise<void> {
    await this.verify();
    const { highest } = this.#acks.ranges;
    if (highest >= this.next || this.#stored >= this.next) {
      const why = `it knows message ${Math.max(highest, this.#stored)}, the log only ${this.next - 1}`;
      throw damaged(this.#options.folder, 0, why);
    }
    await this.flush();
    const { newest } = this.#segments;
    if (newest !== undefined && !this.#failed) await newest.file.truncate(newest.size);
  }

  firstHeld(from: Sequence): Sequence | undefined {
    const { ranges } = this.#acks;
    let first = ranges.firstOutside(from);
    while (this.#keeper.isLeaving(first)) first = ranges.firstOutside(first + 1);
    return first <= this.written ? first : undefined;
  }

  read(from: Sequence, maxBytes: number): Promise<Slice> {
    const reading = this.#segments.read(from, maxBytes);
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /** When the oldest message that is held entered; undefined: none is. */
  async heldSince(): Promise<Micros | undefined> {
    let since: Micros | undefined;
    // In turn with what deletes segments.
    this.#chain(async () => {
      await this.#segments.walk(({ at }) => {
        since = at;
        return false;
      });
    });
    await this.#work;
    return since;
  }

  settle(first: Sequence, last: Sequence): void {
    this.#acks.settle('accepted', first, last);
    this.#keeper.settled(first, last);
  }

  charges(sequence: Sequence): number {
    return this.#acks.charges(sequence);
  }

  charge(sequence: Sequence): number {
    return this.#acks.charge(sequence);
  }

  synced(): Promise<void> {
    return this.#acks.synced();
  }

  /** Settles a message of which a durable `redirect` has made a dead letter; again is nothing new. */
  move(sequence: Sequence): void {
    this.#acks.settle('moved', sequence, sequence);
    this.#keeper.settled(sequence, sequence);
  }

  offeredBy(offerer: Offerer): void {
    this.#keeper.offeredBy(offerer);
  }

  cameBack(sequence: Sequence): void {
    this.#keeper.cameBack(sequence);
  }

  onWritten(call: () => void): Cancel {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** Resolves when everything appended so far is written, and what had to go because of it has gone. */
  async flush(): Promise<void> {
    this.#chain(() => this.#write());
    await this.#work;
    await this.#work;
  }

  async close(): Promise<void> {
    this.#keeper.stop();
    await this.flush();
    await this.#acks.close();
    await this.#work;
    await this.#segments.close(!this.#failed);
  }

  #makeKeeper(): Keeper {
    return new Keeper({
      clock: this.#options.clock,
      acks: this.#acks,
      held: () => this.held,
      heldBytes: () => this.#segments.heldBytes(),
      walk: (visit) => this.#segments.walk(visit),
      chain: (step) => this.#chain(step),
    });
  }

  /** How many of 1..last are acknowledged. */
  #acknowledged(last: Sequence): number {
    const { ranges } = this.#acks;
    // Acknowledged beyond `last` only while a replay has not come so far.
    return ranges.highest <= last ? ranges.size : Math.min(ranges.low, last);
  }

  async #load(): Promise<void> {
    await this.#segments.load();
    const { newest } = this.#segments;
    if (newest === undefined) return;
    // Only the end of the newest segment can be torn; whole ones are read when they are needed.
    const { last, end } = await this.#scan(newest);
    // It is cut when the log has been replayed: until then nothing is changed but by writing the same again.
    newest.size = end;
    this.#stored = last;
    this.#segments.written = last;
    // The newest may have no message yet: those before it name the causes.
    for (const segment of this.#segments.backwards()) {
      if (this.evidence === 0 && segment !== newest) await this.#scan(segment);
    }
  }

  /** Notes the causes that a segment names. @returns its last whole message, and where that ends */
  async #scan(segment: HoldSegment): Promise<{ readonly last: Sequence; readonly end: number }> {
    let last = segment.first - 1;
    const end = await segment.scan(segment.placeOf(segment.first), ({ sequence, cause }) => {
      last = sequence;
      this.evidence = Math.max(this.evidence, cause);
      return true;
    });
    return { last, end };
  }

  #chain(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error) => this.#fail(error));
  }

  async #write(): Promise<void> {
    this.#scheduled = false;
    const taken = this.#buffer.take();
    if (taken === undefined || this.#failed) return;
    const segment = await this.#segments.writable(taken.first, this.#segmentBytes());
    await segment.file.write(taken.bytes, segment.size);
    for (let i = 0; i < taken.starts.length; i++) {
      segment.note(taken.first + i, segment.size + taken.starts[i]);
    }
    segment.size += taken.bytes.length;
    this.#segments.written = taken.first + taken.starts.length - 1;
    this.#keeper.wrote(taken);
    this.#buffer.giveBack(taken);
    for (const call of this.#listeners) call();
  }

  #segmentBytes(): number {
    const { segmentBytes } = this.#options;
    if (this.#maxBytes === null) return segmentBytes;
    return Math.min(segmentBytes, Math.max(SEGMENT_BYTES_MIN, this.#maxBytes / SEGMENTS_MIN));
  }

  async #free(settled: ReadonlySet<HoldSegment>): Promise<void> {
    if (settled.size === 0 || this.#failed) return;
    await this.#reading;
    await this.#segments.free(settled);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFailure(storageError(this.#options.folder, error));
  }
}
