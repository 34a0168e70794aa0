/**
 * Functions of text that take a pattern: a constant in the checked part of regular expressions, read once. Texts
 * are decoded row by row, as the machine that matches works on JavaScript's strings.
 */
import { strict as assert } from 'node:assert';
import type { StringColumn } from '../stream/column.ts';
import { BOOLEAN, LONG, STRING } from '../stream/schema.ts';
import {
  type Arg,
  constantLong,
  constantText,
  convert,
  type FunctionDefinition,
  isMisfit,
  type Misfit,
  misfit,
  TEXTS,
} from './function.ts';
import { booleanColumn, type KernelFactory, type Rows, texts } from './kernel.ts';
import { findBytes } from './kernels-text.ts';
import { type Pattern, readPattern } from './pattern.ts';
import { decode, encode, type Scratch } from './scratch.ts';
import { apply, type ConstantNode, constant, type Operation, type Value } from './typed.ts';

/** The pattern of a constant that has been checked. */
function patternOf(value: Value | undefined): Pattern {
  assert(typeof value === 'string');
  const pattern = readPattern(value);
  assert('regexp' in pattern);
  return pattern;
}

/** An argument that must be a pattern of the language. */
function patternText(
  name: string,
  argument: number,
  from: Arg,
): (ConstantNode & { readonly value: string }) | Misfit {
  const node = constantText(name, argument, from, 'pattern');
  if (isMisfit(node)) return node;
  const pattern = readPattern(node.value);
  if ('regexp' in pattern) return node;
  const message = `${name} can't use this pattern: ${pattern.why}`;
  return { argument, rule: 'pattern-not-supported', message };
}

const likeFactory: KernelFactory = ([, { value }]) => {
  const { literal, regexp } = patternOf(value);
  const needle = literal === undefined ? undefined : encode(literal);
  return ([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    const values = out.flags(rows.rows);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      if (needle !== undefined) {
        values[i] = findBytes(bytes, starts[i], ends[i], needle, 0, needle.length) < 0 ? 0 : 1;
      } else {
        regexp.lastIndex = 0;
        values[i] = regexp.test(decode(bytes, starts[i], ends[i])) ? 1 : 0;
      }
    }
    return booleanColumn(values, out.valid);
  };
};
const REGEXP_LIKE: Operation = { name: 'regexp_like', strict: true, factory: likeFactory };

const regexpLike: FunctionDefinition = {
  name: 'regexp_like',
  signature: 'regexp_like(string, pattern): boolean',
  doc: 'Whether a pattern, a constant, is found in the text.',
  example: { text: "regexp_like('order 66', '[0-9]+$')", gives: 'TRUE' },
  minArgs: 2,
  maxArgs: 2,
  build([source, pattern]) {
    const text = convert(source, STRING);
    if (text === undefined) return misfit('regexp_like', 0, STRING, source.type);
    const node = patternText('regexp_like', 1, pattern);
    if (isMisfit(node)) return node;
    return apply(REGEXP_LIKE, BOOLEAN, [text, node]);
  },
};

