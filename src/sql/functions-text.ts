/**
 * Functions of text. Cuts share their input's bytes; what is made goes to the step's own. Bytes are decoded
 * only where letter case goes beyond ASCII.
 */
import type { StringColumn } from '../stream/column.ts';
import { BOOLEAN, LONG, STRING } from '../stream/schema.ts';
import { convert, type FunctionDefinition, fixed, misfit } from './function.ts';
import { booleanColumn, type Kernel, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import * as text from './kernels-text.ts';
import { decode, type Scratch } from './scratch.ts';
import { apply, type Operation, type TypedNode } from './typed.ts';

/** The ranges that a loop has written, of the bytes of `source`. */
function cut(source: StringColumn, rows: Rows, out: Scratch): StringColumn {
  const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
  return { type: 'string', bytes: source.bytes, starts, ends, valid: out.valid };
}

const length = fixed(
  {
    name: 'length',
    doc: 'How many characters (code points) a text has.',
    example: { text: "length('añ')", gives: '2' },
    params: [STRING],
    result: LONG,
  },
  () =>
    ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      text.lengths(values, texts(a), rows.selection, rows.selected);
      return numberColumn(LONG, values, out.valid);
    },
);

const trim = fixed(
  {
    name: 'trim',
    doc: 'The text without spaces (U+0020) at both ends.',
    example: { text: "trim('  a ')", gives: "'a'" },
    params: [STRING],
    result: STRING,
  },
  () =>
    ([a], rows, out) => {
      const source = texts(a);
      const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
      text.trims(starts, ends, source, rows.selection, rows.selected);
      return cut(source, rows, out);
    },
);

const substring = fixed(
  {
    name: 'substring',
    doc: 'Characters from a position (1 is the first, -1 the last), so many or all that follow.',
    example: { text: "substring('roundabout', 6, 5)", gives: "'about'" },
    params: [STRING, LONG, LONG],
    optional: 1,
    result: STRING,
  },
  (args) =>
    ([a, position, count], rows, out) => {
      const source = texts(a);
      const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
      const counts = args.length > 2 ? numbers(count) : null;
      const { selection, selected } = rows;
      text.substrings(starts, ends, source, numbers(position), counts, selection, selected);
      return cut(source, rows, out);
    },
);

const splitPart = fixed(
  {
    name: 'split_part',
    doc: 'Part n (1 is the first, -1 the last) of a text cut at a literal; empty where there is none, NULL for 0.',
    example: { text: "split_part('a/b/c', '/', -1)", gives: "'c'" },
    params: [STRING, STRING, LONG],
    result: STRING,
    fails: true,
  },
  () =>
    ([a, separator, part], rows, out) => {
      const source = texts(a);
      const parts = numbers(part);
      const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
      const { selection, selected } = rows;
      if (text.splitParts(starts, ends, source, texts(separator), parts, selection, selected)) {
        clearWhereZero(parts, rows, out);
      }
      return cut(source, rows, out);
    },
);

function clearWhereZero(numbers: Float64Array, rows: Rows, out: Scratch): void {
  const valid = out.ownValidity(rows);
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    if (numbers[i] === 0) valid[i] = 0;
  }
}

type Search = Pick<FunctionDefinition, 'name' | 'doc' | 'example'>;

function search(spec: Search, kernel: Kernel): FunctionDefinition {
  return fixed({ ...spec, params: [STRING, STRING], result: BOOLEAN }, () => kernel);
}

function affix(spec: Search, atEnd: number): FunctionDefinition {
  return search(spec, ([a, b], rows, out) => {
    const values = out.flags(rows.rows);
    text.affixes(values, texts(a), texts(b), atEnd, rows.selection, rows.selected);
    return booleanColumn(values, out.valid);
  });
}

const contains = search(
  {
    name: 'contains',
    doc: 'Whether the second text lies in the first.',
    example: { text: "contains('abc', 'bc')", gives: 'TRUE' },
  },
  ([a, b], rows, out) => {
    const values = out.flags(rows.rows);
    text.containments(values, texts(a), texts(b), rows.selection, rows.selected);
    return booleanColumn(values, out.valid);
  },
);

