/** Functions that make a text of others. Those that can make it as long as they like are NULL beyond 1 MiB. */

import type { Column, StringColumn } from '../stream/column.ts';
import { LONG, STRING } from '../stream/schema.ts';
import {
  arg,
  convert,
  convertAll,
  type FunctionDefinition,
  fixed,
  isMisfit,
  misfit,
  TEXTS,
} from './function.ts';
import { type KernelFactory, numbers, texts } from './kernel.ts';
import {
  capitaliseAscii,
  codePointAt,
  codePoints,
  findBytes,
  skipCodePoints,
} from './kernels-text.ts';
import { encode, type Scratch, textAt } from './scratch.ts';
import { apply, constant, type Operation, type TypedNode } from './typed.ts';

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
    const nodes = convertAll('concat', args, () => STRING);
    if (isMisfit(nodes)) return nodes;
    return apply(CONCAT, STRING, nodes, true);
  },
};

/** Joins the texts of a row that are there, those inside of arrays too. */
function joinRow(
  separator: StringColumn,
  columns: readonly Column[],
  row: number,
  out: Scratch,
): boolean {
  const begin = out.used;
  let first = true;
  for (const column of columns) {
    if (column.valid !== null && column.valid[row] === 0) continue;
    const nested = column.type === 'array';
    const source = texts(nested ? column.element : column);
    const from = nested ? column.starts[row] : row;
    const to = nested ? from + column.lengths[row] : row + 1;
    for (let i = from; i < to; i++) {
      if (source.valid !== null && source.valid[i] === 0) continue;
      const { bytes, starts, ends } = separator;
      if (!first && !out.extend(begin, bytes, starts[row], ends[row])) return false;
      if (!out.extend(begin, source.bytes, source.starts[i], source.ends[i])) return false;
      first = false;
    }
  }
  return true;
}

const CONCAT_WS: Operation = {
  name: 'concat_ws',
  strict: false,
  factory: () => (inputs, rows, out) => {
    const separator = texts(inputs[0]);
    const columns = inputs.slice(1);
    out.valid = separator.valid;
    return out.texts(rows, (row) => joinRow(separator, columns, row, out));
  },
};

const concatWs: FunctionDefinition = {
  name: 'concat_ws',
  signature: 'concat_ws(string, string or array<string>, ...): string',
  doc: 'The texts, and those in arrays, with the first argument between them; NULLs among them are left out; NULL beyond 1 MiB.',
  example: { text: "concat_ws('/', 'a', NULL, split('b,c', ','))", gives: "'a/b/c'" },
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build([between, ...args]) {
    const separator = convert(between, STRING);
    if (separator === undefined) return misfit('concat_ws', 0, STRING, between.type);
    const nodes: TypedNode[] = [separator];
    for (const [i, one] of args.entries()) {
      const node = convert(one, STRING) ?? convert(one, TEXTS);
      if (node === undefined) return misfit('concat_ws', i + 1, STRING, one.type);
      nodes.push(node);
    }
    return apply(CONCAT_WS, STRING, nodes, true);
  },
};

/** The function, whose last argument is `value` where it is left out. */
function withDefault(definition: FunctionDefinition, value: string): FunctionDefinition {
  const { maxArgs } = definition;
  return {
    ...definition,
    build: (args) =>
      definition.build(args.length < maxArgs ? [...args, arg(constant(STRING, value))] : args),
  };
}

function replaceRow(
  { bytes, starts, ends }: StringColumn,
  search: StringColumn,
  by: StringColumn,
  row: number,
  out: Scratch,
): boolean {
  const begin = out.used;
  const end = ends[row];
  const needle = search.starts[row];
  const length = search.ends[row] - needle;
  let from = starts[row];
  while (length > 0) {
    const at = findBytes(bytes, from, end, search.bytes, needle, length);
    if (at < 0) break;
    if (!out.extend(begin, bytes, from, at)) return false;
    if (!out.extend(begin, by.bytes, by.starts[row], by.ends[row])) return false;
    from = at + length;
  }
  return out.extend(begin, bytes, from, end);
}

const replace = withDefault(
  fixed(
    {
      name: 'replace',
      doc: 'The text with the second text replaced by the third (nothing) wherever it lies; an empty one lies nowhere; NULL beyond 1 MiB.',
      example: { text: "replace('a-b-c', '-', '+')", gives: "'a+b+c'" },
      params: [STRING, STRING, STRING],
      optional: 1,
      result: STRING,
      fails: true,
    },
    () =>
      ([a, b, c], rows, out) => {
        const [source, search, by] = [texts(a), texts(b), texts(c)];
        return out.texts(rows, (row) => replaceRow(source, search, by, row, out));
      },
  ),
  '',
);

/** What characters become; an empty text: they are left out. */
type Alphabet = ReadonlyMap<number, Uint8Array>;

/** Of a character that stands there twice the first counts. */
function alphabet(from: string, to: string): Alphabet {
  const letters = new Map<number, Uint8Array>();
  const targets = [...to];
  for (const [i, letter] of [...from].entries()) {
    const point = letter.codePointAt(0) ?? 0;
    if (!letters.has(point)) letters.set(point, encode(targets[i] ?? ''));
  }
  return letters;
}

function translateRow(
  { bytes, starts, ends }: StringColumn,
  letters: Alphabet,
  row: number,
  out: Scratch,
): boolean {
  const begin = out.used;
  const end = ends[row];
  // What lies between two characters that change is copied at once.
  let from = starts[row];
  for (let at = from; at < end; ) {
    const letter = letters.get(codePointAt(bytes, at));
    const next = skipCodePoints(bytes, at, end, 1);
    if (letter !== undefined) {
      if (!out.extend(begin, bytes, from, at)) return false;
      if (!out.extend(begin, letter, 0, letter.length)) return false;
      from = next;
    }
    at = next;
  }
  return out.extend(begin, bytes, from, end);
}

