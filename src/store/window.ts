/**
 * Reads a file from front to back through one buffer, so that nothing is ever read whole. What it
 * returns is a view that the next read overwrites.
 */
import type { DiskFile } from './disk.ts';

/** One read: large enough that the disk streams, small against any segment. */
const WINDOW_BYTES = 1024 * 1024;

export class Window {
  readonly #file: DiskFile;
  readonly #size: number;
  readonly #bytes: number;
  #buffer: Buffer;
  #start = 0;
  #filled = 0;

  /**
   * @param size how far the file may be read
   * @param bytes how much is read at once, unless more is asked for
   */
  constructor(file: DiskFile, size: number, bytes = WINDOW_BYTES) {
    this.#file = file;
    this.#size = size;
    this.#bytes = bytes;
    this.#buffer = Buffer.alloc(0);
  }

  /** What `place` speaks of; the next read fills it anew. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** @returns where in `buffer` the `bytes` bytes from `at` on begin; -1: they are not there whole */
  place(at: number, bytes: number): number {
    const place = at - this.#start;
    return place >= 0 && place + bytes <= this.#filled ? place : -1;
  }

  /** @returns `bytes` bytes from `at` on, or fewer at the end of the file */
  async at(at: number, bytes: number): Promise<Buffer> {
    return this.peek(at, bytes) ?? (await this.#fill(at, bytes));
  }

  /** The same without waiting. @returns undefined when it must be read first */
  peek(at: number, bytes: number): Buffer | undefined {
    const end = Math.min(at + bytes, this.#size);
    if (at < this.#start || end > this.#start + this.#filled) return undefined;
    return this.#buffer.subarray(at - this.#start, Math.max(at, end) - this.#start);
  }

  async #fill(at: number, bytes: number): Promise<Buffer> {
    const left = Math.max(0, this.#size - at);
    const want = Math.min(left, Math.max(bytes, this.#bytes));
    if (this.#buffer.length < want) this.#buffer = Buffer.allocUnsafeSlow(want);
    this.#start = at;
    this.#filled = await this.#file.read(this.#buffer.subarray(0, want), at);
    return this.#buffer.subarray(0, Math.min(bytes, this.#filled));
  }
}
