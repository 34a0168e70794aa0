/** Checks conditions and CASE, which are all said in AND, OR, NOT, comparisons and one choice. */
import { BOOLEAN } from '../stream/schema.ts';
import type { Node } from './ast.ts';
import { compare } from './check-operators.ts';
import type { Checker } from './checker.ts';
import { type Arg, arg, BARE_NULL, convert } from './function.ts';
import { firstTrue } from './functions-logic.ts';
import * as op from './operations.ts';
import {
  commonType,
  describeType,
  isComparable,
  isUntyped,
  type SqlType,
  UNTYPED,
} from './type.ts';
import { apply, constant, type Operation, type TypedNode } from './typed.ts';

function negated(node: TypedNode, not: boolean): Arg {
  return arg(not ? apply(op.NOT, BOOLEAN, [node]) : node);
}

/** A chain as a balanced tree, so that its depth grows with the logarithm of its length. */
function chained(operation: Operation, parts: readonly TypedNode[]): TypedNode {
  if (parts.length === 1) return parts[0];
  const half = parts.length >> 1;
  return apply(operation, BOOLEAN, [
    chained(operation, parts.slice(0, half)),
    chained(operation, parts.slice(half)),
  ]);
}

/** @returns all of them, or undefined if one is missing */
function whole<T>(parts: readonly (T | undefined)[]): readonly T[] | undefined {
  const found = parts.filter((part) => part !== undefined);
  return found.length === parts.length ? found : undefined;
}

export function checkNot(
  checker: Checker,
  node: Node & { kind: 'minus' | 'not' },
): Arg | undefined {
  const inner = checker.condition(node.operand);
  return inner && negated(inner, true);
}

export function checkChain(checker: Checker, node: Node & { kind: 'and' | 'or' }): Arg | undefined {
  const parts = whole(node.operands.map((operand) => checker.condition(operand)));
  return parts && arg(chained(node.kind === 'and' ? op.AND : op.OR, parts));
}

export function checkIs(checker: Checker, node: Node & { kind: 'is' }): Arg | undefined {
  if (node.what === 'NULL') {
    const inner = checker.check(node.operand);
    if (inner === undefined) return undefined;
    if (inner.node === undefined) return arg(constant(BOOLEAN, !node.negated));
    return arg(apply(node.negated ? op.IS_NOT_NULL : op.IS_NULL, BOOLEAN, [inner.node], false));
  }
  const inner = checker.condition(node.operand);
  const operation = node.what === 'TRUE' ? op.IS_TRUE : op.IS_FALSE;
  return inner && negated(apply(operation, BOOLEAN, [inner], false), node.negated);
}

export function checkBetween(checker: Checker, node: Node & { kind: 'between' }): Arg | undefined {
  const [value, low, high] = [node.operand, node.low, node.high].map((part) => checker.check(part));
  if (value === undefined) return undefined;
  const above = low && compare(checker, node, '>=', value, low);
  const below = high && compare(checker, node, '<=', value, high);
  return above && below && negated(apply(op.AND, BOOLEAN, [above, below]), node.negated);
}

export function checkIn(checker: Checker, node: Node & { kind: 'in' }): Arg | undefined {
  const value = checker.check(node.operand);
  const options = node.options.map((option) => ({ option, checked: checker.check(option) }));
  if (value === undefined) return undefined;
  const equal = whole(
    options.map(({ option, checked }) => checked && compare(checker, option, '=', value, checked)),
  );
  return equal && negated(chained(op.OR, equal), node.negated);
}

export function checkCase(checker: Checker, node: Node & { kind: 'case' }): Arg | undefined {
  const subject = node.subject && checker.check(node.subject);
  const conditions = whole(
    node.branches.map(({ when }) => {
      if (node.subject === undefined) return checker.condition(when);
      const value = checker.check(when);
      return subject && value && compare(checker, when, '=', subject, value);
    }),
  );
  const results = node.branches.map(({ gives }) => gives);
  if (node.otherwise !== undefined) results.push(node.otherwise);
  const values = whole(results.map((result) => checker.check(result)));
  if (conditions === undefined || values === undefined) return undefined;
  let type: SqlType = UNTYPED;
  for (const [i, value] of values.entries()) {
    const common = commonType(type, value.type);
    if (common === undefined) {
      const message = `CASE gives ${describeType(type)} before and ${describeType(value.type)} here`;
      return checker.report('type-mismatch', results[i], message);
    }
    type = common;
  }
  if (isUntyped(type)) return BARE_NULL;
  if (!isComparable(type)) {
    return checker.report('not-yet-supported', node, `CASE can't give ${describeType(type)} yet`);
  }
  const target = type;
  const typed = values.map((value) => convert(value, target) ?? constant(target, null));
  const otherwise = node.otherwise === undefined ? constant(target, null) : typed[typed.length - 1];
  return arg(
    firstTrue(
      conditions.map((condition, i) => [condition, typed[i]] as const),
      otherwise,
    ),
  );
}
