/** The parser's complaints in the author's words. */
import type { YAMLError } from 'yaml';
import type { Remark } from './remark.ts';

const WORDS: Readonly<
  Partial<Record<YAMLError['code'], readonly [message: string, hint?: string]>>
> = {
  BAD_INDENT: ['the indentation does not fit the lines above'],
  TAB_AS_INDENT: ['a tab cannot indent in YAML', 'use spaces'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a key and its value begin in the middle of a line',
    'put the text in quotes if its ":" belongs to it, else begin a new line',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'this line has no ":" with a blank behind it',
    'write "name: value", or "name:" where fields follow below',
  ],
  KEY_OVER_1024_CHARS: ['a key is longer than 1,024 characters'],
  BAD_DQ_ESCAPE: [
    'no such escape in double quotes',
    'write the backslash twice, or use single quotes',
  ],
  BAD_SCALAR_START: ['text cannot begin with this character', 'put the text in quotes'],
  BLOCK_IN_FLOW: ['an indented block cannot stand inside { } or [ ]', 'is a bracket not closed?'],
  BAD_ALIAS: ['this alias or anchor has no name'],
  ALIAS_PROPS: ['an alias cannot have an anchor or a tag'],
  MULTIPLE_ANCHORS: ['a value can have one anchor'],
  BAD_PROP_ORDER: ['an anchor must stand right before its value'],
};

/** One code of the parser covers several causes; these are told apart by its text. */
const BY_TEXT: readonly (readonly [RegExp, message: string, hint?: string])[] = [
  [/^Missing closing/, 'the quotes are not closed'],
  [/flow (collection|sequence|map)/i, 'a bracket is not closed'],
  [/followed by map values/, 'this line has no ":"', 'write "name: value"'],
];

export function syntaxRemark(error: YAMLError, text: string): Remark {
  const [start, end] = error.pos;
  const [message, hint] = wordsFor(error);
  // A long range would underline everything up to where the parser gave up.
  const line = text.indexOf('\n', start);
  return {
    rule: 'yaml-syntax',
    start,
    end: Math.max(start + 1, Math.min(end, line === -1 ? text.length : line)),
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

function wordsFor(error: YAMLError): readonly [message: string, hint?: string] {
  for (const [pattern, ...words] of BY_TEXT) if (pattern.test(error.message)) return words;
  const first = error.message.charAt(0).toLowerCase();
  return WORDS[error.code] ?? [first + error.message.slice(1)];
}
