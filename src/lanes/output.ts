/**
 * What a program prints, as lines for a person. Always drained, so that a program never waits for us;
 * bounded, so that one that floods costs neither memory nor the terminal: what is over is counted.
 */
import type { Clock } from '../stream/port.ts';
import { formatSize } from '../stream/size.ts';

/** More than a person reads in a second, less than a terminal or a log collector chokes on. */
const BYTES_PER_SECOND = 1024 * 1024;
/** A longer line is cut into lines of this length. */
const LINE_BYTES_MAX = 8 * 1024;
/** Enough to see why a program left. */
const LAST_LINES = 100;

const LF = 0x0a;
const CR = 0x0d;

/** The pace and the memory that the outputs of one program share. */
export class Output {
  readonly #clock: Clock;
  readonly #print: (line: string) => void;
  readonly #last: string[] = [];
  #secondMs: number;
  #secondBytes = 0;
  #leftOutLines = 0;
  #leftOutBytes = 0;

  constructor(clock: Clock, print: (line: string) => void) {
    this.#clock = clock;
    this.#print = print;
    this.#secondMs = clock.elapsed();
  }

  /** The last 100 lines, oldest first, those left out included. */
  get last(): readonly string[] {
    return this.#last;
  }

  /** One of the program's streams. */
  stream(): OutputStream {
    return new OutputStream((bytes) => this.#line(bytes));
  }

  /** Says what was left out since it was last said. */
  close(): void {
    if (this.#leftOutLines === 0) return;
    const size = formatSize(this.#leftOutBytes);
    this.#print(`(${this.#leftOutLines} lines, ${size}, left out: more than 1 MiB in a second)`);
    this.#leftOutLines = 0;
    this.#leftOutBytes = 0;
  }

  #line(bytes: Uint8Array): void {
    const line = printable(bytes);
    this.#last.push(line);
    if (this.#last.length > LAST_LINES) this.#last.shift();
    const nowMs = this.#clock.elapsed();
    if (nowMs - this.#secondMs >= 1000) {
      this.#secondMs = nowMs;
      this.#secondBytes = 0;
      this.close();
    }
    this.#secondBytes += bytes.length + 1;
    if (this.#secondBytes > BYTES_PER_SECOND) {
      this.#leftOutLines++;
      this.#leftOutBytes += bytes.length + 1;
    } else {
      this.#print(line);
    }
  }
}

/** Bytes of one stream to lines, without their ends. */
export class OutputStream {
  readonly #line: (bytes: Uint8Array) => void;
  readonly #partial = new Uint8Array(LINE_BYTES_MAX);
  #partialBytes = 0;

  constructor(line: (bytes: Uint8Array) => void) {
    this.#line = line;
  }

  write(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const lf = bytes.indexOf(LF, from);
      const room = LINE_BYTES_MAX - this.#partialBytes;
      const to = Math.min(lf === -1 ? bytes.length : lf, from + room);
      this.#partial.set(bytes.subarray(from, to), this.#partialBytes);
      this.#partialBytes += to - from;
      from = to;
      if (to === lf) from++;
      if (to === lf || this.#partialBytes === LINE_BYTES_MAX) this.#emit();
    }
  }

  /** A last line may have no end. */
  end(): void {
    if (this.#partialBytes > 0) this.#emit();
  }

  #emit(): void {
    let length = this.#partialBytes;
    if (length > 0 && this.#partial[length - 1] === CR) length--;
    this.#partialBytes = 0;
    this.#line(this.#partial.subarray(0, length));
  }
}

/** A program must not move the cursor of our terminal or forge a line of our log. */
function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (char) =>
    char === '\t' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
