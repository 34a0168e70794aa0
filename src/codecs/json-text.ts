/**
 * A strict reader of JSON grammar (RFC 8259) over bytes: every function takes a position and returns
 * where the thing there ends, or -1 when it is not JSON; then `failedAt` and `failure` say where and
 * why. It accepts exactly what JSON.parse accepts, down to a depth, and builds nothing. That the
 * bytes are UTF-8 is the caller's business.
 */
/** Deeper input is refused, so that recursion is bounded whatever a peer sends. */
const DEPTH_MAX = 64;
export const QUOTE = 0x22;
export const MINUS = 0x2d;
export const BRACKET_OPEN = 0x5b;
export const BRACE_OPEN = 0x7b;
export const LETTER_N = 0x6e;
export const COMMA = 0x2c;
const DOT = 0x2e;
const SLASH = 0x2f;
export const ZERO = 0x30;
export const COLON = 0x3a;
const BACKSLASH = 0x5c;
export const BRACKET_CLOSE = 0x5d;
export const BRACE_CLOSE = 0x7d;
export const SPACE = 0x20;
/** Larger exponents make no difference to any number we can hold; keeps the sum exact. */
const EXPONENT_CAP = 100_000;
/** So many digits fit 32 bits whatever they are, and whole numbers are faster than doubles (measured). */
const INT32_DIGITS = 9;

const literal = (word: string): Uint8Array => Uint8Array.from(Buffer.from(word, 'latin1'));
const TRUE = literal('true');
const FALSE = literal('false');
const NULL = literal('null');

export class JsonText {
  bytes: Uint8Array = new Uint8Array(0);
  /** Nothing is read at or behind it. */
  end = 0;
  /** Keys met so far in this line. */
  keys = 0;
  /** A \u escape of half a surrogate pair was met: JSON by its grammar, but no text. */
  lone = false;
  /** The string just read holds escapes. Whoever asks sets it to false before. */
  escaped = false;
  failedAt = 0;
  failure = '';
  // The number just read is (-1 if negative) * mantissa * 10^power; the mantissa is exact while it is a safe integer.
  negative = false;
  mantissa = 0;
  power = 0;
  #view = new DataView(this.bytes.buffer);

  /** Looks at other bytes from here on. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(at: number, why: string): number {
    this.failedAt = at;
    this.failure = why;
    return -1;
  }

  /** The byte at a position, or 0, which no JSON holds, at the end. */
  peek(at: number): number {
    return at < this.end ? this.bytes[at] : 0;
  }

