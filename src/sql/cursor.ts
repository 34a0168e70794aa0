/**
 * The cursor over the tokens of one expression. There is one syntax error an expression: the first failure
 * is kept and the cursor jumps to the end, where every later expectation fails in silence, so nothing is
 * thrown and nothing is guessed.
 */
import type { Node, Span } from './ast.ts';
import type { Problem } from './expression.ts';
import { type Token, tokens } from './lexer.ts';

/** Words that can't be bare names. TIMESTAMP and INTERVAL are words only before a literal. */
export const RESERVED: ReadonlySet<string> = new Set(
  'AND OR NOT IS IN BETWEEN LIKE RLIKE CASE WHEN THEN ELSE END NULL TRUE FALSE DIV DISTINCT'.split(
    ' ',
  ),
);

/** How a token is called in a message. */
function described(token: Token, text: string): string {
  return token.kind === 'end'
    ? 'the end of the expression'
    : `\`${text.slice(token.start, token.end)}\``;
}

/** Methods named `take` move the cursor, the others do not, unless they fail. */
export class Cursor {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Parentheses and the like that are open; kept by the parser. */
  nesting = 0;
  problem: Problem | undefined;

  constructor(text: string) {
    this.text = text;
    this.#tokens = tokens(text);
  }

  get token(): Token {
    return this.#tokens[this.#at];
  }

  /** End of the token before the cursor: where a node that was just read ends. */
  get consumed(): number {
    return this.#at === 0 ? 0 : this.#tokens[this.#at - 1].end;
  }

  get next(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)];
  }

  take(): Token {
    const token = this.token;
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  isSymbol(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text;
  }

  isWord(upper: string): boolean {
    return this.token.kind === 'word' && this.token.upper === upper;
  }

  /** Takes the symbol or word if it stands here. */
  takeIf(text: string): boolean {
    const found = this.isSymbol(text) || this.isWord(text);
    if (found) this.take();
    return found;
  }

  expect(text: string): void {
    if (!this.takeIf(text)) this.failExpecting(`\`${text}\``);
  }

  /** A bare or quoted name; `''` after a failure. */
  takeName(): string {
    const { token } = this;
    if (token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.upper))) {
      this.take();
      return token.text;
    }
    if (token.kind === 'word') {
      const hint = `write \`${token.text}\` in backticks if it is a name`;
      this.refuse(token, `expected a name, found the reserved word ${token.upper}`, hint);
    } else {
      this.failExpecting('a name');
    }
    return '';
  }

  failExpecting(what: string): void {
    const { token } = this;
    if (token.kind === 'bad') this.fail(token.problem);
    else this.refuse(token, `expected ${what}, found ${described(token, this.text)}`);
  }

  refuse(at: Span, message: string, hint?: string): void {
    const problem = { rule: 'expression-syntax', start: at.start, end: at.end, message };
    this.fail(hint === undefined ? problem : { ...problem, hint });
  }

  /** Keeps the first problem and moves to the end. */
  fail(problem: Problem): void {
    this.problem ??= problem;
    this.#at = this.#tokens.length - 1;
  }

  /** Stands where a node should have been; never seen outside, as there is a problem then. */
  placeholder(): Node {
    return { kind: 'null', start: this.token.start, end: this.token.end };
  }

  /** A node for what was read from `start` up to the cursor and can't run yet. */
  later(what: string, start: number): Node {
    const end = Math.max(start, this.consumed);
    return { kind: 'later', what, text: this.text.slice(start, end), start, end };
  }
}
