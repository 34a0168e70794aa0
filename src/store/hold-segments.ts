/**
 * The segments of a hold, oldest first. Each ends where the next begins: one in the middle that is needed no
 * more loses its messages, and its place when all before it are gone. The newest never goes, so the highest
 * number is always known.
 */
import assert from 'node:assert';
import { Buffer } from 'node:buffer';
import type { Sequence, Slice } from '../stream/port.ts';
import { hexName, hexNumber } from './binary.ts';
import type { Disk } from './disk.ts';
import { PAGE_BYTES } from './header-page.ts';
import { HoldSegment, type Message } from './hold-segment.ts';
import type { Ranges } from './ranges.ts';
import { damaged } from './storage-error.ts';

/** Who walks through messages reads this much at once: mostly it wants the first few. */
const WALK_BYTES = 64 * 1024;
/** A walk reads on over so many settled messages rather than look for the next one that is held. */
const WALK_OVER = 256;

/** Whose segments they are. */
export interface SegmentsOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly pipelineId: string;
  readonly exit: number;
  readonly stream: string;
}

export class HoldSegments {
  /** The highest number that is written. */
  written: Sequence = 0;
  readonly #options: SegmentsOptions;
  readonly #settled: Ranges;
  readonly #all: HoldSegment[] = [];

  /** @param settled numbers of messages that are not held any more */
  constructor(options: SegmentsOptions, settled: Ranges) {
    this.#options = options;
    this.#settled = settled;
  }

  /** @throws RoundaboutError `data-damaged`, `newer-format` */
  async load(): Promise<void> {
    const { disk, folder } = this.#options;
    const firsts = (await disk.list(folder)).map(hexNumber).filter((first) => first !== undefined);
    for (const first of firsts) {
      const segment = await HoldSegment.open(disk, folder, first, this.#options);
      if (segment !== undefined) this.#all.push(segment);
      else if (first === firsts.at(-1)) await disk.remove(`${folder}/${hexName(first)}`);
      else throw damaged(`${folder}/${hexName(first)}`, 0, 'its header does not verify');
    }
  }

  /** @throws RoundaboutError `data-damaged` if messages are gone that nobody has settled */
  expectHeld(): void {
    for (const [i, { first, path, isEmpty }] of this.#all.entries()) {
      const next = this.#all[i + 1]?.first;
      if (!isEmpty || next === undefined || this.#settled.firstOutside(first) >= next) continue;
      throw damaged(path, PAGE_BYTES, 'it has no messages, and not all of them were acknowledged');
    }
  }

  get newest(): HoldSegment | undefined {
    return this.#all.at(-1);
  }

  /** The first number there is a place for; undefined: there is none yet. */
  get first(): Sequence | undefined {
    return this.#all[0]?.first;
  }

  /** Of the files. */
  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#all) bytes += segment.size;
    return bytes;
  }

  /** About how many bytes the messages take that are not settled. */
  heldBytes(): number {
    let bytes = 0;
    for (const [i, segment] of this.#all.entries()) {
      bytes += segment.heldBytes(this.#settled, this.#lastOf(i));
    }
    return bytes;
  }

  /** The one that the next messages go to: a new one if the newest has so many bytes already. */
  async writable(first: Sequence, segmentBytes: number): Promise<HoldSegment> {
    const { disk, folder } = this.#options;
    const { newest } = this;
    if (newest !== undefined && newest.size < segmentBytes) return newest;
    if (newest !== undefined) {
      await newest.file.truncate(newest.size);
      await newest.file.sync();
    }
    const segment = await HoldSegment.create(disk, folder, first, this.#options);
    this.#all.push(segment);
    return segment;
  }

  /** Where a message is, and the last one that is written there. */
  of(sequence: Sequence): { readonly segment: HoldSegment; readonly last: Sequence } {
    const index = this.#all.findLastIndex(({ first }) => first <= sequence);
    const segment = this.#all[index];
    assert(segment !== undefined && sequence <= this.written, `message ${sequence} is not held`);
    return { segment, last: this.#lastOf(index) };
  }

  /** Messages from `from` on, at least one and at most about so many bytes of them. */
  async read(from: Sequence, maxBytes: number): Promise<Slice> {
    const { segment, last } = this.of(from);
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

  /** Newest first. */
  backwards(): readonly HoldSegment[] {
    return this.#all.toReversed();
  }

  /** Those that have any of the messages first..last, with the first and the last of these. */
  *with(
    first: Sequence,
    last: Sequence,
  ): Generator<{ readonly segment: HoldSegment; readonly from: Sequence; readonly to: Sequence }> {
    for (const [i, segment] of this.#all.entries()) {
      const from = Math.max(first, segment.first);
      const to = Math.min(last, this.#lastOf(i));
      const isGone = segment.isEmpty && this.#settled.firstOutside(from) > to;
      if (from <= to && !isGone) yield { segment, from, to };
    }
  }

  /** Shows messages that are not settled, in order, until `visit` returns false. Only while nothing is written. */
  async walk(visit: (message: Message) => boolean): Promise<void> {
    const settled = this.#settled;
    let from = settled.firstOutside(1);
    let isOver = false;
    while (!isOver && from <= this.written) {
      const { segment, last } = this.of(from);
      let reached = from;
      const show = (message: Message): boolean => {
        const { sequence } = message;
        if (sequence < from) return true;
        if (sequence > last) return false;
        const next = settled.firstOutside(sequence);
        reached = Math.max(next, sequence + 1);
        if (next > sequence) return next - sequence < WALK_OVER;
        isOver = !visit(message);
        return !isOver;
      };
      const position = await segment.scan(segment.placeOf(from), show, WALK_BYTES);
      if (reached === from) segment.damage(position);
      from = settled.firstOutside(reached);
    }
  }

  /** All but the newest of which nothing is held. */
  settled(): ReadonlySet<HoldSegment> {
    const gone = new Set<HoldSegment>();
    for (let i = 0; i < this.#all.length - 1; i++) {
      const { first } = this.#all[i];
      if (this.#settled.firstOutside(first) >= this.#all[i + 1].first) gone.add(this.#all[i]);
    }
    return gone;
  }

  /** Lets segments go all of which is settled, durably. */
  async free(settled: ReadonlySet<HoldSegment>): Promise<void> {
    while (settled.has(this.#all[0])) {
      const [segment] = this.#all.splice(0, 1);
      await segment.file.close();
      await this.#options.disk.remove(segment.path);
    }
    for (const segment of this.#all) {
      if (settled.has(segment) && !segment.isEmpty) await segment.empty();
    }
  }

  async close(sync: boolean): Promise<void> {
    for (const { file } of this.#all) {
      if (sync) await file.sync();
      await file.close();
    }
  }

  /** The last number of a segment that is written. */
  #lastOf(index: number): Sequence {
    return Math.min(this.written, (this.#all[index + 1]?.first ?? Infinity) - 1);
  }
}
