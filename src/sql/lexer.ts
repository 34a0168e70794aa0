/**
 * Text to tokens. The first character that can't be part of an expression becomes a `bad` token with its
 * problem and ends the list, so whichever mistake comes first in the text is the one that is told.
 */
import type { Span } from './ast.ts';
import type { Problem } from './expression.ts';

export type Token = Span &
  (
    | { readonly kind: 'word'; readonly text: string; readonly upper: string } // bare
    | { readonly kind: 'quoted'; readonly text: string } // `name`
    | { readonly kind: 'long'; readonly digits: string }
    | { readonly kind: 'double'; readonly value: number }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'symbol'; readonly text: string }
    | { readonly kind: 'bad'; readonly problem: Problem }
    | { readonly kind: 'end' }
  );

const SPACE = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const NUMBER_TAIL = /[\p{L}\p{N}_]*/uy;
/** Longest first. */
const SYMBOL = /<=>|<=|>=|<>|!=|==|\|\||->|[-+*/%=<>.,()[\]]/y;

/** What is refused on purpose, each with what to write instead. */
const REFUSED: readonly (readonly [RegExp, string, string])[] = [
  [
    /"/y,
    'double quotes mean a text in one SQL and a name in another',
    "write 'text' for a text, `name` for a name",
  ],
  [
    /--|\/\*/y,
    'comments are not part of an expression',
    'write a YAML comment beside it; for two minus signs write - (-x)',
  ],
  [/<<|>>|[&|^~]/y, 'bit operators are not part of the language', 'write AND, OR or NOT'],
  [/!/y, '! is not an operator here', 'write NOT'],
  [/::/y, ':: is not an operator here', 'write CAST(x AS BIGINT)'],
  [/[\u2018\u2019\u201c\u201d\u00b4]/y, 'this is a typographic quote', "write '...'"],
  [/;/y, 'an expression is one value, without a semicolon', 'leave it out'],
  [/\$\{/y, 'nothing is interpolated inside an expression', 'write params.name'],
];

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function bad(start: number, end: number, message: string, hint?: string): Token {
  const problem = { rule: 'expression-syntax', start, end, message };
  return { kind: 'bad', start, end, problem: hint === undefined ? problem : { ...problem, hint } };
}

function numberToken(text: string, start: number, digits: string): Token {
  const tail = match(NUMBER_TAIL, text, start + digits.length) ?? '';
  const end = start + digits.length + tail.length;
  const suffix = tail.toUpperCase();
  const whole = /^\d+$/.test(digits);
  if (suffix === 'D' || (suffix === '' && !whole)) {
    return { kind: 'double', start, end, value: Number(digits) };
  }
  if (whole && (suffix === '' || suffix === 'L')) return { kind: 'long', start, end, digits };
  if (suffix === 'L') {
    return bad(start, end, `${text.slice(start, end)} has a fraction, so it is no long`, 'drop L');
  }
  if (['F', 'S', 'Y', 'BD'].includes(suffix)) {
    return bad(start, end, `the suffix ${tail} is not part of the language`, 'write L or D');
  }
  return bad(
    start,
    end,
    `${text.slice(start, end)} is neither a number nor a name`,
    'write a name that begins with a digit in `backticks`',
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  n: '\n',
  t: '\t',
  r: '\r',
};

/** One escape at a backslash: its value and length, or how it is wrong. */
function escapeAt(text: string, at: number): { value: string; length: number } | undefined {
  const plain = ESCAPES[text[at + 1] ?? ''];
  if (plain !== undefined) return { value: plain, length: 2 };
  const hex = /^u([0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6));
  if (hex === null) return undefined;
  return { value: String.fromCharCode(Number.parseInt(hex[1], 16)), length: 6 };
}

function stringToken(text: string, start: number): Token {
  let value = '';
  let at = start + 1;
  for (;;) {
    const c = text[at];
    if (c === undefined) return bad(start, text.length, 'this text has no end', "close it with '");
    if (c === "'") {
      if (text[at + 1] !== "'") break;
      value += "'";
      at += 2;
    } else if (c === '\\') {
      const found = escapeAt(text, at);
      if (found === undefined) {
        const shown = text.slice(at, at + 2);
        return bad(
          at,
          Math.min(at + 2, text.length),
          `${shown} is not an escape`,
          `write \\${shown} for a backslash, or r'...' where a backslash is itself`,
        );
      }
      value += found.value;
      at += found.length;
    } else {
      value += c;
      at++;
    }
  }
  const end = at + 1;
  if (/\p{Surrogate}/u.test(value)) {
    return bad(start, end, 'this text has half of a surrogate pair, which is no character');
  }
  return { kind: 'string', start, end, value };
}

function rawStringToken(text: string, start: number): Token {
  const close = text.indexOf("'", start + 2);
  if (close < 0) return bad(start, text.length, 'this text has no end', "close it with '");
  return { kind: 'string', start, end: close + 1, value: text.slice(start + 2, close) };
}

function quotedToken(text: string, start: number): Token {
  const shape = /`((?:[^`]|``)*)`/y;
  shape.lastIndex = start;
  const found = shape.exec(text);
  if (found === null) return bad(start, text.length, 'this name has no end', 'close it with `');
  const end = shape.lastIndex;
  if (found[1] === '') return bad(start, end, 'a name has at least one character');
  return { kind: 'quoted', start, end, text: found[1].replaceAll('``', '`') };
}

function tokenAt(text: string, start: number): Token {
  const c = text[start];
  if (c === "'") return stringToken(text, start);
  if ((c === 'r' || c === 'R') && text[start + 1] === "'") return rawStringToken(text, start);
  if (c === '`') return quotedToken(text, start);
  const digits = match(NUMBER, text, start);
  if (digits !== undefined) return numberToken(text, start, digits);
  const word = match(WORD, text, start);
  if (word !== undefined) {
    const end = start + word.length;
    return { kind: 'word', start, end, text: word, upper: word.toUpperCase() };
  }
  for (const [pattern, message, hint] of REFUSED) {
    const found = match(pattern, text, start);
    const symbol = match(SYMBOL, text, start);
    if (found !== undefined && (symbol === undefined || symbol.length < found.length)) {
      return bad(start, start + found.length, message, hint);
    }
  }
  const symbol = match(SYMBOL, text, start);
  if (symbol !== undefined)
    return { kind: 'symbol', start, end: start + symbol.length, text: symbol };
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const end = start + character.length;
  return /\p{L}/u.test(character)
    ? bad(start, end, `a bare name has no ${character}`, 'write the name in `backticks`')
    : bad(start, end, `${JSON.stringify(character)} is not part of an expression`);
}

/** @returns the tokens in order; the last is `end` or `bad`, and only the last */
export function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(SPACE, text, at)?.length ?? 0;
    if (at >= text.length) {
      found.push({ kind: 'end', start: text.length, end: text.length });
      return found;
    }
    const token = tokenAt(text, at);
    found.push(token);
    if (token.kind === 'bad') return found;
    at = token.end;
  }
}
