/**
 * The innermost parts of an expression: literals, names, calls, CASE, CAST, parentheses. Refuses what other
 * dialects allow there, each with what to write instead. What lies inside is read by the `expression` that
 * the parser passes in.
 */
import type { Node, Span } from './ast.ts';
import type { Cursor } from './cursor.ts';

/** Reads an expression of any precedence at the cursor. */
export type Read = (cursor: Cursor) => Node;

/** Refuses a SELECT at the cursor, which stands behind an opening parenthesis. */
export function refuseSubquery(cursor: Cursor): void {
  const { kind } = cursor.next;
  if (cursor.isWord('SELECT') && kind !== 'symbol' && kind !== 'end') {
    const hint = 'bring the other stream in with a join or lookup operator';
    cursor.refuse(cursor.token, 'an expression has no subqueries', hint);
  }
}

/** A literal, name, call, CASE, or an expression in parentheses. */
export function parsePrimary(cursor: Cursor, expression: Read): Node {
  const { token } = cursor;
  const { start, end } = token;
  switch (token.kind) {
    case 'long':
      cursor.take();
      return { kind: 'long', digits: token.digits, start, end };
    case 'double':
      cursor.take();
      return { kind: 'double', value: token.value, start, end };
    case 'string':
      cursor.take();
      return { kind: 'string', value: token.value, start, end };
    case 'quoted':
      cursor.take();
      if (cursor.isSymbol('->')) return parseLambda(cursor, start, [token.text], expression);
      return { kind: 'name', name: token.text, start, end };
    case 'word':
      return parseWord(cursor, token.upper, expression);
    default:
  }
  if (cursor.takeIf('(')) return parseParenthesis(cursor, start, expression);
  cursor.failExpecting('a value');
  return cursor.placeholder();
}

function parseParenthesis(cursor: Cursor, start: number, expression: Read): Node {
  refuseSubquery(cursor);
  const inner = expression(cursor);
  const names: string[] = [];
  if (inner.kind === 'name') {
    names.push(inner.name);
    while (cursor.takeIf(',')) names.push(cursor.takeName());
  }
  cursor.expect(')');
  if (names.length > 0 && cursor.isSymbol('->')) {
    return parseLambda(cursor, start, names, expression);
  }
  if (names.length > 1) cursor.failExpecting('`->`');
  return inner;
}

/** The cursor stands at the arrow; `start` is where the names begin. */
function parseLambda(
  cursor: Cursor,
  start: number,
  names: readonly string[],
  expression: Read,
): Node {
  cursor.take();
  const body = expression(cursor);
  return { kind: 'lambda', names, body, start, end: cursor.consumed };
}

function parseWord(cursor: Cursor, upper: string, expression: Read): Node {
  const { token, next } = cursor;
  const { start, end } = token;
  switch (upper) {
    case 'NULL':
      cursor.take();
      return { kind: 'null', start, end };
    case 'TRUE':
    case 'FALSE':
      cursor.take();
      return { kind: 'boolean', value: upper === 'TRUE', start, end };
    case 'CASE':
      return parseCase(cursor, expression);
    case 'TIMESTAMP':
      if (next.kind !== 'string') break;
      cursor.take();
      cursor.take();
      return { kind: 'timestamp', value: next.value, start, end: next.end };
    case 'INTERVAL':
      if (next.kind !== 'string' && next.kind !== 'long' && next.kind !== 'double') break;
      return parseInterval(cursor);
    default:
  }
  const name = cursor.takeName();
  if (cursor.isSymbol('->')) return parseLambda(cursor, start, [name], expression);
  if (!cursor.takeIf('(')) return { kind: 'name', name, start, end };
  if (upper === 'CAST' || upper === 'TRY_CAST') return parseCast(cursor, upper, start, expression);
  if (upper === 'EXTRACT') return parseExtract(cursor, start, expression);
  return parseCall(cursor, name, token, expression);
}

function parseInterval(cursor: Cursor): Node {
  const { start } = cursor.take();
  cursor.take();
  cursor.takeName();
  if (cursor.takeIf('TO')) cursor.takeName();
  return cursor.later('an INTERVAL literal', start);
}

function parseCase(cursor: Cursor, expression: Read): Node {
  const { start } = cursor.take();
  const subject = cursor.isWord('WHEN') ? undefined : expression(cursor);
  const branches: { when: Node; gives: Node }[] = [];
  do {
    cursor.expect('WHEN');
    const when = expression(cursor);
    cursor.expect('THEN');
    branches.push({ when, gives: expression(cursor) });
  } while (cursor.isWord('WHEN'));
  const otherwise = cursor.takeIf('ELSE') ? expression(cursor) : undefined;
  cursor.expect('END');
  return { kind: 'case', subject, branches, otherwise, start, end: cursor.consumed };
}

function parseCast(
  cursor: Cursor,
  written: 'CAST' | 'TRY_CAST',
  start: number,
  expression: Read,
): Node {
  const operand = expression(cursor);
  cursor.expect('AS');
  const typeAt = cursor.token;
  const type = cursor.takeName();
  if (cursor.isSymbol('(') || cursor.isSymbol('<')) {
    cursor.refuse(typeAt, `a CAST gives no ${type} with parameters`);
  }
  cursor.expect(')');
  return { kind: 'cast', operand, type, typeAt, written, start, end: cursor.consumed };
}

function parseExtract(cursor: Cursor, start: number, expression: Read): Node {
  const field = cursor.token;
  const name = cursor.takeName().toUpperCase();
  cursor.expect('FROM');
  expression(cursor);
  cursor.expect(')');
  if (name === 'SECOND') {
    const message = 'EXTRACT(SECOND FROM t) counts fractions in one SQL and not in another';
    cursor.refuse(field, message, 'write second(t)');
  }
  return cursor.later('EXTRACT', start);
}

/** The cursor stands behind the opening parenthesis. */
function parseCall(cursor: Cursor, name: string, nameAt: Span, expression: Read): Node {
  const { start } = nameAt;
  const first = cursor.token;
  const distinct = cursor.takeIf('DISTINCT') ? first : undefined;
  const star = cursor.takeIf('*');
  const args: Node[] = [];
  if (!star && !cursor.isSymbol(')')) {
    refuseSubquery(cursor);
    do args.push(expression(cursor));
    while (cursor.takeIf(','));
  }
  if (cursor.isWord('ORDER')) {
    const hint = 'write sort_array(collect_list(struct(key, value)))';
    cursor.refuse(cursor.token, 'ORDER BY has no place inside a call', hint);
  }
  cursor.expect(')');
  const filter = cursor.takeIf('FILTER') ? parseFilter(cursor, expression) : undefined;
  if (cursor.isWord('OVER')) {
    cursor.refuse(cursor.token, 'OVER is not part of an expression', 'use the operator `over`');
  }
  return { kind: 'call', name, nameAt, star, distinct, args, filter, start, end: cursor.consumed };
}

function parseFilter(cursor: Cursor, expression: Read): Node {
  cursor.expect('(');
  cursor.expect('WHERE');
  const condition = expression(cursor);
  cursor.expect(')');
  return condition;
}
