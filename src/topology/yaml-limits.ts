/**
 * The first look at a YAML text: token by token, before anything is built. What is too large, too deep or
 * no part of our YAML is found here, so that the parser behind it never meets an input it is slow on or
 * that overflows its stack. Says nothing about whether the text is valid YAML.
 */
import { CST, Lexer, Parser } from 'yaml';
import { count } from '../diagnostics/words.ts';
import type { Remark } from './remark.ts';
import type { TextRange } from './yaml-spot.ts';

/** A file a person wrote by hand is a tenth of it; one byte more and the parser's worst cases take seconds. */
export const TEXT_BYTES_MAX = 256 * 1024;
/** Two times what the deepest element of the language needs, and far from any stack's end. */
export const DEPTH_MAX = 32;
/** Values in the document, repeats by alias counted each time. */
export const NODES_MAX = 5_000;
/** Enough for shared limits and field lists; too few to multiply a file into a bomb. */
export const ALIASES_MAX = 20;
/** A value takes at most a key, a colon, an indicator and a comma or anchor: no file within NODES_MAX has more. */
const TOKENS_MAX = NODES_MAX * 6;

/** What the parser has made of the text, or why it was not asked to. */
export interface Scanned {
  readonly tokens: readonly CST.Token[] | undefined;
  readonly remarks: readonly Remark[];
  readonly comments: readonly TextRange[];
  /** Texts without quotes, those of blocks left out. */
  readonly plain: readonly TextRange[];
}

/** Splits the text into the parser's tokens; `tokens` is undefined when the text exceeds a limit. */
export function scanYaml(text: string): Scanned {
  const remarks: Remark[] = [];
  const tokens: CST.Token[] = [];
  const comments: TextRange[] = [];
  const plain: TextRange[] = [];
  const found = { remarks, comments, plain };
  let inBlock = false;
  const parser = new Parser();
  let counted = 0;
  let aliases = 0;
  let at = 0;
  let previous = '';
  for (const lexeme of new Lexer().lex(text)) {
    // What follows the mark of a scalar is its text, whatever it begins with.
    const kind = previous === CST.SCALAR ? 'scalar' : CST.tokenType(lexeme);
    const start = at;
    previous = lexeme;
    if (lexeme !== CST.DOCUMENT && lexeme !== CST.FLOW_END && lexeme !== CST.SCALAR) {
      at += lexeme.length;
      if (kind !== 'space' && kind !== 'newline' && kind !== 'comment') counted++;
    }
    if (kind === 'comment') comments.push([start, at]);
    if (kind === 'scalar' && !inBlock) plain.push([start, at]);
    if (kind === 'scalar' || kind === 'block-scalar-header') inBlock = kind !== 'scalar';
    const refused = refuse(kind, start, at, lexeme);
    if (refused !== undefined) remarks.push(refused);
    if (kind === 'alias' && ++aliases > ALIASES_MAX) {
      remarks.push({
        rule: 'unsupported-yaml',
        start,
        end: at,
        message: `more than ${ALIASES_MAX} aliases`,
      });
      return { ...found, tokens: undefined };
    }
    if (counted > TOKENS_MAX) {
      return { ...found, tokens: undefined, remarks: [...remarks, tooMany(start)] };
    }
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  const deep = tooDeep(tokens);
  if (deep !== undefined) return { ...found, tokens: undefined, remarks: [...remarks, deep] };
  return { ...found, tokens };
}

export function tooMany(at: number): Remark {
  return {
    rule: 'document-too-large',
    start: at,
    end: at + 1,
    message: `the file holds more than ${count(NODES_MAX)} values`,
    hint: 'split it into several topologies',
  };
}

export function tooNested(at: number): Remark {
  return {
    rule: 'document-too-large',
    start: at,
    end: at + 1,
    message: `values are nested more than ${DEPTH_MAX} levels deep`,
  };
}

function refuse(
  kind: CST.TokenType | null,
  start: number,
  end: number,
  lexeme: string,
): Remark | undefined {
  if (kind === 'tag') {
    return {
      rule: 'unsupported-yaml',
      start,
      end,
      message: `the tag "${lexeme}" is not allowed here`,
      hint: 'write the value without a tag; quotes make it text',
    };
  }
  if (kind === 'directive-line') {
    return {
      rule: 'unsupported-yaml',
      start,
      end: start + lexeme.trimEnd().length,
      message: 'YAML directives are not allowed here',
      hint: 'remove this line',
    };
  }
  return undefined;
}

/** Walks the tokens with a stack of its own: the parser builds nested tokens without recursion, we must not recurse either. */
function tooDeep(tokens: readonly CST.Token[]): Remark | undefined {
  const stack: { token: CST.Token; depth: number }[] = [];
  for (const token of tokens) {
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth: 1 });
  }
  let deepest: number | undefined;
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { token, depth } = top;
    if (!('items' in token)) continue;
    if (depth > DEPTH_MAX) {
      deepest = Math.min(deepest ?? token.offset, token.offset);
      continue;
    }
    for (const item of token.items) {
      if ('key' in item && item.key) stack.push({ token: item.key, depth: depth + 1 });
      if (item.value) stack.push({ token: item.value, depth: depth + 1 });
    }
  }
  return deepest === undefined ? undefined : tooNested(deepest);
}