  /** @returns the first position that is not white space */
  space(at: number): number {
    const { bytes, end } = this;
    while (at < end) {
      const byte = bytes[at];
      if (byte !== SPACE && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
      at++;
    }
    return at;
  }

  /** @param at behind the opening quote. @returns the position of the closing quote */
  string(at: number): number {
    const { bytes, end } = this;
    const view = this.#view;
    // Four bytes at a time. With bit 1 turned over, a quote and the control characters, and nothing else,
    // are below 0x21; the lowest sign bit left is that of the first byte that is one of them or a backslash.
    for (const last = end - 4; at <= last; at += 4) {
      const word = view.getInt32(at, true);
      const low = word ^ 0x02020202;
      const backslash = word ^ 0x5c5c5c5c;
      const stops =
        (((low - 0x21212121) & ~low) | ((backslash - 0x01010101) & ~backslash)) & 0x80808080;
      if (stops !== 0) {
        at += (31 - Math.clz32(stops & -stops)) >> 3;
        break;
      }
    }
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) return this.#escapes(at);
      if (byte < SPACE) return this.fail(at, 'a control character in a string');
    }
    return this.fail(at, 'a string does not end');
  }

  /** The rest of a string from its first backslash on. */
  #escapes(at: number): number {
    this.escaped = true;
    while (at < this.end) {
      const byte = this.bytes[at];
      if (byte === QUOTE) return at;
      if (byte < SPACE) return this.fail(at, 'a control character in a string');
      at = byte === BACKSLASH ? this.#escape(at) : at + 1;
      if (at < 0) return -1;
    }
    return this.fail(at, 'a string does not end');
  }

  #escape(at: number): number {
    switch (this.peek(at + 1)) {
      case QUOTE:
      case BACKSLASH:
      case SLASH:
      case 0x62: // b
      case 0x66: // f
      case LETTER_N:
      case 0x72: // r
      case 0x74: // t
        return at + 2;
      case 0x75: // u
        break;
      default:
        return this.fail(at, 'an unknown escape');
    }
    const unit = this.#unit(at);
    if (unit < 0) return this.fail(at, 'an unfinished escape');
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    if (unit < 0xdc00) {
      const low = this.#unit(at + 6);
      if (low >= 0xdc00 && low <= 0xdfff) return at + 12;
    }
    this.lone = true;
    return at + 6;
  }

  /** @returns the UTF-16 unit of the \uXXXX at a position, or -1 */
  #unit(at: number): number {
    if (this.peek(at) !== BACKSLASH || this.peek(at + 1) !== 0x75) return -1;
    let unit = 0;
    for (let i = at + 2; i < at + 6; i++) {
      const digit = hexDigit(this.peek(i));
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }

  /** Reads a number and leaves it in `negative`, `mantissa` and `power`. */
  number(at: number): number {
    const { bytes, end } = this;
    const negative = this.peek(at) === MINUS;
    if (negative) at++;
    let whole = this.peek(at) - ZERO;
    if (whole < 0 || whole > 9) return this.fail(at, 'no value');
    at++;
    const fits = whole === 0 ? at : Math.min(end, at + INT32_DIGITS - 1);
    for (; at < fits; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      whole = (whole * 10 + digit) | 0;
    }
    let mantissa = whole;
    if (at === fits && whole !== 0) {
      for (; at < end; at++) {
        const digit = bytes[at] - ZERO;
        if (digit < 0 || digit > 9) break;
        mantissa = mantissa * 10 + digit;
      }
    }
    let power = 0;
    if (at < end && bytes[at] === DOT) {
      const point = at++;
      for (; at < end; at++) {
        const digit = bytes[at] - ZERO;
        if (digit < 0 || digit > 9) break;
        mantissa = mantissa * 10 + digit;
      }
      power = point + 1 - at;
      if (power === 0) return this.fail(at, 'no digit behind the point');
    }
    this.negative = negative;
    this.mantissa = mantissa;
    this.power = power;
    return (this.peek(at) | 0x20) === 0x65 ? this.#exponent(at + 1) : at;
  }

  #exponent(at: number): number {
    const sign = this.peek(at);
    if (sign === MINUS || sign === 0x2b) at++;
    const first = at;
    let exponent = 0;
    for (; at < this.end; at++) {
      const digit = this.bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      if (exponent < EXPONENT_CAP) exponent = exponent * 10 + digit;
    }
    if (at === first) return this.fail(at, 'no digit in the exponent');
    this.power += sign === MINUS ? -exponent : exponent;
    return at;
  }

  /** Any value, checked and left alone. @param depth of the containers around it */
  skip(at: number, depth: number): number {
    switch (this.peek(at)) {
      case QUOTE: {
        const close = this.string(at + 1);
        return close < 0 ? -1 : close + 1;
      }
      case BRACE_OPEN:
        return this.#skipObject(at, depth + 1);
      case BRACKET_OPEN:
        return this.#skipArray(at, depth + 1);
      case 0x74:
        return this.#word(at, TRUE);
      case 0x66:
        return this.#word(at, FALSE);
      case LETTER_N:
        return this.#word(at, NULL);
      default:
        return this.number(at);
    }
  }

  #skipObject(at: number, depth: number): number {
    at = this.first(at, BRACE_CLOSE, depth);
    while (at >= 0 && !this.closed(at, BRACE_CLOSE)) {
      const close = this.key(at);
      const value = close < 0 ? -1 : this.colon(close + 1);
      const end = value < 0 ? -1 : this.skip(value, depth);
      at = end < 0 ? -1 : this.next(end, BRACE_CLOSE);
    }
    return at;
  }

  #skipArray(at: number, depth: number): number {
    at = this.first(at, BRACKET_CLOSE, depth);
    while (at >= 0 && !this.closed(at, BRACKET_CLOSE)) {
      const end = this.skip(at, depth);
      at = end < 0 ? -1 : this.next(end, BRACKET_CLOSE);
    }
    return at;
  }

  /**
   * Opens a container. @param at at its bracket @param depth of what is in it
   * @returns where its first member begins, or, when it has none, where it ends
   */
  first(at: number, close: number, depth: number): number {
    if (depth > DEPTH_MAX) return this.fail(at, `more than ${DEPTH_MAX} levels`);
    at++;
    if (this.peek(at) <= SPACE) at = this.space(at);
    return this.peek(at) === close ? at + 1 : at;
  }

  /** @param at where a value ended. @returns where the next member begins, or where the container ends */
  next(at: number, close: number): number {
    if (this.peek(at) <= SPACE) at = this.space(at);
    const byte = this.peek(at);
    if (byte === close) return at + 1;
    if (byte !== COMMA) return this.fail(at, 'no comma and no end');
    at++;
    return this.peek(at) <= SPACE ? this.space(at) : at;
  }

  /** Tells the two answers of `first` and `next` apart: no member begins right behind a closing bracket. */
  closed(at: number, close: number): boolean {
    return this.bytes[at - 1] === close;
  }

  /** @returns the position of the closing quote of the key that begins here */
  key(at: number): number {
    if (this.peek(at) !== QUOTE) return this.fail(at, 'no key');
    this.keys++;
    return this.string(at + 1);
  }

  /** @param at behind a key. @returns where its value begins */
  colon(at: number): number {
    if (this.peek(at) <= SPACE) at = this.space(at);
    if (this.peek(at) !== COLON) return this.fail(at, 'no colon');
    at++;
    return this.peek(at) <= SPACE ? this.space(at) : at;
  }

  #word(at: number, word: Uint8Array): number {
    for (let i = 0; i < word.length; i++) {
      if (this.peek(at + i) !== word[i]) return this.fail(at, 'no value');
    }
    return at + word.length;
  }
}

/** @returns the value of a hexadecimal digit, or -1 */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