/** Changes ASCII letters from `first` on by one bit; a text with anything else goes through Unicode's tables. */
function changeCase(first: number, change: (text: string) => string): Kernel {
  return ([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    const [outStarts, outEnds] = [out.starts(rows.rows), out.ends(rows.rows)];
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const [start, end] = [starts[i], ends[i]];
      outStarts[i] = out.used;
      out.makeRoom(end - start);
      const to = changeAscii(out.bytes, out.used, bytes, start, end, first);
      if (to >= 0) out.used = to;
      else out.appendText(change(decode(bytes, start, end)));
      outEnds[i] = out.used;
    }
    return out.textColumn(rows.rows);
  };
}

/** @returns where it ended, or -1 at a byte that is not ASCII */
function changeAscii(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  first: number,
): number {
  let to = at;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte >= 0x80) return -1;
    out[to++] = byte >= first && byte < first + 26 ? byte ^ 0x20 : byte;
  }
  return to;
}

const lower = fixed(
  {
    name: 'lower',
    doc: "The text in lower case, by Unicode's full mapping, whatever the country.",
    example: { text: "lower('ÀB')", gives: "'àb'" },
    params: [STRING],
    result: STRING,
  },
  () => changeCase(0x41, (word) => word.toLowerCase()),
);

const upper = fixed(
  {
    name: 'upper',
    doc: "The text in upper case, by Unicode's full mapping, whatever the country.",
    example: { text: "upper('straße')", gives: "'STRASSE'" },
    params: [STRING],
    result: STRING,
  },
  () => changeCase(0x61, (word) => word.toUpperCase()),
);

const repeat = fixed(
  {
    name: 'repeat',
    doc: 'The text so many times; NULL beyond 1 MiB.',
    example: { text: "repeat('ab', 3)", gives: "'ababab'" },
    params: [STRING, LONG],
    result: STRING,
    fails: true,
  },
  () =>
    ([a, times], rows, out) => {
      const { bytes, starts, ends } = texts(a);
      const counts = numbers(times);
      const [outStarts, outEnds] = [out.starts(rows.rows), out.ends(rows.rows)];
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const size = ends[i] - starts[i];
        const count = size === 0 || counts[i] < 0 ? 0 : counts[i];
        outStarts[i] = out.used;
        if (!out.reserve(size * count)) out.ownValidity(rows)[i] = 0;
        else for (let left = count; left > 0; left--) out.append(bytes, starts[i], ends[i]);
        outEnds[i] = out.used;
      }
      return out.textColumn(rows.rows);
    },
);

const CONCAT: Operation = {
  name: 'concat',
  strict: true,
  factory: () => (inputs, rows, out) => {
    const columns = inputs.map(texts);
    const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      starts[i] = out.used;
      let size = 0;
      for (const column of columns) size += column.ends[i] - column.starts[i];
      if (!out.reserve(size)) out.ownValidity(rows)[i] = 0;
      else for (const { bytes, starts, ends } of columns) out.append(bytes, starts[i], ends[i]);
      ends[i] = out.used;
    }
    return out.textColumn(rows.rows);
  },
};

/** `||` means the same. */
export const concat: FunctionDefinition = {
  name: 'concat',
  signature: 'concat(string, ...): string',
  doc: 'The texts one after the other; NULL where one is, and beyond 1 MiB.',
  example: { text: "concat('a', 'b', 'c')", gives: "'a' || 'b' || 'c'" },
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build(args) {
    const nodes: TypedNode[] = [];
    for (const [i, arg] of args.entries()) {
      const node = convert(arg, STRING);
      if (node === undefined) return misfit('concat', i, STRING, arg.type);
      nodes.push(node);
    }
    return apply(CONCAT, STRING, nodes, true);
  },
};

export const textFunctions: readonly FunctionDefinition[] = [
  length,
  lower,
  upper,
  trim,
  concat,
  substring,
  splitPart,
  repeat,
  contains,
  affix(
    {
      name: 'startswith',
      doc: 'Whether the first text begins with the second.',
      example: { text: "startswith('abc', 'ab')", gives: 'TRUE' },
    },
    0,
  ),
  affix(
    {
      name: 'endswith',
      doc: 'Whether the first text ends with the second.',
      example: { text: "endswith('abc', 'ab')", gives: 'FALSE' },
    },
    1,
  ),
];
