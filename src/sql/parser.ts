/**
 * Text to a syntax tree, by precedence climbing: one function for each level of binding, weakest first.
 * Depth is bounded here, which bounds every later recursion over the tree.
 */
import { type ArithmeticOperator, type ComparisonOperator, depthOf, type Node } from './ast.ts';
import { Cursor } from './cursor.ts';
import type { Problem } from './expression.ts';
import { parsePrimary, refuseSubquery } from './parser-primary.ts';

/** Longer texts are programs, not conditions; it also bounds all work on an expression. */
export const TEXT_BYTES_MAX = 4096;
/** Nesting of the tree and of parentheses. Deeper is no human's text, and the stack must hold. */
export const DEPTH_MAX = 64;

const COMPARISONS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['==', '='],
  ['<=>', '<=>'],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);
const SUMS: ReadonlyMap<string, ArithmeticOperator> = new Map([
  ['+', '+'],
  ['-', '-'],
  ['||', '||'],
]);
const PRODUCTS: ReadonlyMap<string, ArithmeticOperator> = new Map([
  ['*', '*'],
  ['/', '/'],
  ['%', '%'],
  ['DIV', 'DIV'],
]);
const NEGATABLE = new Set(['BETWEEN', 'IN', 'LIKE', 'RLIKE']);

function tooLarge(text: string, message: string): Problem {
  const hint = 'compute a part of it in a select before';
  return { rule: 'expression-limit', start: 0, end: text.length, message, hint };
}

function tooDeep(text: string): Problem {
  return tooLarge(text, `the expression is nested deeper than ${DEPTH_MAX}`);
}

/** @returns the tree, or the one problem of its syntax or size */
export function parse(text: string): { readonly node: Node } | { readonly problem: Problem } {
  if (Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    return { problem: tooLarge(text, `the expression is longer than ${TEXT_BYTES_MAX} bytes`) };
  }
  const cursor = new Cursor(text);
  const node = parseExpression(cursor);
  if (cursor.token.kind !== 'end') cursor.failExpecting('an operator or the end');
  if (cursor.problem !== undefined) return { problem: cursor.problem };
  return depthOf(node) > DEPTH_MAX ? { problem: tooDeep(text) } : { node };
}

function parseExpression(cursor: Cursor): Node {
  if (cursor.nesting >= DEPTH_MAX) {
    cursor.fail(tooDeep(cursor.text));
    return cursor.placeholder();
  }
  cursor.nesting++;
  const node = parseChain(cursor, 'or', parseConjunction);
  cursor.nesting--;
  return node;
}

function parseConjunction(cursor: Cursor): Node {
  return parseChain(cursor, 'and', parseNegation);
}

function parseChain(cursor: Cursor, kind: 'and' | 'or', operand: (cursor: Cursor) => Node): Node {
  const { start } = cursor.token;
  const operands = [operand(cursor)];
  while (cursor.takeIf(kind.toUpperCase())) operands.push(operand(cursor));
  return operands.length === 1 ? operands[0] : { kind, operands, start, end: cursor.consumed };
}

function parseNegation(cursor: Cursor): Node {
  const starts: number[] = [];
  while (cursor.isWord('NOT')) starts.push(cursor.take().start);
  let node = parsePredicate(cursor);
  for (const start of starts.reverse()) {
    node = { kind: 'not', operand: node, start, end: cursor.consumed };
  }
  return node;
}

function parsePredicate(cursor: Cursor): Node {
  const { start } = cursor.token;
  const node = parsePredicateTail(cursor, parseSum(cursor), start);
  const { token } = cursor;
  if ((token.kind === 'symbol' && COMPARISONS.has(token.text)) || cursor.isWord('IS')) {
    cursor.refuse(token, 'comparisons do not chain', 'put the inner one in parentheses');
  }
  return node;
}

