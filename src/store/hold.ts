/**
 * The hold of one exit: messages in segments, acknowledgements beside them. What is appended is written in
 * one write a turn and offered when written; it need not be synced, as a replay of the log gives the same
 * bytes and numbers. A message that is there already is compared by checksum. A segment goes when all in it
 * is acknowledged, durably; the newest never goes.
 */
import assert from 'node:assert';
import type { Id, Lsn } from '../stream/entry.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Bodies, Cancel, Clock, HeldMessages, Hold, Sequence, Slice } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { AckLog } from './ack-log.ts';
import { hexName, hexNumber } from './binary.ts';
import type { Disk } from './disk.ts';
import { HoldSegment, type Message } from './hold-segment.ts';
import { damaged, storageError } from './storage-error.ts';
import { WriteBuffer } from './write-buffer.ts';

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

export interface HoldCounts {
  readonly numbered: number;
  readonly delivered: number;
  /** To the dead letter. */
  readonly moved: number;
  readonly held: number;
  /** Of segments on disk. */
  readonly bytes: number;
}

export class DiskHold implements Hold, HeldMessages {
  next: Sequence = 1;
  written: Sequence = 0;
  /** The highest LSN that a stored message names as its cause. */
  evidence: Lsn = 0;
  readonly #options: HoldOptions;
  readonly #acks: AckLog;
  readonly #segments: HoldSegment[] = [];
  readonly #buffer = new WriteBuffer();
  readonly #listeners = new Set<() => void>();
  /** The number up to which messages were stored when the hold was opened. */
  #stored: Sequence = 0;
  /** Checksums of repeated messages that wait to be compared. */
  #repeated: { readonly first: Sequence; readonly crcs: number[] } | undefined;
  #work: Promise<void> = Promise.resolve();
  #scheduled = false;
  #failed = false;

