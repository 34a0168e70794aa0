/**
 * Reads lines of plain JSON into columns: the fast way of `src/codecs/ndjson.ts`, in AssemblyScript for
 * WebAssembly with 128-bit vectors. It takes a line only if every byte of it has been checked and every
 * value is exactly what the reader in TypeScript would give; at the first line that is anything else it
 * stops and leaves the line to that reader. So it never judges, and it never rejects.
 *
 * Memory, laid out by `src/codecs/ndjson-scanner.ts`: the plan (one slot a field), the template (one
 * slot a key of the line before, in its order), columns, line bounds, and last the bytes. At least 64 bytes
 * behind the bytes may be read.
 *
 * A slot: u32 bytes of the key and its closing quote, u32 kind, u64 bit of the field, u32 places of
 * validity, values and ends, u32 required, then the key and quote, filled with zeros up to a full vector.
 */
import { BRACE_CLOSE, BRACE_OPEN, COLON, COMMA, DOT, MINUS, QUOTE, SPACE, ZERO } from './bytes';
import { digitCount, digits, POWERS } from './digits';
import { isoTimestamp, LATEST, NO_TIME } from './iso-timestamp';

const SLOT_BYTES: u32 = 128;
const KIND: u32 = 4;
const BIT: u32 = 8;
const VALID: u32 = 16;
const VALUES: u32 = 20;
const ENDS: u32 = 24;
const REQUIRED: u32 = 28;
const KEY: u32 = 32;
/** With its quote. A longer key leaves the line to the other reader. */
const KEY_BYTES_MAX: u32 = 96;
/** Keys a line. */
const TEMPLATE_SLOTS: u32 = 128;

// Kinds, as in ndjson-scanner.ts. 1 is a long; from EPOCH_S to EPOCH_NS they are timestamps as numbers, 7 in microseconds.
const UNKNOWN: u32 = 0;
const DOUBLE: u32 = 2;
const STRING: u32 = 3;
const BOOLEAN: u32 = 4;
const EPOCH_S: u32 = 5;
const EPOCH_MS: u32 = 6;
const EPOCH_NS: u32 = 8;
const ISO: u32 = 9;

// Words as four little-endian bytes.
const TRUE: u32 = 0x65757274;
const FALS: u32 = 0x736c6166;
const NULL: u32 = 0x6c6c756e;
const LETTER_E: u32 = 0x65;

/** So many digits are exact in a double, whatever they are. */
const DIGITS_MAX: u32 = 15;
/** Lines a call, as in batch.ts. */
const LINES_MAX: u32 = 4096;

let plan: u32 = 0;
let fields: u32 = 0;
let template: u32 = 0;
/** A line with a key that is no field is left to the other reader. */
let closed: bool = false;
/** The bits of all fields. */
let all: u64 = 0;

/** Must be called once, when the plan has been written and the template is all zeros. */
export function open(planAt: u32, planFields: u32, templateAt: u32, isClosed: u32): void {
  closed = isClosed !== 0;
  plan = planAt;
  fields = planFields;
  template = templateAt;
  all = 0;
  for (let i: u32 = 0; i < fields; i++) all |= load<u64>(plan + i * SLOT_BYTES + BIT);
}

/**
 * Finds at most LINES_MAX lines that end in bytes + from .. bytes + to. A CR in front of the LF is cut off.
 * @returns how many; their bounds stand in `starts` and `ends`, counted from `bytes`
 */
export function find(bytes: u32, from: u32, to: u32, starts: u32, ends: u32): u32 {
  let count: u32 = 0;
  let start = from;
  const feed = i8x16.splat(0x0a);
  for (let at = from; at < to; at += 64) {
    const place = bytes + at;
    const a = i8x16.eq(v128.load(place), feed);
    const b = i8x16.eq(v128.load(place, 16), feed);
    const c = i8x16.eq(v128.load(place, 32), feed);
    const d = i8x16.eq(v128.load(place, 48), feed);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    let feeds =
      <u64>i8x16.bitmask(a) |
      ((<u64>i8x16.bitmask(b)) << 16) |
      ((<u64>i8x16.bitmask(c)) << 32) |
      ((<u64>i8x16.bitmask(d)) << 48);
    if (to - at < 64) feeds &= ((<u64>1) << (to - at)) - 1;
    for (; feeds !== 0; feeds &= feeds - 1) {
      const end = at + <u32>ctz(feeds);
      const cut = end > start && load<u8>(bytes + end - 1) === 0x0d ? 1 : 0;
      store<u32>(starts + (count << 2), start);
      store<u32>(ends + (count << 2), end - cut);
      start = end + 1;
      count++;
      if (count === LINES_MAX) return count;
    }
  }
  return count;
}

