/**
 * Gathers what the sockets of a lane give in one turn of the event loop into larger chunks, as each chunk
 * costs the same whatever its size. Only one connection's bytes are in it at a time, so chunks keep the
 * order in which they were read, and none waits for longer than the turn.
 */
/** Takes a chunk, valid until it returns. */
export type TakeChunk = (bytes: Uint8Array) => void;

export class Gathering {
  readonly #bytes: Buffer;
  #length = 0;
  #take: TakeChunk | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(chunkBytesMax: number) {
    this.#bytes = Buffer.allocUnsafeSlow(chunkBytesMax);
  }

  /** Takes bytes in. Those of another taker go out first. */
  put(bytes: Uint8Array, take: TakeChunk): void {
    if (this.#take !== take) this.flush();
    this.#take = take;
    for (let from = 0; from < bytes.length; ) {
      const count = Math.min(bytes.length - from, this.#bytes.length - this.#length);
      this.#bytes.set(bytes.subarray(from, from + count), this.#length);
      this.#length += count;
      from += count;
      if (this.#length === this.#bytes.length) this.flush();
    }
    if (this.#length > 0) this.#turn ??= setImmediate(() => this.flush());
  }

  /** Hands on what is there. */
  flush(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
    const length = this.#length;
    this.#length = 0;
    if (length > 0) this.#take?.(this.#bytes.subarray(0, length));
  }
}
