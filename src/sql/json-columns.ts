/**
 * JSON to columns and back. A value of the wrong type becomes NULL where it stands; what is written leaves
 * NULL fields out.
 */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { EARLIEST, LATEST, MICROS_PER_MS, MICROS_PER_SECOND } from '../stream/time.ts';
import { doubleText, longOf, timestampOf } from './cast-text.ts';
import { type Json, quoted } from './json-value.ts';
import { booleanColumn, numberColumn } from './kernel.ts';
import { decode, encode, type Scratch } from './scratch.ts';

/** No value: a field that is missing, or NULL. */
type Found = Json | undefined;

/** Numbers that JSON has no digits for, in the spellings that are read. */
const ODD_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ...['Infinity', '+Infinity', 'INF', '+INF'].map((s) => [s, Number.POSITIVE_INFINITY] as const),
  ...['-Infinity', '-INF'].map((s) => [s, Number.NEGATIVE_INFINITY] as const),
]);

function numberIn({ kind, text }: Json, type: DataType): number | undefined {
  if (type.kind === 'double') {
    if (kind === 'number') return Number(text);
    return kind === 'string' ? ODD_DOUBLES.get(text) : undefined;
  }
  if (kind === 'number') {
    const whole = longOf(text);
    if (whole === undefined || type.kind === 'long') return whole;
    const time = whole * MICROS_PER_SECOND;
    return time >= EARLIEST && time <= LATEST ? time : undefined;
  }
  return kind === 'string' && type.kind === 'timestamp' ? timestampOf(text) : undefined;
}

/** The values as a column of a type, row for row. */
export function columnOf(values: readonly Found[], type: DataType, out: Scratch): Column {
  const count = values.length;
  const valid = out.validity(count);
  out.used = 0;
  for (let i = 0; i < count; i++) valid[i] = fits(values[i], type) ? 1 : 0;
  switch (type.kind) {
    case 'string': {
      const [starts, ends] = [out.starts(count), out.ends(count)];
      for (let i = 0; i < count; i++) {
        starts[i] = out.used;
        if (valid[i] === 1) out.appendText(values[i]?.text ?? '');
        ends[i] = out.used;
      }
      return { type: 'string', bytes: out.bytes, starts, ends, valid };
    }
    case 'boolean': {
      const flags = out.flags(count);
      for (let i = 0; i < count; i++) flags[i] = values[i]?.text === 'true' ? 1 : 0;
      return booleanColumn(flags, valid);
    }
    case 'array': {
      const [starts, lengths] = [out.starts(count), out.ends(count)];
      const elements: Found[] = [];
      for (let i = 0; i < count; i++) {
        starts[i] = elements.length;
        if (valid[i] === 1) for (const item of values[i]?.items ?? []) elements.push(item);
        lengths[i] = elements.length - starts[i];
      }
      const element = columnOf(elements, type.element, out.part(0));
      return { type: 'array', starts, lengths, element, valid };
    }
    case 'struct': {
      const fields = type.fields.map((field, nth) =>
        columnOf(
          values.map((value) => fieldOf(value, field.name)),
          field.type,
          out.part(nth),
        ),
      );
      return { type: 'struct', fields, valid };
    }
    case 'map':
      return assert.fail('there are no columns of maps');
    default: {
      const numbers = out.numbers(count);
      for (let i = 0; i < count; i++) {
        const value = values[i];
        const number = value === undefined ? undefined : numberIn(value, type);
        numbers[i] = number ?? 0;
        valid[i] = number === undefined ? 0 : 1;
      }
      return numberColumn(type, numbers, valid);
    }
  }
}

/** Whether a value is one of the type; numbers are looked at when they are read. Any is a text, as it was written. */
function fits(value: Found, type: DataType): boolean {
  if (value === undefined || value.kind === 'null') return false;
  if (type.kind === 'boolean' || type.kind === 'array') return value.kind === type.kind;
  if (type.kind === 'struct') return value.kind === 'object';
  return true;
}

/** Of fields of one name the last. */
function fieldOf(value: Found, name: string): Found {
  return value?.items[value.keys.lastIndexOf(name)];
}

/**
 * Appends the JSON of a row's value to the text that begins at `begin`.
 * @returns whether it is small enough
 */
export function writeValue(
  column: Column,
  type: DataType,
  row: number,
  begin: number,
  out: Scratch,
): boolean {
  if (!isThere(column, row)) return put('null', begin, out);
  if (column.type === 'array') return writeArray(column, type, row, begin, out);
  if (column.type !== 'struct') return put(singleText(column, row), begin, out);
  assert(type.kind === 'struct');
  if (!put('{', begin, out)) return false;
  let first = true;
  for (const [i, field] of column.fields.entries()) {
    if (!isThere(field, row)) continue;
    const key = `${first ? '' : ','}${quoted(type.fields[i].name)}:`;
    if (!put(key, begin, out)) return false;
    if (!writeValue(field, type.fields[i].type, row, begin, out)) return false;
    first = false;
  }
  return put('}', begin, out);
}

function writeArray(
  column: Column & { readonly type: 'array' },
  type: DataType,
  row: number,
  begin: number,
  out: Scratch,
): boolean {
  assert(type.kind === 'array');
  if (!put('[', begin, out)) return false;
  const start = column.starts[row];
  for (let i = start; i < start + column.lengths[row]; i++) {
    if (i > start && !put(',', begin, out)) return false;
    if (!writeValue(column.element, type.element, i, begin, out)) return false;
  }
  return put(']', begin, out);
}

function isThere({ valid }: Column, row: number): boolean {
  return valid === null || valid[row] === 1;
}

function singleText(column: Exclude<Column, { type: 'array' | 'struct' }>, row: number): string {
  switch (column.type) {
    case 'boolean':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'string':
      return quoted(decode(column.bytes, column.starts[row], column.ends[row]));
    case 'timestamp':
      return `"${new Date(Math.floor(column.values[row] / MICROS_PER_MS)).toISOString()}"`;
    case 'double': {
      const text = doubleText(column.values[row]);
      return Number.isFinite(column.values[row]) ? text : `"${text}"`;
    }
    default:
      return String(column.values[row]);
  }
}

function put(text: string, begin: number, out: Scratch): boolean {
  const bytes = encode(text);
  return out.extend(begin, bytes, 0, bytes.length);
}
