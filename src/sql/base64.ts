/** Base 64 (RFC 4648, section 4) of ranges of bytes, and back as MIME reads it: other characters are skipped. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
const DIGITS = Uint8Array.from(ALPHABET, (c) => c.charCodeAt(0));
/** The value of a character, -1 for one that has none. */
const VALUES = new Int8Array(256).fill(-1);
DIGITS.forEach((digit, value) => {
  VALUES[digit] = value;
});

/** How many characters so many bytes become. */
export function writtenLength(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/** @returns where it ended */
export function writeBase64(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let to = at;
  for (let i = start; i < end; i += 3) {
    const left = end - i;
    const second = left > 1 ? bytes[i + 1] : 0;
    const third = left > 2 ? bytes[i + 2] : 0;
    out[to++] = DIGITS[bytes[i] >> 2];
    out[to++] = DIGITS[((bytes[i] & 3) << 4) | (second >> 4)];
    out[to++] = left > 1 ? DIGITS[((second & 15) << 2) | (third >> 6)] : PAD;
    out[to++] = left > 2 ? DIGITS[third & 63] : PAD;
  }
  return to;
}

/**
 * Reads what is not longer than its text. Padding may be missing, but not half of it; behind it stands nothing
 * of meaning.
 * @returns where it ended, or -1
 */
export function readBase64(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let to = at;
  let bits = 0;
  let count = 0; // of characters since the last whole three bytes
  let i = start;
  for (; i < end && bytes[i] !== PAD; i++) {
    const value = VALUES[bytes[i]];
    if (value < 0) continue;
    bits = (bits << 6) | value;
    if (++count < 4) continue;
    out[to++] = bits >> 16;
    out[to++] = bits >> 8;
    out[to++] = bits;
    bits = 0;
    count = 0;
  }
  if (i < end) {
    const pads = count === 2 ? 2 : 1;
    if (count === 0 || (pads === 2 && bytes[i + 1] !== PAD)) return -1;
    for (i += pads; i < end; i++) if (VALUES[bytes[i]] >= 0) return -1;
  }
  if (count === 1) return -1;
  if (count === 2) out[to++] = bits >> 4;
  if (count === 3) {
    out[to++] = bits >> 10;
    out[to++] = bits >> 2;
  }
  return to;
}
