/**
 * Functions of text. Cuts are ranges of their input's bytes; what is made goes to the step's own bytes.
 * Characters are code points. Bytes are decoded only where letter case goes beyond ASCII.
 */

import type { StringColumn } from '../stream/column.ts';
import { BOOLEAN, LONG, STRING } from '../stream/schema.ts';
import { type FunctionDefinition, simple } from './function.ts';
import { booleanColumn, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import { sameBytes } from './kernels-compare.ts';
import { countOf } from './operations.ts';
import type { Scratch } from './scratch.ts';

/** Bytes 10xxxxxx go on with a code point that an earlier byte began. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (!isContinuation(bytes[i])) count++;
  return count;
}

/** The byte at which `skip` code points have passed, at most `end`. */
function skipCodePoints(bytes: Uint8Array, start: number, end: number, skip: number): number {
  let at = start;
  for (let left = skip; left > 0 && at < end; left--) {
    at++;
    while (at < end && isContinuation(bytes[at])) at++;
  }
  return at;
}

/** @returns where `needle` first stands in haystack[from..to), or -1 */
export function findBytes(
  haystack: Uint8Array,
  from: number,
  to: number,
  needle: Uint8Array,
  needleStart: number,
  length: number,
): number {
  if (length === 0) return from;
  const first = needle[needleStart];
  for (let i = from; i + length <= to; i++) {
    if (haystack[i] === first && sameBytes(haystack, i, needle, needleStart, length)) return i;
  }
  return -1;
}

/** Ranges into the bytes of `source`, written by the caller. */
function cut(source: StringColumn, rows: Rows, out: Scratch): StringColumn {
  return {
    type: 'string',
    bytes: source.bytes,
    starts: out.starts(rows.rows),
    ends: out.ends(rows.rows),
    valid: out.valid,
  };
}

/** ASCII letters between `low` and `high` change case by one bit; anything else asks the Unicode tables. */
function changeCase(name: 'lower' | 'upper', low: number, high: number): FunctionDefinition {
  const doc = `The text in ${name} case, by Unicode's full mapping.`;
  const example = `${name}('Ab')`;
  const params = [STRING];
  return simple({ name, doc, example, params, result: STRING }, () => ([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    const [outStarts, outEnds] = [out.starts(rows.rows), out.ends(rows.rows)];
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      if (out.valid !== null && out.valid[i] === 0) continue;
      const [start, end] = [starts[i], ends[i]];
      outStarts[i] = out.used;
      outEnds[i] = out.used;
      if (!out.reserve(end - start)) {
        out.ownValidity(rows)[i] = 0;
        continue;
      }
      let at = start;
      for (; at < end && bytes[at] < 0x80; at++) {
        const byte = bytes[at];
        out.bytes[out.used++] = byte >= low && byte <= high ? byte ^ 0x20 : byte;
      }
      if (at < end) {
        out.used = outStarts[i];
        const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
        const changed = name === 'lower' ? text.toLowerCase() : text.toUpperCase();
        if (!out.appendText(changed)) out.ownValidity(rows)[i] = 0;
      }
      outEnds[i] = out.used;
    }
    return out.textColumn(rows.rows);
  });
}

const trim = simple(
  {
    name: 'trim',
    doc: 'The text without spaces (U+0020) at both ends.',
    example: "trim('  a ')",
    params: [STRING],
    result: STRING,
  },
  () =>
    ([a], rows, out) => {
      const source = texts(a);
      const result = cut(source, rows, out);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        let [start, end] = [source.starts[i], source.ends[i]];
        while (start < end && source.bytes[start] === 0x20) start++;
        while (end > start && source.bytes[end - 1] === 0x20) end--;
        result.starts[i] = start;
        result.ends[i] = end;
      }
      return result;
    },
);

const length = simple(
  {
    name: 'length',
    doc: 'How many characters (code points) a text has.',
    example: "length('añ')",
    params: [STRING],
    result: LONG,
  },
  () =>
    ([a], rows, out) => {
      const { bytes, starts, ends } = texts(a);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        values[i] = codePoints(bytes, starts[i], ends[i]);
      }
      return numberColumn(LONG, values, out.valid);
    },
);

const substring = simple(
  {
    name: 'substring',
    doc: 'Characters from a position (1 is the first, -1 the last), to the end or so many of them.',
    example: "substring('roundabout', 6, 3)",
    params: [STRING, LONG, LONG],
    optional: 1,
    result: STRING,
  },
  (args) =>
    ([a, position, count], rows, out) => {
      const source = texts(a);
      const { bytes } = source;
      const positions = numbers(position);
      const counts = args.length > 2 ? numbers(count) : null;
      const result = cut(source, rows, out);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const [start, end] = [source.starts[i], source.ends[i]];
        // Spark counts the window from the position, also where it lies before the first character.
        let from = positions[i];
        if (from > 0) from--;
        else if (from < 0) from += codePoints(bytes, start, end);
        const to = counts === null ? Number.POSITIVE_INFINITY : from + Math.max(0, counts[i]);
        const first = skipCodePoints(bytes, start, end, Math.max(0, from));
        const wanted = Math.max(0, to) - Math.max(0, from);
        result.starts[i] = first;
        result.ends[i] = skipCodePoints(bytes, first, end, wanted);
      }
      return result;
    },
);

