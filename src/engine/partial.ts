/**
 * What is known of one connection: its header, and its unfinished line. Of a line that is over the limit only the first bytes and the size
 * are kept, until its end comes. A CR at its end may belong to an LF and does not count.
 */
import type { LineHeader } from '../codecs/codec.ts';

import { LF } from '../codecs/lines.ts';

const CR = 0x0d;

export class Partial {
  /** Lines seen on this connection, bad and empty ones included. */
  lines = 0;
  /** null: it has not come yet, or the codec has none. Once read it stays, also at an edit. */
  header: LineHeader | null = null;
  readonly #max: number;
  readonly #cutsCr: boolean;
  #bytes = Buffer.alloc(0);
  #length = 0;
  #size = 0;
  #endsInCr = false;

  /**
   * @param max bytes a line may have, its end left out
   * @param lineEnd the byte that ends a line
   */
  constructor(max: number, lineEnd: number) {
    this.#max = max;
    this.#cutsCr = lineEnd === LF;
  }

  /** How much of it has come, without a CR at its end. */
  get size(): number {
    return this.#size - (this.#endsInCr ? 1 : 0);
  }

  get overlong(): boolean {
    return this.size > this.#max;
  }

  /** All of it, or the first bytes of one that is over-long. Valid until the next call of `keep`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.overlong ? this.#max : this.#length);
  }

  /** Takes bytes that belong to the unfinished line. */
  keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    this.#endsInCr = this.#cutsCr && bytes[bytes.length - 1] === CR;
    const most = this.#max + 1;
    const room = Math.min(bytes.length, most - this.#length);
    if (room <= 0) return;
    const needed = this.#length + room;
    if (this.#bytes.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(1024, 2 * needed)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(0, room), this.#length);
    this.#length = needed;
  }

  clear(): void {
    this.#length = 0;
    this.#size = 0;
    this.#endsInCr = false;
  }
}
