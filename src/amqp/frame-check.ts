/**
 * The shape of frames: only the performatives a client may send, every field of its type and in its
 * place (AMQP 1.0, part 2, section 2.7; part 5, section 5.3). After `check` the fields of the frame
 * can be read as numbers. Which frame may come when, and which ranges are sane, is for `ledger.ts`.
 * Descriptors are accepted as numbers only, the form every client uses.
 */
import { EncodingWalk, uint32At, violation } from './encoding.ts';

export const OPEN = 0x10;
export const BEGIN = 0x11;
export const ATTACH = 0x12;
export const FLOW = 0x13;
export const TRANSFER = 0x14;
export const DISPOSITION = 0x15;
export const DETACH = 0x16;
export const END = 0x17;
export const CLOSE = 0x18;
export const SASL_INIT = 0x41;

const COORDINATOR = 0x30;
const TARGET = 0x29;

/** Names, addresses and container ids: what a person or a generator writes, with room. */
const MAX_NAME_BYTES = 256;

// Bits of what a constructor may be.
const NULL = 1;
const STRING = 2;
const SYMBOL = 4;
const BINARY = 8;
const BOOLEAN = 16;
const UBYTE = 32;
const USHORT = 64;
const UINT = 128;
const ULONG = 256;
const MAP = 512;
const SYMBOL_ARRAY = 1024;
const COMPOSITE = 2048;

const BITS = new Uint16Array(256);
const CODES: readonly (readonly [number, readonly number[]])[] = [
  [NULL, [0x40]],
  [STRING, [0xa1, 0xb1]],
  [SYMBOL, [0xa3, 0xb3]],
  [BINARY, [0xa0, 0xb0]],
  [BOOLEAN, [0x41, 0x42, 0x56]],
  [UBYTE, [0x50]],
  [USHORT, [0x60]],
  [UINT, [0x43, 0x52, 0x70]],
  [ULONG, [0x44, 0x53, 0x80]],
  [MAP, [0xc1, 0xd1]],
  [SYMBOL_ARRAY, [0xe0, 0xf0]],
  [COMPOSITE, [0x00]],
];
for (const [bit, codes] of CODES) for (const code of codes) BITS[code] |= bit;

interface Field {
  readonly bits: number;
  /** Longest string, in bytes. */
  readonly most: number;
  /** The composites it may be, by descriptor. */
  readonly of?: ReadonlyMap<number, readonly Field[]>;
}

const field = (bits: number, most = Number.POSITIVE_INFINITY): Field => ({
  bits: bits | NULL,
  most,
});
const must = (bits: number, most = Number.POSITIVE_INFINITY): Field => ({ bits, most });
const one = (of: ReadonlyMap<number, readonly Field[]>): Field => ({
  bits: COMPOSITE | NULL,
  most: 0,
  of,
});

const symbols = field(SYMBOL | SYMBOL_ARRAY);
const name = STRING | SYMBOL;
const failure = one(new Map([[0x1d, [must(SYMBOL), field(STRING), field(MAP)]]]));
const states = new Map<number, readonly Field[]>([
  [0x23, [must(UINT), must(ULONG)]],
  [0x24, []],
  [0x25, [failure]],
  [0x26, []],
  [0x27, [field(BOOLEAN), field(BOOLEAN), field(MAP)]],
]);
const terminus = [
  field(name, MAX_NAME_BYTES),
  field(UINT),
  field(SYMBOL),
  field(UINT),
  field(BOOLEAN),
  field(MAP),
];
const source = new Map([
  [0x28, [...terminus, field(SYMBOL), field(MAP), one(states), symbols, symbols]],
]);
const target = new Map<number, readonly Field[]>([
  [TARGET, [...terminus, symbols]],
  [COORDINATOR, [symbols]],
]);

const SHAPES = new Map<number, readonly Field[]>([
  [
    OPEN,
    [
      must(STRING, MAX_NAME_BYTES),
      field(STRING, MAX_NAME_BYTES),
      field(UINT),
      field(USHORT),
      field(UINT),
      symbols,
      symbols,
      symbols,
      symbols,
      field(MAP),
    ],
  ],
  [
    BEGIN,
    [field(USHORT), must(UINT), must(UINT), must(UINT), field(UINT), symbols, symbols, field(MAP)],
  ],
  [
    ATTACH,
    [
      must(STRING, MAX_NAME_BYTES),
      must(UINT),
      must(BOOLEAN),
      field(UBYTE),
      field(UBYTE),
      one(source),
      one(target),
      field(MAP),
      field(BOOLEAN),
      field(UINT),
      field(ULONG),
      symbols,
      symbols,
      field(MAP),
    ],
  ],
  [
    FLOW,
    [
      field(UINT),
      must(UINT),
      must(UINT),
      must(UINT),
      field(UINT),
      field(UINT),
      field(UINT),
      field(UINT),
      field(BOOLEAN),
      field(BOOLEAN),
      field(MAP),
    ],
  ],
  [
    DISPOSITION,
    [must(BOOLEAN), must(UINT), field(UINT), field(BOOLEAN), one(states), field(BOOLEAN)],
  ],
  [DETACH, [must(UINT), field(BOOLEAN), failure]],
  [END, [failure]],
  [CLOSE, [failure]],
  [SASL_INIT, [must(SYMBOL, MAX_NAME_BYTES), field(BINARY), field(STRING)]],
]);

