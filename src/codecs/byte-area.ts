/**
 * Bytes that grow at their end: what an encoder writes and where unescaped text goes. Its memory is
 * reused: whoever got a view of it loses that view at the next `clear` or write.
 */
const FIRST_BYTES = 4096;
/** Copying fewer bytes than this one by one beats a call of `set` with its view (measured). */
const SHORT_COPY = 24;

export class ByteArea {
  bytes = new Uint8Array(FIRST_BYTES);
  view = new DataView(this.bytes.buffer);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Makes room for `more` bytes behind `length`; they may then be written without asking again. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Appends source[from .. to). */
  copy(source: Uint8Array, from: number, to: number): void {
    const size = to - from;
    this.reserve(size);
    const { bytes, length } = this;
    if (size < SHORT_COPY) {
      for (let i = 0; i < size; i++) bytes[length + i] = source[from + i];
    } else {
      bytes.set(source.subarray(from, to), length);
    }
    this.length = length + size;
  }

  /** What has been written, as a view. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