/**
 * Reads lines first..last-1 into rows from `row` on. Line i is bytes + starts[i] .. bytes + ends[i].
 * Every line it takes is one row, and `lines` says which line the row is.
 * @returns the first line that it leaves to the other reader, or `last`
 */
export function decode(
  bytes: u32,
  starts: u32,
  ends: u32,
  lines: u32,
  first: u32,
  last: u32,
  row: u32,
): u32 {
  let i = first;
  for (; i < last; i++, row++) {
    const start = bytes + load<u32>(starts + (i << 2));
    const end = bytes + load<u32>(ends + (i << 2));
    if (!line(bytes, start, end, row)) break;
    store<u32>(lines + (row << 2), i);
  }
  return i;
}

function line(bytes: u32, start: u32, end: u32, row: u32): bool {
  let at = space(start, end);
  if (at >= end || load<u8>(at) !== BRACE_OPEN) return false;
  at = space(at + 1, end);
  let seen: u64 = 0;
  let slot = template;
  const slotsEnd = template + TEMPLATE_SLOTS * SLOT_BYTES;
  for (; slot < slotsEnd; slot += SLOT_BYTES) {
    if (load<u8>(at) !== QUOTE) return false;
    at++;
    if (!named(slot, at) && !learn(slot, at, end)) return false;
    at += load<u32>(slot);
    if (load<u8>(at) <= SPACE) at = space(at, end);
    if (load<u8>(at) !== COLON) return false;
    at++;
    if (load<u8>(at) <= SPACE) at = space(at, end);
    // Of repeated keys the last one counts: it writes over what was there.
    seen |= load<u64>(slot, BIT);
    at = value(slot, bytes, at, end, row);
    if (at === 0) return false;
    let byte: u32 = load<u8>(at);
    if (byte <= SPACE) {
      at = space(at, end);
      byte = load<u8>(at);
    }
    at++;
    if (byte === COMMA) {
      if (load<u8>(at) <= SPACE) at = space(at, end);
    } else if (byte === BRACE_CLOSE) {
      break;
    } else {
      return false;
    }
  }
  if (slot === slotsEnd) return false;
  if (at !== end && (at > end || space(at, end) !== end)) return false;
  return seen === all || blankRest(seen, row);
}

/** @returns the first position from `at` on that is not white space, or `end` */
function space(at: u32, end: u32): u32 {
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte !== SPACE && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
    at++;
  }
  return at;
}

/** Do the slot's key and its quote stand at a position? */
function named(slot: u32, at: u32): bool {
  const size = load<u32>(slot);
  if (size === 0) return false;
  let done: u32 = 0;
  for (; done + 16 < size; done += 16) {
    const same = i8x16.eq(v128.load(at + done), v128.load(slot + KEY + done));
    if (!i8x16.all_true(same)) return false;
  }
  const same = i8x16.bitmask(i8x16.eq(v128.load(at + done), v128.load(slot + KEY + done)));
  const wanted = (1 << (size - done)) - 1;
  return (same & wanted) === wanted;
}

/** Makes the slot that of the key at a position: a guess about the next line, no more. */
function learn(slot: u32, at: u32, end: u32): bool {
  const close = stringEnd(at, end);
  if (close === 0) return false;
  const size = close + 1 - at;
  if (size > KEY_BYTES_MAX) return false;
  for (let i: u32 = 0; i < fields; i++) {
    const known = plan + i * SLOT_BYTES;
    if (load<u32>(known) === size && named(known, at)) {
      memory.copy(slot, known, SLOT_BYTES);
      return true;
    }
  }
  if (closed) return false;
  memory.fill(slot, 0, SLOT_BYTES);
  store<u32>(slot, size);
  store<u32>(slot, UNKNOWN, KIND);
  memory.copy(slot + KEY, at, size);
  return true;
}

/** @returns the position of the quote that closes a string without escapes; 0: it is another string */
function stringEnd(at: u32, end: u32): u32 {
  while (at < end) {
    const text = v128.load(at);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(text, i8x16.splat(0x22)), i8x16.eq(text, i8x16.splat(0x5c))),
        i8x16.lt_u(text, i8x16.splat(0x20)),
      ),
    );
    if (stops !== 0) {
      at += ctz(stops);
      return load<u8>(at) === QUOTE ? at : 0;
    }
    at += 16;
  }
  return 0;
}

