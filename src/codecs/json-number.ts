/**
 * What a number of the input is as a value of a field: read by `number`, it stands in `mantissa` and `power`;
 * where these are not exact, its text is looked at once more. Every codec means the same by a number.
 */
import { MICROS_PER_MS, MICROS_PER_SECOND } from '../stream/time.ts';
import type { TimestampFormat } from './codec.ts';
import { JsonText, MINUS, ZERO } from './json-text.ts';
import { exactWhole, nearestDouble, numberText } from './ndjson-odd.ts';

/** Powers of ten that are exact doubles: with an exact mantissa, one operation rounds correctly. */
const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const EXACT_POWER_MAX = POWERS.length - 1;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Tens from a number of the input to microseconds. */
const SCALES: Readonly<Record<TimestampFormat, number>> = {
  iso8601: 0,
  epoch_s: 6,
  epoch_ms: 3,
  epoch_us: 0,
  epoch_ns: -3,
};

export class JsonNumber extends JsonText {
  startsNumber(at: number): boolean {
    const byte = this.peek(at);
    return byte === MINUS || (byte >= ZERO && byte <= ZERO + 9);
  }

  /** @returns NaN: it is no long; Infinity: it is one beyond what is supported */
  long(at: number, end: number): number {
    if (this.power === 0 && this.mantissa <= Number.MAX_SAFE_INTEGER) {
      return this.negative ? 0 - this.mantissa : this.mantissa;
    }
    const exact = exactWhole(numberText(this.bytes, at, end), 0);
    const whole = exact?.whole ?? INT64_MAX + 1n;
    if (exact?.fraction || whole > INT64_MAX || whole < INT64_MIN) return Number.NaN;
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : Number.POSITIVE_INFINITY;
  }

  /** @returns one too large for any double is infinite, as JSON.parse has it */
  double(at: number, end: number): number {
    const { mantissa, power } = this;
    let size: number;
    if (mantissa > Number.MAX_SAFE_INTEGER || power > EXACT_POWER_MAX || power < -EXACT_POWER_MAX) {
      size = nearestDouble(this.bytes, this.negative ? at + 1 : at, end);
    } else {
      size = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
    }
    return this.negative ? -size : size;
  }

  /** @returns microseconds, not checked for their range; NaN: it is none of this format */
  epoch(format: TimestampFormat, at: number, end: number): number {
    if (this.power !== 0 || this.mantissa > Number.MAX_SAFE_INTEGER) {
      return this.#oddEpoch(format, at, end);
    }
    const count = this.negative ? 0 - this.mantissa : this.mantissa;
    if (format === 'epoch_ms') return count * MICROS_PER_MS;
    if (format === 'epoch_s') return count * MICROS_PER_SECOND;
    return format === 'epoch_us' ? count : Math.floor(count / 1000);
  }

  #oddEpoch(format: TimestampFormat, at: number, end: number): number {
    const scale = SCALES[format];
    const power = this.power + scale;
    // Seconds and milliseconds with decimals, as most programs write them.
    if (scale > 0 && power <= 0 && power >= -EXACT_POWER_MAX) {
      const unit = POWERS[-power];
      const rest = this.mantissa % unit;
      if (this.mantissa <= Number.MAX_SAFE_INTEGER) {
        const whole = (this.mantissa - rest) / unit;
        return this.negative ? 0 - whole - (rest > 0 ? 1 : 0) : whole;
      }
    }
    const text = numberText(this.bytes, at, end);
    // Only whole micro- and nanoseconds are; what is finer than a microsecond is cut.
    if (scale <= 0 && exactWhole(text, 0)?.fraction !== false) return Number.NaN;
    const exact = exactWhole(text, scale);
    return exact === undefined ? Number.NaN : Number(exact.whole);
  }
}
