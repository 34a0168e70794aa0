/**
 * Reads a lane log from its beginning, group by group, and decides where it ends. The first group that
 * does not verify is the candidate end: a valid group behind it that knew of durable data beyond it, or
 * a held message whose cause lies beyond it, proves that durable data is damaged. Otherwise what follows
 * is a torn tail.
 */
import type { LogEntry, Lsn } from '../stream/entry.ts';
import { hexName, hexNumber } from './binary.ts';
import type { Disk } from './disk.ts';
import { GROUP_HEADER_BYTES, groupBytes, type ReadGroup, readGroup } from './group.ts';
import { PAGE_BYTES } from './header-page.ts';
import { pageAfter, Segment } from './segment.ts';
import { damaged } from './storage-error.ts';
import { Window } from './window.ts';

export interface LogEnd {
  readonly segments: readonly Segment[];
  readonly segmentBytes: number;
  /** Where the next group goes. */
  readonly end: Lsn;
  /** What it chains on. */
  readonly crc: number;
  readonly tornBytes: number;
  /** Numbers of segments that lie behind the end. */
  readonly behind: readonly number[];
}

interface Reading {
  readonly segment: Segment;
  readonly window: Window;
  readonly size: number;
}

export class LogReader {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #pipelineId: string;
  #segmentBytes: number;

  constructor(disk: Disk, folder: string, pipelineId: string, segmentBytes: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#pipelineId = pipelineId;
    this.#segmentBytes = segmentBytes;
  }

  async numbers(): Promise<readonly number[]> {
    const names = await this.#disk.list(this.#folder);
    return names.map(hexNumber).filter((number) => number !== undefined);
  }

  /** The first entry there is, of a whole first group. */
  async first(): Promise<LogEntry | undefined> {
    const [number] = await this.numbers();
    const reading = number === undefined ? undefined : await this.#open(number);
    if (reading === undefined) return undefined;
    const group = await this.#group(reading, PAGE_BYTES);
    const entry = group?.entries().next().value;
    await reading.segment.file.close();
    return entry;
  }

  /**
   * @param apply takes each entry; its bytes are valid during the call
   * @param between is awaited after each group
   * @param evidence the highest LSN that a held message names as its cause
   * @throws RoundaboutError `data-damaged`
   */
  async read(
    apply: (entry: LogEntry) => void,
    between: () => Promise<void>,
    evidence: Lsn,
  ): Promise<LogEnd> {
    const segments: Segment[] = [];
    let crc = 0;
    let end: Lsn = 0;
    // A process that was killed may have left what only the system's memory has. What is applied counts as
    // durable: holds write what it causes, and offer it.
    await this.#disk.syncFolder(this.#folder);
    const numbers = await this.numbers();
    for (let index = 0; index < numbers.length; index++) {
      const reading = await this.#open(numbers[index]);
      const start = numbers[index] * this.#segmentBytes;
      const at = PAGE_BYTES;
      if (reading === undefined) {
        if (index === numbers.length - 1) break;
        // A later segment is created only when this one's header is durable.
        throw damaged(this.#path(numbers[index]), 0, 'its header does not verify');
      }
      await reading.segment.file.sync();
      let group = await this.#group(reading, at);
      const chained = group !== undefined && (segments.length === 0 || group.previous === crc);
      // Its first group does not follow: the log ends before it.
      if (!chained && segments.length > 0) {
        await reading.segment.file.close();
        break;
      }
      segments.push(reading.segment);
      end = start + at;
      while (group !== undefined && (group.previous === crc || end === start + at)) {
        for (const entry of group.entries()) apply(entry);
        await between();
        crc = group.crc;
        end = pageAfter(end + group.bytes);
        if (end - start >= this.#segmentBytes) break;
        group = await this.#group(reading, end - start);
        if (group !== undefined && group.previous !== crc) break;
      }
    }
    const tornBytes = await this.#judgeEnd(numbers, end, evidence);
    const behind = numbers.slice(segments.length);
    return { segments, segmentBytes: this.#segmentBytes, end, crc, tornBytes, behind };
  }

  /**
   * Lets go, durably, what lies behind the end. Were it still there when the log goes on, the rest of an
   * abandoned group could become whole again by what is written over its other pages, or chain on it.
   */
  async cut(found: LogEnd): Promise<void> {
    const last = found.segments.at(-1);
    await last?.cut(found.end - last.number * found.segmentBytes);
    for (const number of found.behind) await this.#disk.remove(this.#path(number));
    await this.#disk.syncFolder(this.#folder);
  }

  #path(number: number): string {
    return `${this.#folder}/${hexName(number)}`;
  }

  async #open(number: number): Promise<Reading | undefined> {
    const opened = await Segment.open(this.#disk, this.#folder, number, this.#pipelineId);
    if (opened === undefined) return undefined;
    this.#segmentBytes = opened.segmentBytes;
    const { segment } = opened;
    const size = await segment.file.size();
    return { segment, size, window: new Window(segment.file, size) };
  }

  async #group(reading: Reading, at: number): Promise<ReadGroup | undefined> {
    const bytes = groupBytes(await reading.window.at(at, GROUP_HEADER_BYTES));
    if (bytes === 0 || at + bytes > reading.size) return undefined;
    const lsn = reading.segment.number * this.#segmentBytes + at;
    return readGroup(await reading.window.at(at, bytes), lsn, reading.segment.salt);
  }

  /** Looks for proof that something durable lies beyond `end`. @returns the bytes of the torn group there */
  async #judgeEnd(numbers: readonly number[], end: Lsn, evidence: Lsn): Promise<number> {
    let torn = 0;
    let proof = evidence >= end && evidence > 0;
    for (const number of numbers) {
      const start = number * this.#segmentBytes;
      if (start + this.#segmentBytes <= end) continue;
      const reading = await this.#open(number);
      if (reading === undefined) continue;
      for (let at = Math.max(PAGE_BYTES, end - start); at < reading.size; at += PAGE_BYTES) {
        if (start + at === end) torn = groupBytes(await reading.window.at(at, GROUP_HEADER_BYTES));
        const group = await this.#group(reading, at);
        if (group !== undefined && group.durable > end) proof = true;
      }
      await reading.segment.file.close();
    }
    if (proof) {
      const at = await this.#brokenAt(numbers, end);
      const path = this.#path(Math.floor(at / this.#segmentBytes));
      throw damaged(path, at % this.#segmentBytes, 'a group that was durable does not verify');
    }
    return torn;
  }

  /** Where the damaged group stands: at `end`, or first in the segment behind if nothing was written at `end`. */
  async #brokenAt(numbers: readonly number[], end: Lsn): Promise<Lsn> {
    const number = Math.floor(end / this.#segmentBytes);
    const start = number * this.#segmentBytes;
    if (end === start) return start + PAGE_BYTES;
    const reading = numbers.includes(number) ? await this.#open(number) : undefined;
    const page = await reading?.window.at(end - start, PAGE_BYTES);
    await reading?.segment.file.close();
    if (page?.some((byte) => byte !== 0) || !numbers.includes(number + 1)) return end;
    const behind = await this.#open(number + 1);
    const group = behind && (await this.#group(behind, PAGE_BYTES));
    await behind?.segment.file.close();
    return group === undefined ? start + this.#segmentBytes + PAGE_BYTES : end;
  }
}