  private constructor(options: HoldOptions) {
    this.#options = options;
    this.#acks = new AckLog({
      ...options,
      fail: (error) => this.#fail(error),
      onSynced: (low) => this.#chain(() => this.#free(low)),
    });
  }

  /** @throws RoundaboutError `data-damaged`, `newer-format` */
  static async open(options: HoldOptions): Promise<DiskHold> {
    await options.disk.makeFolder(options.folder);
    const hold = new DiskHold(options);
    await hold.#acks.load();
    await hold.#load();
    const [first] = hold.#segments;
    if (first !== undefined && first.first - 1 > hold.#acks.ranges.low) {
      const why = `message ${first.first - 1} is gone, and was not acknowledged by what is there`;
      throw damaged(hold.#acks.path, 0, why);
    }
    return hold;
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
    const { moved } = this.#acks;
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.size;
    return { numbered, delivered: settled - moved, moved, held: numbered - settled, bytes };
  }

  append(bodies: Bodies): void {
    const { first, count, at, cause, bytes, ends } = bodies;
    assert(first === this.next, `message ${first} came where ${this.next} was due`);
    this.next += count;
    const buffer = this.#buffer;
    for (let i = 0; i < count; i++) {
      const sequence = first + i;
      const start = i === 0 ? 0 : ends[i - 1];
      const mark = buffer.length;
      const crc = buffer.add(bytes, start, ends[i], { sequence, at, cause });
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
    for (const [i, segment] of this.#segments.entries()) {
      const end = Math.min(last, (this.#segments[i + 1]?.first ?? this.#stored + 1) - 1);
      const from = Math.max(repeated.first, segment.first);
      if (from > end) continue; // of deleted segments nothing is left to compare
      let compared = from - 1;
      const position = await segment.scan(segment.placeOf(from), ({ sequence, crc }) => {
        if (sequence > end) return false;
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
      if (compared < end) segment.damage(position);
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
    const newest = this.#segments.at(-1);
    if (newest !== undefined && !this.#failed) await newest.file.truncate(newest.size);
  }

  firstHeld(from: Sequence): Sequence | undefined {
    const first = this.#acks.ranges.firstOutside(from);
    return first <= this.written ? first : undefined;
  }

  async read(from: Sequence, maxBytes: number): Promise<Slice> {
    const index = this.#segments.findLastIndex((segment) => segment.first <= from);
    const segment = this.#segments[index];
    assert(segment !== undefined && from <= this.written, `message ${from} is not held`);
    const last = Math.min(this.written, (this.#segments[index + 1]?.first ?? Infinity) - 1);
    const ends: number[] = [];
    const place = segment.placeOf(from);
    let bytes = Buffer.allocUnsafeSlow(Math.min(maxBytes, segment.size - place.position));
    let used = 0;
    const visit = ({ sequence, body: { bytes: source, start, end } }: Message): boolean => {
      if (sequence < from) return true;
      const full = ends.length > 0 && used + end - start > maxBytes;
      if (sequence > last || full) return false;
      // Only one that is larger than all there was room for comes alone.
      if (end - start > bytes.length) bytes = Buffer.allocUnsafeSlow(end - start);
      used += source.copy(bytes, used, start, end);
      ends.push(used);
      return true;
    };
    const position = await segment.scan(place, visit, maxBytes);
    if (ends.length === 0) segment.damage(position);
    const count = ends.length;
    return { first: from, count, bytes: bytes.subarray(0, used), ends: Int32Array.from(ends) };
  }

  /** When the oldest message that is held entered; undefined: none is. */
  async heldSince(): Promise<Micros | undefined> {
    let since: Micros | undefined;
    // In turn with what deletes segments.
    this.#chain(async () => {
      since = await this.#timeOf(this.firstHeld(1));
    });
    await this.#work;
    return since;
  }

  settle(first: Sequence, last: Sequence): void {
    this.#acks.settle(first, last);
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
    this.#acks.move(sequence);
  }

  onWritten(call: () => void): Cancel {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** Resolves when everything appended so far is written. */
  async flush(): Promise<void> {
    this.#chain(() => this.#write());
    await this.#work;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#acks.close();
    await this.#work;
    for (const { file } of this.#segments) {
      if (!this.#failed) await file.sync();
      await file.close();
    }
  }

  async #timeOf(wanted: Sequence | undefined): Promise<Micros | undefined> {
    const segment = this.#segments.findLast(({ first }) => wanted !== undefined && first <= wanted);
    if (wanted === undefined || segment === undefined) return undefined;
    let time: Micros | undefined;
    const position = await segment.scan(segment.placeOf(wanted), ({ sequence, at }) => {
      if (sequence === wanted) time = at;
      return sequence < wanted;
    });
    if (time === undefined) segment.damage(position);
    return time;
  }

  /** How many of 1..last are acknowledged. */
  #acknowledged(last: Sequence): number {
    const { ranges } = this.#acks;
    // Acknowledged beyond `last` only while a replay has not come so far.
    return ranges.highest <= last ? ranges.size : Math.min(ranges.low, last);
  }

  async #load(): Promise<void> {
    const { disk, folder } = this.#options;
    const firsts = (await disk.list(folder)).map(hexNumber).filter((first) => first !== undefined);
    for (const first of firsts) {
      const segment = await HoldSegment.open(disk, folder, first, this.#options);
      if (segment !== undefined) this.#segments.push(segment);
      else if (first === firsts.at(-1)) await disk.remove(`${folder}/${hexName(first)}`);
      else throw damaged(`${folder}/${hexName(first)}`, 0, 'its header does not verify');
    }
    const newest = this.#segments.at(-1);
    if (newest === undefined) return;
    // Only the end of the newest segment can be torn; whole ones are read when they are needed.
    const { last, end } = await this.#scan(newest);
    // It is cut when the log has been replayed: until then nothing is changed but by writing the same again.
    newest.size = end;
    this.#stored = last;
    this.written = last;
    // The newest may have no message yet: those before it name the causes.
    for (let i = this.#segments.length - 2; i >= 0 && this.evidence === 0; i--) {
      await this.#scan(this.#segments[i]);
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
    const { disk, folder, segmentBytes } = this.#options;
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.size >= segmentBytes) {
      if (segment !== undefined) {
        await segment.file.truncate(segment.size);
        await segment.file.sync();
      }
      segment = await HoldSegment.create(disk, folder, taken.first, this.#options);
      this.#segments.push(segment);
    }
    await segment.file.write(taken.bytes, segment.size);
    for (let i = 0; i < taken.starts.length; i++) {
      segment.note(taken.first + i, segment.size + taken.starts[i]);
    }
    segment.size += taken.bytes.length;
    this.written = taken.first + taken.starts.length - 1;
    this.#buffer.giveBack(taken);
    for (const call of this.#listeners) call();
  }

  /** Deletes segments all of which is acknowledged, durably. */
  async #free(low: Sequence): Promise<void> {
    while (!this.#failed && this.#segments.length > 1 && this.#segments[1].first - 1 <= low) {
      const [segment] = this.#segments.splice(0, 1);
      await segment.file.close();
      await this.#options.disk.remove(segment.path);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFailure(storageError(this.#options.folder, error));
  }
}
