/**
 * The lane log: entries on segments, in groups that are written at once and synced in a pipeline, one sync
 * in flight. An entry is delivered after the sync that covers it. A failed write or sync is final: nothing
 * is written or delivered after it.
 */
import assert from 'node:assert';
import type { Entry, LogEntry, Lsn } from '../stream/entry.ts';
import type { RoundaboutError } from '../stream/error.ts';
import type { Cancel, Clock } from '../stream/port.ts';
import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import type { Disk } from './disk.ts';
import { payloadOf, RECORD_HEADER_BYTES } from './entry-codec.ts';
import { GROUP_BYTES_MAX, GROUP_HEADER_BYTES, Group, GroupMemory } from './group.ts';
import { PAGE_BYTES } from './header-page.ts';
import type { Log, Replayed } from './log.ts';
import { type LogEnd, LogReader } from './log-reader.ts';
import { LogTime } from './log-time.ts';
import { pageAfter, Segment } from './segment.ts';
import { storageError } from './storage-error.ts';

/** A smaller group starts at most every PACE_MS: each takes a page and a sync of its own. */
const SMALL_GROUP_BYTES = 64 * 1024;
const PACE_MS = 5;
/** After this much quiet an empty group notes what is durable, so that damage to it can be told from a torn tail. */
const QUIET: Micros = MICROS_PER_SECOND;

/** No chunk entry may be longer: a group must fit a segment, and others must get their turn. */
export function chunkBytesMax(segmentBytes: number): number {
  return Math.min(256 * 1024, Math.floor(segmentBytes / 4));
}

export interface LaneLogOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  readonly pipelineId: string;
  /** Of new segments; those there are say their own. */
  readonly segmentBytes: number;
  readonly random: (bytes: number) => Uint8Array;
}

export class LaneLog implements Log {
  readonly #options: LaneLogOptions;
  readonly #reader: LogReader;
  readonly #time: LogTime;
  readonly #memory = new GroupMemory();
  #segments: Segment[] = [];
  #segmentBytes: number;
  #crc = 0;
  /** The end that was found, until what lies behind it has been let go: not before something is written. */
  #found: LogEnd | undefined;
  /** Where the next group goes. */
  #next: Lsn = PAGE_BYTES;
  #open: Group | undefined;
  /** Closed groups that wait to be written. */
  #queue: Group[] = [];
  /** Written groups that wait to be synced. */
  #written: { readonly group: Group; readonly segment: Segment }[] = [];
  #durable: Lsn = 0;
  #pending = 0;
  #writing = false;
  #syncing = false;
  #lastStartMs = Number.NEGATIVE_INFINITY;
  #cancelPace: Cancel | undefined;
  #cancelQuiet: Cancel = () => {};
  #noted = true;
  #failed = false;
  #waiters: (() => void)[] = [];
  #onDurable: (entries: readonly LogEntry[]) => void = () => {};
  #onFailure: (error: RoundaboutError) => void = () => {};