function parsePredicateTail(cursor: Cursor, left: Node, start: number): Node {
  const { token, next } = cursor;
  const operator = token.kind === 'symbol' ? COMPARISONS.get(token.text) : undefined;
  if (operator !== undefined) {
    cursor.take();
    const right = parseSum(cursor);
    return { kind: 'comparison', operator, left, right, start, end: cursor.consumed };
  }
  if (cursor.takeIf('IS')) return parseIs(cursor, left, start);
  const negated = cursor.isWord('NOT') && next.kind === 'word' && NEGATABLE.has(next.upper);
  if (negated) cursor.take();
  if (cursor.takeIf('BETWEEN')) {
    const low = parseSum(cursor);
    cursor.expect('AND');
    const high = parseSum(cursor);
    return { kind: 'between', operand: left, negated, low, high, start, end: cursor.consumed };
  }
  if (cursor.takeIf('IN')) {
    const options = parseOptions(cursor);
    return { kind: 'in', operand: left, negated, options, start, end: cursor.consumed };
  }
  for (const what of ['LIKE', 'RLIKE']) {
    if (cursor.takeIf(what)) {
      takePattern(cursor);
      if (cursor.takeIf('ESCAPE')) takePattern(cursor);
      return cursor.later(what, start);
    }
  }
  return left;
}

function takePattern(cursor: Cursor): void {
  if (cursor.token.kind === 'string') cursor.take();
  else cursor.failExpecting("a pattern in '...'");
}

function parseIs(cursor: Cursor, left: Node, start: number): Node {
  const negated = cursor.takeIf('NOT');
  if (cursor.takeIf('DISTINCT')) {
    cursor.expect('FROM');
    const right = parseSum(cursor);
    const operator = negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
    return { kind: 'comparison', operator, left, right, start, end: cursor.consumed };
  }
  for (const what of ['NULL', 'TRUE', 'FALSE'] as const) {
    if (cursor.takeIf(what)) {
      return { kind: 'is', operand: left, negated, what, start, end: cursor.consumed };
    }
  }
  cursor.failExpecting(`${negated ? '' : 'NOT, '}NULL, TRUE, FALSE or DISTINCT FROM`);
  return left;
}

function parseOptions(cursor: Cursor): readonly Node[] {
  cursor.expect('(');
  refuseSubquery(cursor);
  const options = [parseExpression(cursor)];
  while (cursor.takeIf(',')) options.push(parseExpression(cursor));
  cursor.expect(')');
  return options;
}

function parseSum(cursor: Cursor): Node {
  return parseArithmetic(cursor, SUMS, parseProduct);
}

function parseProduct(cursor: Cursor): Node {
  return parseArithmetic(cursor, PRODUCTS, parseUnary);
}

/** Operands of one level, grouped from the left. */
function parseArithmetic(
  cursor: Cursor,
  operators: ReadonlyMap<string, ArithmeticOperator>,
  operand: (cursor: Cursor) => Node,
): Node {
  const { start } = cursor.token;
  let left = operand(cursor);
  for (;;) {
    const { token } = cursor;
    const text = token.kind === 'symbol' ? token.text : token.kind === 'word' ? token.upper : '';
    const operator = operators.get(text);
    if (operator === undefined) return left;
    cursor.take();
    const right = operand(cursor);
    left = { kind: 'arithmetic', operator, left, right, start, end: cursor.consumed };
  }
}

function parseUnary(cursor: Cursor): Node {
  const starts: number[] = [];
  while (cursor.isSymbol('-')) starts.push(cursor.take().start);
  if (cursor.isSymbol('+')) {
    cursor.refuse(cursor.token, '+ before a value does nothing', 'leave it out');
  }
  let node = parsePostfix(cursor);
  for (const start of starts.reverse()) {
    node = { kind: 'minus', operand: node, start, end: cursor.consumed };
  }
  return node;
}

function parsePostfix(cursor: Cursor): Node {
  const { start } = cursor.token;
  let node = parsePrimary(cursor, parseExpression);
  for (;;) {
    if (cursor.takeIf('.')) {
      const nameAt = cursor.token;
      const name = cursor.takeName();
      node = { kind: 'field', base: node, name, nameAt, start, end: cursor.consumed };
    } else if (cursor.takeIf('[')) {
      const index = parseExpression(cursor);
      cursor.expect(']');
      node = { kind: 'index', base: node, index, start, end: cursor.consumed };
    } else {
      return node;
    }
  }
}
