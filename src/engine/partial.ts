/**
 * The unfinished line of one connection. It keeps at most `lineBytesMax` bytes: of a longer line only
 * the first bytes and the size are kept, until its end comes.
 */
export class Partial {
  /** Lines seen on this connection, bad and empty ones included. */
  lines = 0;
  #bytes = Buffer.alloc(0);
  #length = 0;
  /** Size of an over-long line so far; 0: the line fits. */
  #overlong = 0;

  get length(): number {
    return this.#length;
  }

  get overlong(): number {
    return this.#overlong;
  }

  /** The kept bytes; valid until the next call of `keep`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes bytes that belong to the unfinished line. Past `max` the line is over-long and its tail is let go. */
  keep(bytes: Uint8Array, max: number): void {
    if (this.#overlong > 0 || this.#length + bytes.length > max) {
      this.#overlong = (this.#overlong || this.#length) + bytes.length;
    }
    const room = Math.min(bytes.length, max - this.#length);
    if (room <= 0) return;
    if (this.#bytes.length < this.#length + room) {
      const larger = Buffer.allocUnsafeSlow(
        Math.min(max, Math.max(1024, 2 * (this.#length + room))),
      );
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(0, room), this.#length);
    this.#length += room;
  }

  clear(): void {
    this.#length = 0;
    this.#overlong = 0;
  }
}
