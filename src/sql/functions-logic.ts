/** Functions that choose between values; they have rules for NULL of their own. */

import type { DataType } from '../stream/schema.ts';
import { BOOLEAN } from '../stream/schema.ts';
import {
  type Arg,
  choosable,
  convert,
  type FunctionDefinition,
  isMisfit,
  misfit,
} from './function.ts';
import { COMPARISON, IS_NOT_NULL } from './operations.ts';
import { FIRST_TRUE } from './select-value.ts';
import { apply, constant, type TypedNode } from './typed.ts';

/** The value beside the first condition that is TRUE, else the last. */
export function firstTrue(
  pairs: readonly (readonly [condition: TypedNode, value: TypedNode])[],
  otherwise: TypedNode,
  nullable = otherwise.nullable || pairs.some(([, value]) => value.nullable),
): TypedNode {
  return apply(FIRST_TRUE, otherwise.type, [...pairs.flat(), otherwise], nullable);
}

function converted(args: readonly Arg[], type: DataType): TypedNode[] {
  return args.map((arg) => convert(arg, type) ?? constant(type, null));
}

const ifFunction: FunctionDefinition = {
  name: 'if',
  signature: 'if(boolean, T, T): T',
  doc: 'The second value where the condition is TRUE, else the third.',
  example: { text: "if(2 > 1, 'more', 'less')", gives: "'more'" },
  minArgs: 3,
  maxArgs: 3,
  build([condition, ...values]) {
    const when = convert(condition, BOOLEAN);
    if (when === undefined) return misfit('if', 0, BOOLEAN, condition.type);
    const type = choosable('if', values);
    if (isMisfit(type)) return { ...type, argument: type.argument + 1 };
    const [yes, no] = converted(values, type);
    return firstTrue([[when, yes]], no);
  },
};

const coalesce: FunctionDefinition = {
  name: 'coalesce',
  signature: 'coalesce(T, ...): T',
  doc: 'The first value that is not NULL.',
  example: { text: "coalesce(NULL, 'b', 'c')", gives: "'b'" },
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build(args) {
    const type = choosable('coalesce', args);
    if (isMisfit(type)) return type;
    const values = converted(args, type);
    const last = values[values.length - 1];
    const pairs = values
      .slice(0, -1)
      .map((value) => [apply(IS_NOT_NULL, BOOLEAN, [value], false), value] as const);
    const nullable = values.every((value) => value.nullable);
    return pairs.length === 0 ? last : firstTrue(pairs, last, nullable);
  },
};

const nullif: FunctionDefinition = {
  name: 'nullif',
  signature: 'nullif(T, T): T',
  doc: 'NULL where both values are equal, else the first.',
  example: { text: "nullif('', '')", gives: 'NULL' },
  minArgs: 2,
  maxArgs: 2,
  build(args) {
    const type = choosable('nullif', args);
    if (isMisfit(type)) return type;
    const [first, second] = converted(args, type);
    const equal = apply(COMPARISON['='], BOOLEAN, [first, second]);
    return firstTrue([[equal, constant(type, null)]], first);
  },
};

export const logicFunctions: readonly FunctionDefinition[] = [coalesce, ifFunction, nullif];
