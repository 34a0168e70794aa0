/**
 * A walk over AMQP 1.0 encoded bytes that builds nothing: it proves that sizes and counts fit the
 * bytes that are there, before a decoder that believes them sees them (AMQP 1.0, part 1, section 1.6).
 * What the values mean is for `frame-check.ts`.
 */

/** What is wrong with a peer's bytes; never carries the bytes. */
export class Violation extends Error {}

export function violation(text: string): never {
  throw new Violation(text);
}

/** Nesting: the deepest honest frame (a map in a filter in a source in an attach) has 6. */
const MAX_DEPTH = 32;

/** Values of an array that take no bytes, in one frame: the only count that bytes don't bound. */
const MAX_EMPTY = 1_024;

const UNKNOWN = 0;
const FIXED = 1;
const VARIABLE = 2;
const COMPOUND = 3;
const ARRAY = 4;

/** Bytes of a value, or of its size field, by the high half of its constructor (figure 1.2). */
const WIDTHS = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 1, 4, 1, 4, 1, 4];
const KNOWN = [
  0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70,
  0x71, 0x72, 0x73, 0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1,
  0xb3, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0,
];
const KINDS = new Uint8Array(256);
for (const code of KNOWN) {
  KINDS[code] = code < 0xa0 ? FIXED : code < 0xc0 ? VARIABLE : code < 0xe0 ? COMPOUND : ARRAY;
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return bytes[at] * 0x1000000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}

/** Walks one frame at a time; positions are in the bytes given to `start`. */
export class EncodingWalk {
  #bytes: Uint8Array = new Uint8Array(0);
  #empty = 0;

  start(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#empty = 0;
  }

  /** @returns where the value that starts at `at` ends, at most `end` */
  value(at: number, end: number, depth: number): number {
    if (depth > MAX_DEPTH) violation('values nested too deep');
    if (at >= end) violation('a value is cut off');
    const code = this.#bytes[at];
    if (code !== 0) return this.#rest(code, at + 1, end, depth);
    return this.value(this.#descriptor(at + 1, end), end, depth + 1);
  }

  /** @returns where the elements of a list start, and how many there are; checks the list's bounds */
  list(
    at: number,
    end: number,
  ): { readonly at: number; readonly end: number; readonly count: number } {
    if (at >= end) violation('a list is cut off');
    const code = this.#bytes[at];
    if (code === 0x45) return { at: at + 1, end: at + 1, count: 0 };
    if (code !== 0xc0 && code !== 0xd0) violation('a composite value is not a list');
    const width = code === 0xc0 ? 1 : 4;
    const last = this.#sized(at + 1, end, width, width);
    const count = this.#number(at + 1 + width, width);
    if (count > last - at) violation('a count beyond its bytes');
    return { at: at + 1 + 2 * width, end: last, count };
  }

  /** The numeric descriptor at `at`, the byte after 0x00; undefined if it is a symbol. */
  code(at: number): number | undefined {
    const bytes = this.#bytes;
    if (bytes[at] === 0x53) return bytes[at + 1];
    if (bytes[at] === 0x44) return 0;
    if (bytes[at] !== 0x80) return undefined;
    return uint32At(bytes, at + 1) * 2 ** 32 + uint32At(bytes, at + 5);
  }

  /** A descriptor is a ulong or a symbol: anything else could nest without bound. */
  #descriptor(at: number, end: number): number {
    if (at >= end) violation('a descriptor is cut off');
    const code = this.#bytes[at];
    const right = code === 0x53 || code === 0x80 || code === 0x44 || code === 0xa3 || code === 0xb3;
    if (!right) violation('a descriptor that is neither a ulong nor a symbol');
    return this.#rest(code, at + 1, end, 0);
  }

  /** @returns where a described value's own value starts, with `at` on its 0x00 */
  described(at: number, end: number): number {
    if (at >= end || this.#bytes[at] !== 0) violation('a described value is expected');
    return this.#descriptor(at + 1, end);
  }

  #rest(code: number, at: number, end: number, depth: number): number {
    const width = WIDTHS[code >> 4];
    switch (KINDS[code]) {
      case FIXED:
        if (width > end - at) violation('a value is cut off');
        return at + width;
      case VARIABLE:
        return this.#sized(at, end, width, 0);
      case COMPOUND:
        return this.#compound(code, at, end, width, depth);
      case ARRAY:
        return this.#array(at, end, width, depth);
      default:
        return violation('an unknown type');
    }
  }

  #compound(code: number, at: number, end: number, width: number, depth: number): number {
    const last = this.#sized(at, end, width, width);
    const count = this.#number(at + width, width);
    let next = at + 2 * width;
    if (count > last - next) violation('a count beyond its bytes');
    if ((code & 0x0f) === 1 && count % 2 !== 0) violation('a map with a key without value');
    for (let i = 0; i < count; i++) next = this.value(next, last, depth + 1);
    if (next !== last) violation('a size that differs from its values');
    return last;
  }

  #array(at: number, end: number, width: number, depth: number): number {
    const last = this.#sized(at, end, width, width + 1);
    const count = this.#number(at + width, width);
    let next = at + 2 * width;
    if (this.#bytes[next] === 0) next = this.#descriptor(next + 1, last);
    if (next >= last) violation('an array without constructor');
    const code = this.#bytes[next++];
    if (KINDS[code] === UNKNOWN) violation('an array of an unknown type');
    const each = WIDTHS[code >> 4];
    if (each === 0) {
      this.#empty += count;
      if (this.#empty > MAX_EMPTY) violation('too many values without bytes');
    } else if (KINDS[code] === FIXED) {
      if (count * each !== last - next) violation('a size that differs from its values');
      return last;
    } else {
      if (depth >= MAX_DEPTH) violation('values nested too deep');
      if (count > last - next) violation('a count beyond its bytes');
      for (let i = 0; i < count; i++) next = this.#rest(code, next, last, depth + 1);
    }
    if (next !== last) violation('a size that differs from its values');
    return last;
  }

  /** @returns where a value with a size field ends; it must hold `least` bytes after that field */
  #sized(at: number, end: number, width: number, least: number): number {
    if (width > end - at) violation('a size is cut off');
    const size = this.#number(at, width);
    if (size > end - at - width) violation('a size beyond its bytes');
    if (size < least) violation('a size too small for its count');
    return at + width + size;
  }

  #number(at: number, width: number): number {
    return width === 1 ? this.#bytes[at] : uint32At(this.#bytes, at);
  }
}