/** Reads a value into its field's row. @returns the position behind it; 0: it is not for us */
function value(slot: u32, bytes: u32, at: u32, end: u32, row: u32): u32 {
  const kind = load<u32>(slot, KIND);
  const byte: u32 = load<u8>(at);
  if (byte === QUOTE) {
    if (kind !== STRING && kind !== UNKNOWN && kind !== ISO) return 0;
    const close = stringEnd(at + 1, end);
    if (close === 0) return 0;
    if (kind === ISO) {
      const micros = isoTimestamp(at + 1, close);
      if (micros === NO_TIME) return 0;
      store<f64>(load<u32>(slot, VALUES) + (row << 3), <f64>micros);
      store<u8>(load<u32>(slot, VALID) + row, 1);
    }
    if (kind === STRING) {
      store<u32>(load<u32>(slot, VALUES) + (row << 2), at + 1 - bytes);
      store<u32>(load<u32>(slot, ENDS) + (row << 2), close - bytes);
      store<u8>(load<u32>(slot, VALID) + row, 1);
    }
    return close + 1;
  }
  if (byte === MINUS || byte - ZERO <= 9) return number(slot, kind, at, row);
  const word = load<u32>(at);
  if (word === NULL) {
    if (load<u32>(slot, REQUIRED) !== 0) return 0;
    if (kind !== UNKNOWN) blank(slot, row);
    return at + 4;
  }
  if (kind !== BOOLEAN && kind !== UNKNOWN) return 0;
  const isTrue = word === TRUE;
  if (!isTrue && (word !== FALS || load<u8>(at + 4) !== LETTER_E)) return 0;
  if (kind === BOOLEAN) {
    store<u8>(load<u32>(slot, VALUES) + row, isTrue ? 1 : 0);
    store<u8>(load<u32>(slot, VALID) + row, 1);
  }
  return isTrue ? at + 4 : at + 5;
}

/** Up to 15 digits, a point among them or not; an exponent is seen by who looks for the comma. */
function number(slot: u32, kind: u32, at: u32, row: u32): u32 {
  const negative = load<u8>(at) === MINUS;
  if (negative) at++;
  const size = digitCount(at);
  const whole = digits(at, size);
  if (size === 0 || (size > 1 && load<u8>(at) === ZERO)) return 0;
  at += size;
  let result: f64 = <f64>whole;
  if (load<u8>(at) === DOT) {
    if (kind !== DOUBLE && kind !== UNKNOWN) return 0;
    const size2 = digitCount(at + 1);
    const part = digits(at + 1, size2);
    if (size2 === 0 || size + size2 > DIGITS_MAX) return 0;
    at += 1 + size2;
    // Both are exact, so that one division rounds as the value itself would.
    const power = unchecked(POWERS[size2]);
    result = (result * power + <f64>part) / power;
  } else if (size > DIGITS_MAX) {
    return 0;
  }
  if (kind === UNKNOWN) return at;
  if (kind === STRING || kind === BOOLEAN || kind === ISO) return 0;
  if (kind === DOUBLE) {
    if (negative) result = -result;
  } else {
    // No long is -0.
    if (negative) result = 0 - result;
    if (kind === EPOCH_MS) result *= 1000;
    else if (kind === EPOCH_S) result *= 1000000;
    else if (kind === EPOCH_NS) result = Math.floor(result / 1000);
    if (kind >= EPOCH_S && Math.abs(result) > LATEST) return 0;
  }
  store<f64>(load<u32>(slot, VALUES) + (row << 3), result);
  store<u8>(load<u32>(slot, VALID) + row, 1);
  return at;
}

/** Makes a row NULL, with legal values under it. */
function blank(slot: u32, row: u32): void {
  store<u8>(load<u32>(slot, VALID) + row, 0);
  if (load<u32>(slot, KIND) !== STRING) return;
  store<u32>(load<u32>(slot, VALUES) + (row << 2), 0);
  store<u32>(load<u32>(slot, ENDS) + (row << 2), 0);
}

/** @returns false: a field that is required is missing */
function blankRest(seen: u64, row: u32): bool {
  for (let i: u32 = 0; i < fields; i++) {
    const slot = plan + i * SLOT_BYTES;
    if ((seen & load<u64>(slot, BIT)) !== 0) continue;
    if (load<u32>(slot, REQUIRED) !== 0) return false;
    blank(slot, row);
  }
  return true;
}
