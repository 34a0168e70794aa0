/** CAST: a value of another type, NULL where it has none. */
import { BOOLEAN, type DataType, LONG, TIMESTAMP } from '../stream/schema.ts';
import { EARLIEST, formatInstant, LATEST, MICROS_PER_SECOND, type Micros } from '../stream/time.ts';
import { apply, operation } from './function.ts';
import {
  booleanColumn,
  flags,
  type KernelFactory,
  numberColumn,
  numbers,
  texts,
} from './kernel.ts';
import { countOf, WIDEN } from './operations.ts';
import { SAFE_MAX } from './type.ts';
import type { TypedNode } from './typed.ts';

const TRUE_TEXTS = new Set(['t', 'true', 'y', 'yes', '1']);
const FALSE_TEXTS = new Set(['f', 'false', 'n', 'no', '0']);
const TIMESTAMP_TEXT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** ISO 8601, without an offset UTC, digits past microseconds cut. @returns undefined for anything else */
export function timestampOf(text: string): Micros | undefined {
  const match = TIMESTAMP_TEXT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number);
  const ms = Date.UTC(y, mo - 1, d, h, mi, s);
  const date = new Date(ms);
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) {
    return undefined;
  }
  let at = ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  if (offset !== undefined && offset !== 'Z') {
    const sign = offset.startsWith('-') ? -1 : 1;
    const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
    at -= sign * minutes * 60 * MICROS_PER_SECOND;
  }
  return at >= EARLIEST && at <= LATEST ? at : undefined;
}

function numberOf(text: string, whole: boolean): number | undefined {
  const trimmed = text.trim();
  if (whole) {
    if (!/^[+-]?\d+(\.\d*)?$/.test(trimmed)) return undefined;
    return Math.trunc(Number(trimmed));
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  return Number(trimmed);
}

/** A double as Java writes it: always a decimal point, an exponent outside 10^-3 to 10^7. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (value === 0) return '0.0';
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [mantissa, exponent] = value.toExponential().split('e');
  const digits = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return `${digits}E${Number(exponent)}`;
}

/** From text: read by row, since what a text says is known only by reading it. */
const fromText: KernelFactory =
  (_, type) =>
  ([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    const values = type.kind === 'boolean' ? out.flags(rows.rows) : out.numbers(rows.rows);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      values[i] = 0;
      if (out.valid !== null && out.valid[i] === 0) continue;
      const text = buffer.toString('utf8', starts[i], ends[i]);
      const value = parsedValue(text, type);
      if (value === undefined) out.ownValidity(rows)[i] = 0;
      else values[i] = value;
    }
    return values instanceof Float64Array
      ? numberColumn(type, values, out.valid)
      : booleanColumn(values, out.valid);
  };

function parsedValue(text: string, type: DataType): number | undefined {
  if (type.kind === 'timestamp') return timestampOf(text.trim());
  if (type.kind === 'boolean') {
    const word = text.trim().toLowerCase();
    return TRUE_TEXTS.has(word) ? 1 : FALSE_TEXTS.has(word) ? 0 : undefined;
  }
  const value = numberOf(text, type.kind === 'long');
  if (value === undefined || type.kind === 'double') return value;
  return Math.abs(value) <= SAFE_MAX ? value + 0 : undefined;
}

const toText: KernelFactory =
  ([arg]) =>
  ([a], rows, out) => {
    const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
    const { kind } = arg.type;
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      if (out.valid !== null && out.valid[i] === 0) continue;
      starts[i] = out.used;
      let text: string;
      if (kind === 'boolean') text = flags(a)[i] === 1 ? 'true' : 'false';
      else if (kind === 'double') text = doubleText(numbers(a)[i]);
      else if (kind === 'timestamp') text = sparkInstant(numbers(a)[i]);
      else text = String(numbers(a)[i]);
      if (!out.appendText(text)) out.ownValidity(rows)[i] = 0;
      ends[i] = out.used;
    }
    return out.textColumn(rows.rows);
  };

/** As Spark writes a time in UTC: a space, no zone, no trailing zeros of the fraction. */
function sparkInstant(at: Micros): string {
  const text = formatInstant(at).replace('T', ' ').slice(0, -1);
  return text.includes('.') ? text.replace(/0+$/, '') : text;
}

/** Number to number: multiplied, cut to whole, NULL outside the safe range. */
function scaled(factor: number, divisor: number, whole: boolean): KernelFactory {
  return (_, type) =>
    ([a], rows, out) => {
      const from = a.type === 'boolean' ? Float64Array.from(a.values) : numbers(a);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const exact = (from[i] * factor) / divisor;
        const value = whole ? (divisor === 1 ? Math.trunc(exact) : Math.floor(exact)) : exact;
        values[i] = value + 0;
        if (whole && !(Math.abs(value) <= SAFE_MAX)) {
          values[i] = 0;
          out.ownValidity(rows)[i] = 0;
        }
      }
      return numberColumn(type, values, out.valid);
    };
}

const toBoolean: KernelFactory =
  () =>
  ([a], rows, out) => {
    const from = numbers(a);
    const values = out.flags(rows.rows);
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      values[i] = from[i] === 0 ? 0 : 1;
    }
    return booleanColumn(values, out.valid);
  };

const FROM_TEXT = operation('CAST', fromText);
const TO_TEXT = operation('CAST', toText);
const TO_BOOLEAN = operation('CAST', toBoolean);
const TO_WHOLE = operation('CAST', scaled(1, 1, true));
const TO_DOUBLE = operation('CAST', scaled(1, 1, false));
const SECONDS_TO_TIME = operation('CAST', scaled(MICROS_PER_SECOND, 1, true));
const TIME_TO_SECONDS = operation('CAST', scaled(1, MICROS_PER_SECOND, true));
const TIME_TO_DOUBLE = operation('CAST', scaled(1, MICROS_PER_SECOND, false));

/** `from` as `type`; the checker has made sure that there is such a cast. */
export function cast(node: TypedNode, type: DataType): TypedNode {
  const from = node.type.kind;
  const to = type.kind;
  if (from === to) return node;
  if (from === 'string') return apply(FROM_TEXT, type, [node], true);
  if (to === 'string') return apply(TO_TEXT, type, [node]);
  if (to === 'boolean') return apply(TO_BOOLEAN, BOOLEAN, [node]);
  if (to === 'timestamp') return apply(SECONDS_TO_TIME, TIMESTAMP, [node], true);
  if (from === 'timestamp') {
    return apply(to === 'long' ? TIME_TO_SECONDS : TIME_TO_DOUBLE, type, [node]);
  }
  if (from === 'long' && to === 'double') return apply(WIDEN, type, [node]);
  return to === 'long' ? apply(TO_WHOLE, LONG, [node], true) : apply(TO_DOUBLE, type, [node]);
}
