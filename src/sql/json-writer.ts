/**
 * Writes values as JSON into the text that a step is making, as bytes. Fields that are NULL are left out,
 * elements that are NULL are written. A writer is made once for a type; it knows the names of fields in bytes.
 */
import { strict as assert } from 'node:assert';
import type { Column, StringColumn } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import { doubleText } from './cast-text.ts';
import { quoted } from './json-value.ts';
import { arrays, flags, numbers, texts } from './kernel.ts';
import { encode, type Scratch, textAt } from './scratch.ts';

/**
 * Appends a row's value, which is not NULL, to the text that begins at byte `begin`.
 * @returns whether it is small enough
 */
export type Writer = (column: Column, row: number, begin: number, out: Scratch) => boolean;

const NULL_TEXT = encode('null');

function isThere({ valid }: Column, row: number): boolean {
  return valid === null || valid[row] === 1;
}

/** Appends ASCII. */
function put(text: string, begin: number, out: Scratch): boolean {
  if (!out.reserve(text.length, out.used - begin)) return false;
  const { bytes } = out;
  for (let i = 0; i < text.length; i++) bytes[out.used++] = text.charCodeAt(i);
  return true;
}

/** Whether a range can stand between quotes as it is. */
function isPlain({ bytes, starts, ends }: StringColumn, row: number): boolean {
  for (let i = starts[row]; i < ends[row]; i++) {
    const byte = bytes[i];
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}

const writeText: Writer = (column, row, begin, out) => {
  const source = texts(column);
  const { bytes, starts, ends } = source;
  if (isPlain(source, row)) {
    return (
      put('"', begin, out) &&
      out.extend(begin, bytes, starts[row], ends[row]) &&
      put('"', begin, out)
    );
  }
  const escaped = encode(quoted(textAt(source, row)));
  return out.extend(begin, escaped, 0, escaped.length);
};

/** Numbers that JSON has no digits for are texts. */
function doubleJson(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : `"${value}"`;
}

/** A single value that is no text, in ASCII. */
function single(text: (column: Column, row: number) => string): Writer {
  return (column, row, begin, out) => put(text(column, row), begin, out);
}

function arrayWriter(element: Writer): Writer {
  return (column, row, begin, out) => {
    const { starts, lengths, element: elements } = arrays(column);
    if (!put('[', begin, out)) return false;
    for (let i = starts[row]; i < starts[row] + lengths[row]; i++) {
      if (i > starts[row] && !put(',', begin, out)) return false;
      const written = isThere(elements, i)
        ? element(elements, i, begin, out)
        : out.extend(begin, NULL_TEXT, 0, NULL_TEXT.length);
      if (!written) return false;
    }
    return put(']', begin, out);
  };
}

function structWriter(names: readonly string[], fields: readonly Writer[]): Writer {
  const keys = names.map((name) => encode(`${quoted(name)}:`));
  return (column, row, begin, out) => {
    assert(column.type === 'struct');
    if (!put('{', begin, out)) return false;
    let first = true;
    for (let i = 0; i < fields.length; i++) {
      const field = column.fields[i];
      if (!isThere(field, row)) continue;
      if (!first && !put(',', begin, out)) return false;
      if (!out.extend(begin, keys[i], 0, keys[i].length)) return false;
      if (!fields[i](field, row, begin, out)) return false;
      first = false;
    }
    return put('}', begin, out);
  };
}

export function writerOf(type: DataType): Writer {
  switch (type.kind) {
    case 'string':
      return writeText;
    case 'boolean':
      return single((column, row) => (flags(column)[row] === 1 ? 'true' : 'false'));
    case 'double':
      return single((column, row) => doubleJson(numbers(column)[row]));
    case 'timestamp':
      return single((column, row) => {
        const ms = Math.floor(numbers(column)[row] / MICROS_PER_MS);
        return `"${new Date(ms).toISOString()}"`;
      });
    case 'array':
      return arrayWriter(writerOf(type.element));
    case 'struct':
      return structWriter(
        type.fields.map(({ name }) => name),
        type.fields.map((field) => writerOf(field.type)),
      );
    default:
      return single((column, row) => String(numbers(column)[row]));
  }
}