const extractFactory: KernelFactory = ([, { value }, { value: group }]) => {
  const { regexp } = patternOf(value);
  assert(typeof group === 'number');
  return ([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    return out.texts(rows, (row) => {
      regexp.lastIndex = 0;
      const found = regexp.exec(decode(bytes, starts[row], ends[row]));
      if (found !== null && found[group] !== undefined) out.appendText(found[group]);
      return true;
    });
  };
};
const REGEXP_EXTRACT: Operation = { name: 'regexp_extract', strict: true, factory: extractFactory };

const regexpExtract: FunctionDefinition = {
  name: 'regexp_extract',
  signature: 'regexp_extract(string, pattern[, group]): string',
  doc: 'What a group of a pattern (the first; 0: all of it) matches first, empty where nothing does; both are constants.',
  example: { text: "regexp_extract('id=42;', 'id=([0-9]+)')", gives: "'42'" },
  minArgs: 2,
  maxArgs: 3,
  build([source, pattern, number]) {
    const text = convert(source, STRING);
    if (text === undefined) return misfit('regexp_extract', 0, STRING, source.type);
    const node = patternText('regexp_extract', 1, pattern);
    if (isMisfit(node)) return node;
    const group =
      number === undefined
        ? { ...constant(LONG, 1), value: 1 }
        : constantLong('regexp_extract', 2, number, 'group');
    if (isMisfit(group)) return group;
    const { groups } = patternOf(node.value);
    if (group.value < 0 || group.value > groups) {
      const message = `the pattern has no group ${group.value}`;
      const hint = 'put ( ) around the part that is wanted, or write 0 for all of it';
      return { argument: number === undefined ? 1 : 2, message, hint };
    }
    return apply(REGEXP_EXTRACT, STRING, [text, node, group]);
  },
};

/** A replacement in order: bytes that stand for themselves, numbers of groups. */
type Replacement = readonly (Uint8Array | number)[];

/** Reads `$1` as a group, as many digits as there are groups for, and `\$` as a dollar. */
function readReplacement(text: string, groups: number): Replacement | { readonly why: string } {
  const parts: (Uint8Array | number)[] = [];
  for (let at = 0; at < text.length; ) {
    const plain = /^[^$\\]*/.exec(text.slice(at))?.[0] ?? '';
    if (plain !== '') parts.push(encode(plain));
    at += plain.length;
    if (text[at] === '\\') {
      const escaped = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
      if (at + 1 === text.length) return { why: 'it ends in a backslash' };
      parts.push(encode(escaped));
      at += 1 + escaped.length;
    } else if (text[at] === '$') {
      let digits = /^[0-9]+/.exec(text.slice(at + 1))?.[0] ?? '';
      if (digits === '') return { why: 'write \\$ for a dollar; $1 is the first group' };
      while (digits.length > 1 && Number(digits) > groups) digits = digits.slice(0, -1);
      if (Number(digits) > groups) return { why: `the pattern has no group ${digits}` };
      parts.push(Number(digits));
      at += 1 + digits.length;
    }
  }
  return parts;
}

/** Appends a row's text with every match replaced. @returns whether it is short enough */
function replaceRow(
  { bytes, starts, ends }: StringColumn,
  row: number,
  regexp: RegExp,
  replacement: Replacement,
  out: Scratch,
): boolean {
  const begin = out.used;
  const text = decode(bytes, starts[row], ends[row]);
  // What is copied or replaced: bytes of the row, and units of the text.
  let from = starts[row];
  let units = 0;
  regexp.lastIndex = 0;
  for (let found = regexp.exec(text); found !== null; found = regexp.exec(text)) {
    const [all] = found;
    const at = from + Buffer.byteLength(text.slice(units, found.index));
    if (!out.extend(begin, bytes, from, at)) return false;
    for (const part of replacement) {
      const piece = typeof part === 'number' ? encode(found[part] ?? '') : part;
      if (!out.extend(begin, piece, 0, piece.length)) return false;
    }
    from = at + Buffer.byteLength(all);
    units = found.index + all.length;
    // Behind an empty match the next begins one character later.
    if (all === '') regexp.lastIndex += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return out.extend(begin, bytes, from, ends[row]);
}

const replaceFactory: KernelFactory = ([, { value }, { value: by }]) => {
  const { regexp, groups } = patternOf(value);
  assert(typeof by === 'string');
  const replacement = readReplacement(by, groups);
  assert(!('why' in replacement));
  return ([a], rows, out) => {
    const source = texts(a);
    return out.texts(rows, (row) => replaceRow(source, row, regexp, replacement, out));
  };
};
const REGEXP_REPLACE: Operation = { name: 'regexp_replace', strict: true, factory: replaceFactory };

const regexpReplace: FunctionDefinition = {
  name: 'regexp_replace',
  signature: 'regexp_replace(string, pattern, replacement): string',
  doc: 'The text with everything a pattern matches replaced, where $1 is its first group; both are constants; NULL beyond 1 MiB.',
  example: { text: "regexp_replace('2026-02-01', '-([0-9]+)', '/$1')", gives: "'2026/02/01'" },
  minArgs: 3,
  maxArgs: 3,
  build([source, pattern, by]) {
    const text = convert(source, STRING);
    if (text === undefined) return misfit('regexp_replace', 0, STRING, source.type);
    const node = patternText('regexp_replace', 1, pattern);
    if (isMisfit(node)) return node;
    const replacement = constantText('regexp_replace', 2, by, 'replacement');
    if (isMisfit(replacement)) return replacement;
    const parts = readReplacement(replacement.value, patternOf(node.value).groups);
    if ('why' in parts) {
      const message = `regexp_replace can't use this replacement: ${parts.why}`;
      return { argument: 2, rule: 'pattern-not-supported', message };
    }
    return apply(REGEXP_REPLACE, STRING, [text, node, replacement], true);
  },
};

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

export const regexpFunctions: readonly FunctionDefinition[] = [
  split,
  regexpLike,
  regexpExtract,
  regexpReplace,
];
