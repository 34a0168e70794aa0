/**
 * Functions that look at a text, cut it or change its case. Cuts share their input's bytes. Bytes are decoded
 * only where letter case goes beyond ASCII.
 */
import type { StringColumn } from '../stream/column.ts';
import { BOOLEAN, LONG, STRING } from '../stream/schema.ts';
import { convert, type FunctionDefinition, fixed, isMisfit, type Named } from './function.ts';
import { firstTrue } from './functions-logic.ts';
import { booleanColumn, type Kernel, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import * as text from './kernels-text.ts';
import { IS_NULL } from './operations.ts';
import { decode, type Scratch } from './scratch.ts';
import { apply, constant } from './typed.ts';

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

/** Cuts at the front and at the end where these are 1. */
function trimming(spec: Named, front: number, back: number): FunctionDefinition {
  return fixed({ ...spec, params: [STRING], result: STRING }, () => ([a], rows, out) => {
    const source = texts(a);
    const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
    text.trims(starts, ends, source, front, back, rows.selection, rows.selected);
    return cut(source, rows, out);
  });
}

const octetLength = fixed(
  {
    name: 'octet_length',
    doc: 'How many bytes a text has in UTF-8.',
    example: { text: "octet_length('añ')", gives: '3' },
    params: [STRING],
    result: LONG,
  },
  () =>
    ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      text.sizes(values, texts(a), rows.selection, rows.selected);
      return numberColumn(LONG, values, out.valid);
    },
);

const trim = trimming(
  {
    name: 'trim',
    doc: 'The text without spaces (U+0020) at both ends.',
    example: { text: "trim('  a ')", gives: "'a'" },
  },
  1,
  1,
);
const ltrim = trimming(
  {
    name: 'ltrim',
    doc: 'The text without spaces (U+0020) at its beginning.',
    example: { text: "ltrim('  a ')", gives: "'a '" },
  },
  1,
  0,
);
const rtrim = trimming(
  {
    name: 'rtrim',
    doc: 'The text without spaces (U+0020) at its end.',
    example: { text: "rtrim('  a ')", gives: "'  a'" },
  },
  0,
  1,
);

function ending(spec: Named, loop: typeof text.heads): FunctionDefinition {
  return fixed(
    { ...spec, params: [STRING, LONG], result: STRING },
    () =>
      ([a, count], rows, out) => {
        const source = texts(a);
        const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
        loop(starts, ends, source, numbers(count), rows.selection, rows.selected);
        return cut(source, rows, out);
      },
  );
}

const left = ending(
  {
    name: 'left',
    doc: 'The first so many characters, none for less than one.',
    example: { text: "left('roundabout', 5)", gives: "'round'" },
  },
  text.heads,
);
const right = ending(
  {
    name: 'right',
    doc: 'The last so many characters, none for less than one.',
    example: { text: "right('roundabout', 5)", gives: "'about'" },
  },
  text.tails,
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

function search(spec: Named, kernel: Kernel): FunctionDefinition {
  return fixed({ ...spec, params: [STRING, STRING], result: BOOLEAN }, () => kernel);
}

function affix(spec: Named, atEnd: number): FunctionDefinition {
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

const instr = fixed(
  {
    name: 'instr',
    doc: 'Where the second text first lies in the first, in characters from 1; 0 where it does not.',
    example: { text: "instr('roundabout', 'about')", gives: '6' },
    params: [STRING, STRING],
    result: LONG,
  },
  () =>
    ([a, b], rows, out) => {
      const values = out.numbers(rows.rows);
      text.positions(values, texts(a), texts(b), null, rows.selection, rows.selected);
      return numberColumn(LONG, values, out.valid);
    },
);

const locateFrom = fixed(
  {
    name: 'locate',
    doc: 'Where the first text lies in the second, from a position on, in characters from 1; 0 where it does not, or the position is NULL.',
    example: { text: "locate('o', 'roundabout', 3)", gives: '8' },
    params: [STRING, STRING, LONG],
    optional: 1,
    result: LONG,
  },
  (args) =>
    ([needle, a, from], rows, out) => {
      const values = out.numbers(rows.rows);
      const begins = args.length > 2 ? numbers(from) : null;
      text.positions(values, texts(a), texts(needle), begins, rows.selection, rows.selected);
      return numberColumn(LONG, values, out.valid);
    },
);

const locate: FunctionDefinition = {
  ...locateFrom,
  build(args) {
    const found = locateFrom.build(args);
    if (isMisfit(found) || args.length < 3) return found;
    const from = convert(args[2], LONG) ?? constant(LONG, null);
    if (!from.nullable) return found;
    return firstTrue([[apply(IS_NULL, BOOLEAN, [from], false), constant(LONG, 0)]], found);
  },
};

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

export const textFunctions: readonly FunctionDefinition[] = [
  length,
  lower,
  upper,
  octetLength,
  trim,
  ltrim,
  rtrim,
  substring,
  left,
  right,
  splitPart,
  contains,
  instr,
  locate,
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