type Place = 'contains' | 'startswith' | 'endswith';

function search(name: Place, doc: string, example: string): FunctionDefinition {
  const params = [STRING, STRING];
  return simple({ name, doc, example, params, result: BOOLEAN }, () => ([a, b], rows, out) => {
    const [hay, needle] = [texts(a), texts(b)];
    const values = out.flags(rows.rows);
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const [start, end] = [hay.starts[i], hay.ends[i]];
      const from = needle.starts[i];
      const size = needle.ends[i] - from;
      if (size > end - start) values[i] = 0;
      else if (name === 'contains') {
        values[i] = findBytes(hay.bytes, start, end, needle.bytes, from, size) < 0 ? 0 : 1;
      } else {
        const at = name === 'startswith' ? start : end - size;
        values[i] = sameBytes(hay.bytes, at, needle.bytes, from, size) ? 1 : 0;
      }
    }
    return booleanColumn(values, out.valid);
  });
}

const repeat = simple(
  {
    name: 'repeat',
    doc: 'The text so many times; NULL beyond 1 MiB.',
    example: "repeat('ab', 3)",
    params: [STRING, LONG],
    result: STRING,
    mayFail: true,
  },
  () =>
    ([a, times], rows, out) => {
      const { bytes, starts, ends } = texts(a);
      const counts = numbers(times);
      const [outStarts, outEnds] = [out.starts(rows.rows), out.ends(rows.rows)];
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        if (out.valid !== null && out.valid[i] === 0) continue;
        const size = ends[i] - starts[i];
        const count = size === 0 ? 0 : Math.max(0, counts[i]);
        outStarts[i] = out.used;
        if (!out.reserve(size * count)) out.ownValidity(rows)[i] = 0;
        else for (let n = 0; n < count; n++) out.append(bytes, starts[i], ends[i]);
        outEnds[i] = out.used;
      }
      return out.textColumn(rows.rows);
    },
);

const splitPart = simple(
  {
    name: 'split_part',
    doc: 'The n-th part (1 is the first, -1 the last) of a text cut at a literal; empty where there is none.',
    example: "split_part('a/b/c', '/', 2)",
    params: [STRING, STRING, LONG],
    result: STRING,
    mayFail: true,
  },
  () =>
    ([a, b, c], rows, out) => {
      const [source, separator, wanted] = [texts(a), texts(b), numbers(c)];
      const result = cut(source, rows, out);
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const size = separator.ends[i] - separator.starts[i];
        const [start, end] = [source.starts[i], source.ends[i]];
        result.starts[i] = end;
        result.ends[i] = end;
        if (wanted[i] === 0) {
          out.ownValidity(rows)[i] = 0;
          continue;
        }
        const find = (from: number): number =>
          size === 0
            ? -1
            : findBytes(source.bytes, from, end, separator.bytes, separator.starts[i], size);
        let parts = 1;
        for (let at = find(start); at >= 0; at = find(at + size)) parts++;
        const part = wanted[i] > 0 ? wanted[i] : parts + 1 + wanted[i];
        if (part < 1 || part > parts) continue;
        let from = start;
        for (let n = 1; n < part; n++) from = find(from) + size;
        const to = find(from);
        result.starts[i] = from;
        result.ends[i] = to < 0 ? end : to;
      }
      return { ...result, valid: out.valid };
    },
);

/** Text made of texts; `||` means the same. NULL with any NULL. */
export const concat: FunctionDefinition = {
  ...simple(
    {
      name: 'concat',
      doc: 'The texts one after the other; NULL if one is.',
      example: "concat('a', 'b')",
      params: Array.from({ length: 64 }, () => STRING),
      optional: 63,
      result: STRING,
      mayFail: true,
    },
    () => (inputs, rows, out) => {
      const columns = inputs.map(texts);
      const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
      for (let k = 0; k < countOf(rows); k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        if (out.valid !== null && out.valid[i] === 0) continue;
        starts[i] = out.used;
        for (const column of columns) {
          const [start, end] = [column.starts[i], column.ends[i]];
          if (out.reserve(out.used - starts[i] + end - start)) out.append(column.bytes, start, end);
          else out.ownValidity(rows)[i] = 0;
        }
        ends[i] = out.used;
      }
      return out.textColumn(rows.rows);
    },
  ),
};

export const textFunctions: readonly FunctionDefinition[] = [
  length,
  changeCase('lower', 0x41, 0x5a),
  changeCase('upper', 0x61, 0x7a),
  trim,
  concat,
  substring,
  splitPart,
  repeat,
  search('contains', 'Whether the second text stands in the first.', "contains('abc', 'b')"),
  search('startswith', 'Whether the first text begins with the second.', "startswith('abc', 'a')"),
  search('endswith', 'Whether the first text ends with the second.', "endswith('abc', 'c')"),
];
