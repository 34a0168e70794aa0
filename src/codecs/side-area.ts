/**
 * Text of a call of a decoder that does not stand in its lines as it is: with escapes, or quotes doubled. Byte
 * i of it has the position `base + i` in the string columns of that call.
 */
import { ByteArea } from './byte-area.ts';

export class SideArea extends ByteArea {
  base = 0;
  #joined = new Uint8Array(0);

  /** @param base where the last line of the call ends */
  begin(base: number): void {
    this.clear();
    this.base = base;
  }

  /**
   * A string column has one byte area, so when there is such text, all columns of the call move to a copy: the
   * lines at their old positions, the text behind the last of them.
   * @param from where the first line begins
   * @returns the area of the columns
   */
  behind(bytes: Uint8Array, from: number): Uint8Array {
    if (this.length === 0) return bytes;
    const size = this.base + this.length;
    if (this.#joined.length < size) this.#joined = new Uint8Array(2 * size);
    this.#joined.set(bytes.subarray(from, this.base), from);
    this.#joined.set(this.written(), this.base);
    return this.#joined;
  }
}