  private constructor(options: LaneLogOptions) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes;
    this.#time = new LogTime(options.clock);
    const { disk, folder, pipelineId, segmentBytes } = options;
    this.#reader = new LogReader(disk, folder, pipelineId, segmentBytes);
  }

  static async open(options: LaneLogOptions): Promise<LaneLog> {
    await options.disk.makeFolder(options.folder);
    return new LaneLog(options);
  }

  first(): Promise<LogEntry | undefined> {
    return this.#reader.first();
  }

  async replay(
    apply: (entry: LogEntry) => void,
    between: () => Promise<void>,
    evidence: Lsn,
  ): Promise<Replayed> {
    let entries = 0;
    const found = await this.#reader.read(
      (entry) => {
        entries++;
        this.#time.restore(entry.at);
        apply(entry);
      },
      between,
      evidence,
    );
    if (found.segments.length > 0) {
      this.#segments = [...found.segments];
      this.#segmentBytes = found.segmentBytes;
      this.#next = found.end;
      this.#crc = found.crc;
    }
    this.#durable = this.#next;
    this.#found = found;
    return { entries, bytes: entries === 0 ? 0 : this.#next, tornBytes: found.tornBytes };
  }

  start(calls: {
    readonly onDurable: (entries: readonly LogEntry[]) => void;
    readonly onFailure: (error: RoundaboutError) => void;
  }): void {
    this.#onDurable = calls.onDurable;
    this.#onFailure = calls.onFailure;
  }

  /** There is no cut yet, so that is all there ever was. */
  get storedBytes(): number {
    return this.#open?.end ?? this.#next;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  append(entry: Entry): LogEntry {
    const payload = payloadOf(entry);
    const size = RECORD_HEADER_BYTES + payload.length;
    assert(size <= this.#segmentBytes - 2 * PAGE_BYTES, 'an entry must fit a segment');
    let group = this.#open;
    if (group !== undefined && !this.#fits(group, size)) {
      this.#closeGroup(group);
      group = undefined;
    }
    group ??= this.#openGroup(size);
    this.#open = group;
    this.#pending += size;
    const stamped = group.add(entry, payload, this.#time.stamp());
    this.#kick();
    return stamped;
  }

  async flush(): Promise<void> {
    while (this.#pending > 0 && !this.#failed) {
      await new Promise<void>((done) => {
        this.#waiters.push(done);
        this.#kick(true);
      });
    }
  }

  /** Notes what is durable, and closes. */
  async close(): Promise<void> {
    await this.flush();
    this.#cancelQuiet();
    this.#cancelPace?.();
    if (!this.#failed && !this.#noted) await this.#note();
    this.#failed = true; // nothing may be written any more
    for (const { file } of this.#segments) await file.close();
  }

  #fits(group: Group, size: number): boolean {
    const inSegment = (group.lsn % this.#segmentBytes) + group.length + size;
    return (
      group.length + size <= Math.min(group.capacity, GROUP_BYTES_MAX) &&
      inSegment <= this.#segmentBytes
    );
  }

  #openGroup(size: number): Group {
    let at = pageAfter(this.#next);
    const inSegment = at % this.#segmentBytes;
    if (inSegment === 0) at += PAGE_BYTES;
    else if (inSegment + GROUP_HEADER_BYTES + size > this.#segmentBytes) {
      at += this.#segmentBytes - inSegment + PAGE_BYTES;
    }
    return new Group(at, this.#memory.take(size));
  }

  #closeGroup(group: Group): void {
    this.#queue.push(group);
    this.#next = pageAfter(group.end);
    this.#open = undefined;
  }

  /** Starts the writer if there is something that should be written now. */
  #kick(now = false): void {
    if (this.#writing || this.#failed) return;
    const open = this.#open;
    if (this.#queue.length === 0) {
      if (open === undefined) return;
      const wait = this.#lastStartMs + PACE_MS - this.#options.clock.elapsed();
      // Who waits for a flush does not wait for the pace.
      const hurry = now || this.#waiters.length > 0;
      if (!hurry && wait > 0 && open.length < SMALL_GROUP_BYTES) {
        this.#cancelPace ??= this.#options.clock.wake(
          this.#options.clock.now() + Math.ceil(wait * MICROS_PER_MS),
          () => {
            this.#cancelPace = undefined;
            this.#kick(true);
          },
        );
        return;
      }
      this.#closeGroup(open);
    }
    this.#writing = true;
    void this.#write();
  }

  async #write(): Promise<void> {
    this.#lastStartMs = this.#options.clock.elapsed();
    const group = this.#queue[0];
    try {
      const segment = await this.#segmentOf(group.lsn);
      const { bytes, crc } = group.seal(this.#durable, this.#crc, segment.salt);
      await segment.write(bytes, group.lsn % this.#segmentBytes, this.#segmentBytes);
      this.#crc = crc;
      this.#queue.shift();
      this.#written.push({ group, segment });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#writing = false;
    if (!this.#syncing) void this.#sync();
    this.#kick();
  }

  async #sync(): Promise<void> {
    this.#syncing = true;
    while (this.#written.length > 0 && !this.#failed) {
      const covered = this.#written;
      this.#written = [];
      try {
        for (const segment of new Set(covered.map((each) => each.segment))) {
          await segment.file.sync();
        }
      } catch (error) {
        this.#fail(error);
        return;
      }
      // Not inside the try: what an entry's taker throws is no failure of storage.
      for (const { group } of covered) this.#deliver(group);
    }
    this.#syncing = false;
    this.#noteWhenQuiet();
  }

  #deliver(group: Group): void {
    if (this.#failed) return;
    this.#durable = group.end;
    this.#pending -= group.length - GROUP_HEADER_BYTES;
    this.#noted = group.entries.length === 0;
    if (group.entries.length > 0) this.#onDurable(group.entries);
    this.#memory.give(group.memory);
    if (this.#pending > 0) {
      if (this.#waiters.length > 0) this.#kick(true);
      return;
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const done of waiters) done();
  }

  #noteWhenQuiet(): void {
    this.#cancelQuiet();
    if (this.#noted || this.#failed) return;
    const { clock } = this.#options;
    this.#cancelQuiet = clock.wake(clock.now() + QUIET, () => {
      if (this.#pending === 0 && !this.#writing && !this.#syncing) void this.#note();
    });
  }

  /**
   * Writes an empty group, which says what is durable. It needs no sync of its own, but what is written next
   * chains on it: the next sync covers it too, also when that group stands in another segment.
   */
  async #note(): Promise<void> {
    const group = this.#openGroup(0);
    // Not worth a segment of its own.
    if (group.lsn % this.#segmentBytes === PAGE_BYTES) return;
    this.#noted = true;
    this.#next = pageAfter(group.end);
    this.#writing = true;
    try {
      const segment = await this.#segmentOf(group.lsn);
      const { bytes, crc } = group.seal(this.#durable, this.#crc, segment.salt);
      await segment.write(bytes, group.lsn % this.#segmentBytes, this.#segmentBytes);
      this.#crc = crc;
      this.#written.push({ group, segment });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#writing = false;
    this.#kick();
  }

  async #segmentOf(lsn: Lsn): Promise<Segment> {
    if (this.#found !== undefined) await this.#reader.cut(this.#found);
    this.#found = undefined;
    const number = Math.floor(lsn / this.#segmentBytes);
    const last = this.#segments[this.#segments.length - 1];
    if (last?.number === number) return last;
    const { disk, folder, pipelineId, random } = this.#options;
    const size = this.#segmentBytes;
    const segment = await Segment.create(disk, folder, number, size, pipelineId, random);
    this.#segments.push(segment);
    return segment;
  }

  #fail(cause: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    for (const done of this.#waiters) done();
    this.#waiters = [];
    this.#onFailure(storageError(this.#options.folder, cause));
  }
}
