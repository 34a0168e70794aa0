/** Checks operators that compute: arithmetic on numbers and times, comparison, CAST. */
import { nearest } from '../diagnostics/suggest.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  INTERVAL,
  LONG,
  STRING,
  TIMESTAMP,
} from '../stream/schema.ts';
import type { Node, Span } from './ast.ts';
import { cast } from './cast.ts';
import type { Checker } from './checker.ts';
import { type Arg, arg, convert, isMisfit } from './function.ts';
import { concat } from './functions-edit.ts';
import * as op from './operations.ts';
import {
  CAST_TYPES,
  CAST_TYPES_REFUSED,
  canCast,
  castName,
  commonType,
  describeType,
  isComparable,
  isUntyped,
} from './type.ts';
import { apply, constant, type TypedNode } from './typed.ts';

/** What may be added to and taken from what, besides numbers. */
const TIME_ARITHMETIC: ReadonlyMap<string, DataType> = new Map([
  ['timestamp - timestamp', INTERVAL],
  ['timestamp + interval', TIMESTAMP],
  ['interval + timestamp', TIMESTAMP],
  ['timestamp - interval', TIMESTAMP],
  ['interval + interval', INTERVAL],
  ['interval - interval', INTERVAL],
]);

/** The operator that says the same with its sides exchanged. */
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `-x`, x no literal. */
export function checkMinus(checker: Checker, operand: Node): Arg | undefined {
  const inner = checker.check(operand);
  if (inner?.node === undefined) return inner;
  const { type } = inner;
  if (type.kind !== 'long' && type.kind !== 'double' && type.kind !== 'interval') {
    return checker.mismatch(operand, '- takes a number', type, DOUBLE);
  }
  return arg(apply(op.TIMES, type, [inner.node, constant(type, -1)]));
}

export function checkArithmetic(
  checker: Checker,
  node: Node & { kind: 'arithmetic' },
): Arg | undefined {
  const left = checker.check(node.left);
  const right = checker.check(node.right);
  if (left === undefined || right === undefined) return undefined;
  if (node.operator === '||') {
    const built = concat.build([left, right]);
    if (!isMisfit(built)) return arg(built);
    const [at, { type }] = built.argument === 0 ? [node.left, left] : [node.right, right];
    return checker.mismatch(at, '|| joins texts', type, STRING);
  }
  const timed = TIME_ARITHMETIC.get(`${left.type.kind} ${node.operator} ${right.type.kind}`);
  if (timed !== undefined && left.node !== undefined && right.node !== undefined) {
    const operation = node.operator === '+' ? op.PLUS : op.MINUS;
    return arg(apply(operation, timed, [left.node, right.node], true));
  }
  return checkNumbers(checker, node, left, right);
}

function checkNumbers(
  checker: Checker,
  node: Node & { kind: 'arithmetic' },
  left: Arg,
  right: Arg,
): Arg | undefined {
  const { operator } = node;
  const operation = op.ARITHMETIC[operator as op.NumberOperator];
  // DIV of doubles has no long to give beyond 2^53, so an author says where the fraction goes.
  const wanted = operator === 'DIV' ? LONG : DOUBLE;
  for (const [side, at] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    const fits = convert(side, wanted) !== undefined;
    if (!fits) {
      if (operator === '+' && left.type.kind === 'string' && right.type.kind === 'string') {
        const message = '+ takes numbers, not a string';
        return checker.report('type-mismatch', at, message, 'write || to join texts');
      }
      const takes = operator === 'DIV' ? 'DIV takes longs' : `${operator} takes numbers`;
      return checker.mismatch(at, takes, side.type, wanted);
    }
  }
  const common = commonType(left.type, right.type);
  const typed = operator !== '/' && common !== undefined && !isUntyped(common);
  const type: DataType = typed ? common : wanted;
  const args = [left, right].map((side) => convert(side, type) ?? constant(type, null));
  const fails = type.kind === 'long' || operator === '/' || operator === '%';
  return arg(apply(operation, type, args, fails || args.some((side) => side.nullable)));
}

export function checkComparison(
  checker: Checker,
  node: Node & { kind: 'comparison' },
): Arg | undefined {
  const left = checker.check(node.left);
  const right = checker.check(node.right);
  if (left === undefined || right === undefined) return undefined;
  const found = compare(checker, node, node.operator, left, right);
  return found && arg(found);
}

/** A comparison of two checked sides; `at` is where a problem is reported. */
export function compare(
  checker: Checker,
  at: Span,
  operator: string,
  left: Arg,
  right: Arg,
): TypedNode | undefined {
  const common = commonType(left.type, right.type);
  if (common === undefined) {
    const message = `${describeType(left.type)} can't be compared with ${describeType(right.type)}`;
    const name = castName(right.node?.kind === 'constant' ? left.type : right.type);
    const hint = name === undefined ? undefined : `write CAST(... AS ${name}) around one side`;
    return checker.report('type-mismatch', at, message, hint);
  }
  // Two NULLs: any type will do.
  const type = isUntyped(common) ? BOOLEAN : common;
  if (!isComparable(type)) {
    const message = `${describeType(type)} can't be compared`;
    return checker.report('not-yet-supported', at, message, 'compare its elements or fields');
  }
  const args = [left, right].map((side) => convert(side, type) ?? constant(type, null));
  if (operator === '<=>' || operator === 'IS NOT DISTINCT FROM') {
    return apply(op.SAME, BOOLEAN, args, false);
  }
  if (operator === 'IS DISTINCT FROM') return apply(op.DISTINCT, BOOLEAN, args, false);
  // The loops have their constant on the right.
  const mirror = args[0].kind === 'constant' && args[1].kind !== 'constant';
  const written = mirror ? (MIRRORED[operator] ?? operator) : operator;
  const operation = op.COMPARISON[written as op.ComparisonName];
  return apply(operation, BOOLEAN, mirror ? [args[1], args[0]] : args);
}

export function checkCast(checker: Checker, node: Node & { kind: 'cast' }): Arg | undefined {
  const name = node.type.toUpperCase();
  const type = CAST_TYPES.get(name);
  const inner = checker.check(node.operand);
  if (type === undefined) {
    const names = [...CAST_TYPES.keys()];
    const instead = CAST_TYPES_REFUSED.get(name) ?? nearest(name, names);
    const hint = instead === undefined ? `there are: ${names.join(', ')}` : `write ${instead}`;
    const message = `there is no type ${name} to cast to`;
    return checker.report('type-mismatch', node.typeAt, message, hint);
  }
  if (inner === undefined) return undefined;
  if (inner.node === undefined) return arg(constant(type, null));
  if (canCast(inner.type, type)) return arg(cast(inner.node, type));
  const message = `${describeType(inner.type)} can't become ${describeType(type)}`;
  return checker.report('type-mismatch', node, message);
}