const translateFactory: KernelFactory = ([, { value: from }, { value: to }]) => {
  if (typeof from === 'string' && typeof to === 'string') {
    const letters = alphabet(from, to);
    return ([a], rows, out) => {
      const source = texts(a);
      return out.texts(rows, (row) => translateRow(source, letters, row, out));
    };
  }
  return ([a, b, c], rows, out) => {
    const [source, before, after] = [texts(a), texts(b), texts(c)];
    return out.texts(rows, (row) => {
      const letters = alphabet(textAt(before, row), textAt(after, row));
      return translateRow(source, letters, row, out);
    });
  };
};

const translate = fixed(
  {
    name: 'translate',
    doc: 'The text with each character of the second text replaced by the one in the same place of the third, left out where there is none; NULL beyond 1 MiB.',
    example: { text: "translate('1.234,5', ',.', '.')", gives: "'1234.5'" },
    params: [STRING, STRING, STRING],
    result: STRING,
    fails: true,
  },
  translateFactory,
);

/** Appends a row's text with `pad` before it or behind it, so that it has so many characters; cut if it has more. */
function padRow(
  { bytes, starts, ends }: StringColumn,
  wanted: number,
  pad: StringColumn,
  row: number,
  before: boolean,
  out: Scratch,
): boolean {
  const [start, end] = [starts[row], ends[row]];
  const [padStart, padEnd] = [pad.starts[row], pad.ends[row]];
  const missing = wanted - codePoints(bytes, start, end);
  if (missing <= 0 || padStart === padEnd) {
    const kept = skipCodePoints(bytes, start, end, wanted < 0 ? 0 : wanted);
    return out.extend(out.used, bytes, start, kept);
  }
  const characters = codePoints(pad.bytes, padStart, padEnd);
  const times = Math.floor(missing / characters);
  const rest = skipCodePoints(pad.bytes, padStart, padEnd, missing - times * characters);
  if (!out.reserve(end - start + times * (padEnd - padStart) + rest - padStart)) return false;
  if (!before) out.append(bytes, start, end);
  for (let left = times; left > 0; left--) out.append(pad.bytes, padStart, padEnd);
  out.append(pad.bytes, padStart, rest);
  if (before) out.append(bytes, start, end);
  return true;
}

function padding(
  name: string,
  where: string,
  example: string,
  before: boolean,
): FunctionDefinition {
  return withDefault(
    fixed(
      {
        name,
        doc: `The text with so many characters: cut at its end, or with the third text (a space) over and over ${where} it; NULL beyond 1 MiB.`,
        example: { text: `${name}('7', 3, '0')`, gives: example },
        params: [STRING, LONG, STRING],
        optional: 1,
        result: STRING,
        fails: true,
      },
      () =>
        ([a, count, b], rows, out) => {
          const [source, counts, pad] = [texts(a), numbers(count), texts(b)];
          return out.texts(rows, (row) => padRow(source, counts[row], pad, row, before, out));
        },
    ),
    ' ',
  );
}

const reverse = fixed(
  {
    name: 'reverse',
    doc: 'The characters (code points) of a text from the last to the first.',
    example: { text: "reverse('añb')", gives: "'bña'" },
    params: [STRING],
    result: STRING,
  },
  () =>
    ([a], rows, out) => {
      const { bytes, starts, ends } = texts(a);
      return out.texts(rows, (row) => {
        const start = starts[row];
        out.makeRoom(ends[row] - start);
        for (let end = ends[row]; end > start; ) {
          let at = end - 1;
          while (at > start && (bytes[at] & 0xc0) === 0x80) at--;
          out.append(bytes, at, end);
          end = at;
        }
        return true;
      });
    },
);

/** Letters that are two in one have a form of their own for the beginning of a word; Georgian ones have none. */
const TITLE_LETTERS: ReadonlyMap<string, string> = new Map(
  ['ǆǅ', 'ǉǈ', 'ǌǋ', 'ǳǲ'].map(([a, b]) => [a, b]),
);
const GEORGIAN = /[\u10d0-\u10ff]/;

function capitalised(text: string): string {
  return text.toLowerCase().replace(/(^| )([^ ])/gu, (_, before: string, letter: string) => {
    const title = TITLE_LETTERS.get(letter);
    if (title !== undefined || GEORGIAN.test(letter)) return before + (title ?? letter);
    const [first, ...others] = letter.toUpperCase();
    return before + first + others.join('').toLowerCase();
  });
}

const initcap = fixed(
  {
    name: 'initcap',
    doc: 'The text in lower case, but the first letter of each word between spaces (U+0020) in upper case.',
    example: { text: "initcap('ROUND about-it')", gives: "'Round About-it'" },
    params: [STRING],
    result: STRING,
  },
  () =>
    ([a], rows, out) => {
      const source = texts(a);
      return out.texts(rows, (row) => {
        const [start, end] = [source.starts[row], source.ends[row]];
        out.makeRoom(end - start);
        const to = capitaliseAscii(out.bytes, out.used, source.bytes, start, end);
        if (to >= 0) out.used = to;
        else out.appendText(capitalised(textAt(source, row)));
        return true;
      });
    },
);

export const editFunctions: readonly FunctionDefinition[] = [
  concat,
  concatWs,
  repeat,
  replace,
  translate,
  padding('lpad', 'before', "'007'", true),
  padding('rpad', 'behind', "'700'", false),
  reverse,
  initcap,
];