const MOST_FIELDS = 16;

export class FrameCheck {
  readonly #walk = new EncodingWalk();
  /** Where each field of the last performative starts; -1: absent or null. */
  readonly #starts = new Int32Array(MOST_FIELDS);
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * Checks the performative in bytes[at .. end], which it must fill.
   * @returns its descriptor
   * @throws Violation
   */
  check(bytes: Buffer, at: number, end: number): number {
    this.#bytes = bytes;
    this.#walk.start(bytes);
    const list = this.#walk.described(at, end);
    const code = this.#walk.code(at + 1);
    if (code === TRANSFER) violation('a message, though no link here receives any');
    const shape = code === undefined ? undefined : SHAPES.get(code);
    if (code === undefined || shape === undefined) violation('an unknown kind of frame');
    const last = this.#fields(list, end, shape, 1, this.#starts);
    if (last !== end) violation('bytes after the end of a frame');
    return code;
  }

  has(index: number): boolean {
    return this.#starts[index] >= 0;
  }

  /** The unsigned number in a field; `absent` if it isn't there. */
  uint(index: number, absent: number): number {
    const at = this.#starts[index];
    if (at < 0) return absent;
    const bytes = this.#bytes;
    switch (bytes[at]) {
      case 0x43:
        return 0;
      case 0x52:
        return bytes[at + 1];
      case 0x60:
        return (bytes[at + 1] << 8) | bytes[at + 2];
      default:
        return uint32At(bytes, at + 1);
    }
  }

  flag(index: number): boolean {
    const at = this.#starts[index];
    return (
      at >= 0 &&
      (this.#bytes[at] === 0x41 || (this.#bytes[at] === 0x56 && this.#bytes[at + 1] === 1))
    );
  }

  /** The text of a string, symbol or binary field, a byte a character for binary. */
  text(index: number): string {
    const at = this.#starts[index];
    if (at < 0) return '';
    const code = this.#bytes[at];
    const { from, to } = this.#content(at);
    return this.#bytes.toString(code === 0xa1 || code === 0xb1 ? 'utf8' : 'latin1', from, to);
  }

  #content(at: number): { from: number; to: number } {
    const short = this.#bytes[at] < 0xb0;
    const from = at + (short ? 2 : 5);
    return { from, to: from + (short ? this.#bytes[at + 1] : uint32At(this.#bytes, at + 1)) };
  }

  #fields(
    at: number,
    end: number,
    shape: readonly Field[],
    depth: number,
    starts?: Int32Array,
  ): number {
    const list = this.#walk.list(at, end);
    if (list.count > shape.length) violation('more fields than there are');
    starts?.fill(-1);
    let next = list.at;
    for (let i = 0; i < shape.length; i++) {
      if (i >= list.count) {
        if ((shape[i].bits & NULL) === 0) violation('a mandatory field is missing');
        continue;
      }
      const after = this.#field(next, list.end, shape[i], depth);
      if (starts !== undefined && this.#bytes[next] !== 0x40) starts[i] = next;
      next = after;
    }
    if (next !== list.end) violation('a size that differs from its values');
    return next;
  }

  #field(at: number, end: number, { bits, most, of }: Field, depth: number): number {
    if (at >= end) violation('a field is cut off');
    const code = this.#bytes[at];
    if ((BITS[code] & bits) === 0) violation('a field of the wrong type');
    if (of !== undefined && code === 0) return this.#composite(at, end, of, depth + 1);
    const after = this.#walk.value(at, end, depth + 1);
    if (code === 0x56 && this.#bytes[at + 1] > 1)
      violation('a boolean that is neither true nor false');
    if ((BITS[code] & (STRING | SYMBOL)) !== 0) {
      const { from, to } = this.#content(at);
      if (to - from > most) violation('a name that is too long');
    }
    return after;
  }

  #composite(
    at: number,
    end: number,
    of: ReadonlyMap<number, readonly Field[]>,
    depth: number,
  ): number {
    const list = this.#walk.described(at, end);
    const code = this.#walk.code(at + 1);
    const shape = code === undefined ? undefined : of.get(code);
    if (shape === undefined) violation('a field of an unknown kind');
    const after = this.#fields(list, end, shape, depth);
    // rhea prints a warning about a coordinator; as a target it gets the same refusal in silence.
    if (code === COORDINATOR) this.#bytes[list - 1] = TARGET;
    return after;
  }
}
