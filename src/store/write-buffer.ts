/** Messages that wait to be written, sealed as they will stand in a segment. */
import type { Sequence } from '../stream/port.ts';
import { viewOf } from './binary.ts';
import { headBytes, type MessageHead, sealMessage } from './hold-segment.ts';

const FIRST_BYTES = 64 * 1024;
/** A larger buffer is not kept for the next write. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

export interface Taken {
  readonly first: Sequence;
  readonly bytes: Buffer<ArrayBuffer>;
  /** Where each message begins. */
  readonly starts: readonly number[];
}

export class WriteBuffer {
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #first: Sequence = 0;
  #starts: number[] = [];
  /** What was written out: fresh memory is dear. */
  #spare: Buffer<ArrayBuffer> | undefined;

  /** Adds a message whose sections are from[start..end). @returns its checksum */
  add(from: Uint8Array, start: number, end: number, head: MessageHead, key?: Uint8Array): number {
    const at = this.length;
    const to = at + headBytes(key?.length);
    const stop = to + end - start;
    if (stop > this.#bytes.length) this.#grow(stop);
    const bytes = this.#bytes;
    if (key !== undefined) bytes.set(key, to - key.length);
    for (let i = start, j = to; i < end; i++, j++) bytes[j] = from[i];
    if (this.#starts.length === 0) this.#first = head.sequence;
    this.#starts.push(at);
    this.length = stop;
    return sealMessage(this.#bytes, this.#view, at, stop, head, key?.length);
  }

  /** Lets go the last message added. */
  cut(length: number): void {
    this.length = length;
    this.#starts.pop();
  }

  /** Hands over all there is; undefined: nothing is there. */
  take(): Taken | undefined {
    if (this.length === 0) return undefined;
    const taken = {
      first: this.#first,
      bytes: this.#bytes.subarray(0, this.length),
      starts: this.#starts,
    };
    this.#bytes = this.#spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#spare = undefined;
    this.#view = viewOf(this.#bytes);
    this.#starts = [];
    this.length = 0;
    return taken;
  }

  /** The taken bytes are written, and nobody reads them any more. */
  giveBack({ bytes }: Taken): void {
    if (bytes.buffer.byteLength > KEPT_BYTES_MAX) return;
    this.#spare = Buffer.from(bytes.buffer);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}
