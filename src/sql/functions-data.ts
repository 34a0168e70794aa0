/** Functions of arrays. */
import type { StringColumn } from '../stream/column.ts';
import { type DataType, LONG, STRING } from '../stream/schema.ts';
import { convert, type FunctionDefinition, isMisfit, misfit } from './function.ts';
import { patternOf, patternText } from './functions-regexp.ts';
import { arrays, type KernelFactory, numberColumn, type Rows, texts } from './kernel.ts';
import { findBytes } from './kernels-text.ts';
import { decode, encode, type Scratch } from './scratch.ts';
import { apply, constant, type Operation } from './typed.ts';

const TEXTS: DataType = { kind: 'array', element: STRING };

/** Cuts one row, adding the ranges of its parts to `parts` from `count` on. @returns the count behind them */
type Cutter = (source: StringColumn, row: number, parts: Scratch, count: number) => number;

function cutAtText(separator: Uint8Array): Cutter {
  return ({ bytes, starts, ends }, row, parts, count) => {
    const end = ends[row];
    let start = starts[row];
    let next = count;
    for (;;) {
      const at = findBytes(bytes, start, end, separator, 0, separator.length);
      parts.pushRange(next++, start, at < 0 ? end : at);
      if (at < 0) return next;
      start = at + separator.length;
    }
  };
}

function cutAtPattern(regexp: RegExp): Cutter {
  return ({ bytes, starts, ends }, row, parts, count) => {
    const end = ends[row];
    const text = decode(bytes, starts[row], end);
    let start = starts[row];
    let units = 0;
    let next = count;
    for (const found of text.matchAll(regexp)) {
      const at = start + Buffer.byteLength(text.slice(units, found.index));
      parts.pushRange(next++, start, at);
      start = at + Buffer.byteLength(found[0]);
      units = found.index + found[0].length;
    }
    parts.pushRange(next++, start, end);
    return next;
  };
}

function splitRows(source: StringColumn, cut: Cutter, rows: Rows, out: Scratch): StringColumn {
  const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
  const parts = out.part(0);
  let count = 0;
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    starts[i] = count;
    if (out.valid === null || out.valid[i] === 1) count = cut(source, i, parts, count);
    lengths[i] = count - starts[i];
  }
  const [partStarts, partEnds] = [parts.starts(count), parts.ends(count)];
  return { type: 'string', bytes: source.bytes, starts: partStarts, ends: partEnds, valid: null };
}

const splitFactory: KernelFactory = ([, { value }]) => {
  const { literal, regexp } = patternOf(value);
  const cut = literal === undefined ? cutAtPattern(regexp) : cutAtText(encode(literal));
  return ([a], rows, out) => {
    const element = splitRows(texts(a), cut, rows, out);
    const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
    return { type: 'array', starts, lengths, element, valid: out.valid };
  };
};
const SPLIT: Operation = { name: 'split', strict: true, factory: splitFactory };

const split: FunctionDefinition = {
  name: 'split',
  signature: 'split(string, pattern): array<string>',
  doc: 'The parts of a text between the places where a pattern, a constant, is found; empty ones count.',
  example: { text: "split('a, b;c', '[,;] ?')[1]", gives: "'b'" },
  minArgs: 2,
  maxArgs: 2,
  build([source, separator]) {
    const text = convert(source, STRING);
    if (text === undefined) return misfit('split', 0, STRING, source.type);
    const node = patternText('split', 1, separator);
    if (isMisfit(node)) return node;
    if (''.search(patternOf(node.value).regexp) === 0) {
      const message = "split can't use this pattern: it finds the empty text";
      return { argument: 1, rule: 'pattern-not-supported', message };
    }
    return apply(SPLIT, TEXTS, [text, node]);
  },
};

const SIZE: Operation = {
  name: 'size',
  strict: true,
  factory:
    () =>
    ([a], rows, out) => {
      const { lengths } = arrays(a);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        values[i] = lengths[i];
      }
      return numberColumn(LONG, values, out.valid);
    },
};

const size: FunctionDefinition = {
  name: 'size',
  signature: 'size(array<T>): long',
  doc: 'How many elements an array has.',
  example: { text: "size(split('a b', ' '))", gives: '2' },
  minArgs: 1,
  maxArgs: 1,
  build([{ node, type }]) {
    if (node === undefined) return constant(LONG, null);
    if (type.kind !== 'array') return misfit('size', 0, TEXTS, type);
    return apply(SIZE, LONG, [node]);
  },
};

export const dataFunctions: readonly FunctionDefinition[] = [split, size];
