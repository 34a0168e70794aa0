/** Functions that choose between values; they have rules for NULL of their own. */

import { BOOLEAN, DOUBLE } from '../stream/schema.ts';
import {
  type Arg,
  choosable,
  convert,
  convertAll,
  converted,
  type FunctionDefinition,
  isMisfit,
  type Misfit,
  misfit,
} from './function.ts';
import { booleanColumn, numbers } from './kernel.ts';
import { both } from './kernels-logic.ts';
import { COMPARISON, IS_NOT_NULL, IS_NULL } from './operations.ts';
import { GREATEST, LEAST } from './select-extreme.ts';
import { FIRST_TRUE } from './select-value.ts';
import { apply, constant, type Operation, type TypedNode } from './typed.ts';

/** The value beside the first condition that is TRUE, else the last. */
export function firstTrue(
  pairs: readonly (readonly [condition: TypedNode, value: TypedNode])[],
  otherwise: TypedNode,
  nullable = otherwise.nullable || pairs.some(([, value]) => value.nullable),
): TypedNode {
  return apply(FIRST_TRUE, otherwise.type, [...pairs.flat(), otherwise], nullable);
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

function firstPresent(name: string, args: readonly Arg[]): TypedNode | Misfit {
  const type = choosable(name, args);
  if (isMisfit(type)) return type;
  const values = converted(args, type);
  const last = values[values.length - 1];
  const pairs = values
    .slice(0, -1)
    .map((value) => [apply(IS_NOT_NULL, BOOLEAN, [value], false), value] as const);
  const nullable = values.every((value) => value.nullable);
  return pairs.length === 0 ? last : firstTrue(pairs, last, nullable);
}

const coalesce: FunctionDefinition = {
  name: 'coalesce',
  signature: 'coalesce(T, ...): T',
  doc: 'The first value that is not NULL.',
  example: { text: "coalesce(NULL, 'b', 'c')", gives: "'b'" },
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build: (args) => firstPresent('coalesce', args),
};

function orElse(name: string): FunctionDefinition {
  return {
    name,
    signature: `${name}(T, T): T`,
    doc: 'The first value, the second where it is NULL.',
    example: { text: `${name}(NULL, 2)`, gives: '2' },
    minArgs: 2,
    maxArgs: 2,
    build: (args) => firstPresent(name, args),
  };
}

const nvl2: FunctionDefinition = {
  name: 'nvl2',
  signature: 'nvl2(any, T, T): T',
  doc: 'The second value where the first is not NULL, else the third.',
  example: { text: "nvl2(NULL, 'there', 'missing')", gives: "'missing'" },
  minArgs: 3,
  maxArgs: 3,
  build([asked, ...values]) {
    const type = choosable('nvl2', values);
    if (isMisfit(type)) return { ...type, argument: type.argument + 1 };
    const [yes, no] = converted(values, type);
    return firstTrue([[nullTest(IS_NOT_NULL, asked), yes]], no);
  },
};

/** Asks any value, a bare NULL too. */
function nullTest(operation: Operation, { node }: Arg): TypedNode {
  if (node === undefined) return constant(BOOLEAN, operation === IS_NULL);
  return apply(operation, BOOLEAN, [node], false);
}

const isnull: FunctionDefinition = {
  name: 'isnull',
  signature: 'isnull(any): boolean',
  doc: 'Whether the value is NULL; IS NULL says the same.',
  example: { text: 'isnull(1)', gives: 'FALSE' },
  minArgs: 1,
  maxArgs: 1,
  build: ([asked]) => nullTest(IS_NULL, asked),
};

const isnotnull: FunctionDefinition = {
  name: 'isnotnull',
  signature: 'isnotnull(any): boolean',
  doc: 'Whether the value is not NULL; IS NOT NULL says the same.',
  example: { text: 'isnotnull(1)', gives: 'TRUE' },
  minArgs: 1,
  maxArgs: 1,
  build: ([asked]) => nullTest(IS_NOT_NULL, asked),
};

const IS_NAN: Operation = {
  name: 'isnan',
  strict: false,
  factory:
    () =>
    ([a], rows, out) => {
      const values = out.flags(rows.rows);
      flagNaN(values, numbers(a), rows.selection, rows.selected);
      if (a.valid !== null) both(values, values, a.valid, rows.selection, rows.selected);
      return booleanColumn(values, null);
    },
};

function flagNaN(
  out: Uint8Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const i = selection === null ? k : selection[k];
    out[i] = Number.isNaN(a[i]) ? 1 : 0;
  }
}

const isnan: FunctionDefinition = {
  name: 'isnan',
  signature: 'isnan(double): boolean',
  doc: 'Whether a number is NaN; FALSE for NULL.',
  example: { text: "isnan(CAST('NaN' AS DOUBLE))", gives: 'TRUE' },
  minArgs: 1,
  maxArgs: 1,
  build([asked]) {
    const node = convert(asked, DOUBLE);
    if (node === undefined) return misfit('isnan', 0, DOUBLE, asked.type);
    return apply(IS_NAN, BOOLEAN, [node], false);
  },
};

const nanvl: FunctionDefinition = {
  name: 'nanvl',
  signature: 'nanvl(double, double): double',
  doc: 'The first number, the second where it is NaN; NULL where the first is.',
  example: { text: "nanvl(CAST('NaN' AS DOUBLE), 0)", gives: '0.0' },
  minArgs: 2,
  maxArgs: 2,
  build(args) {
    const nodes = convertAll('nanvl', args, () => DOUBLE);
    if (isMisfit(nodes)) return nodes;
    const [first, second] = nodes;
    return firstTrue([[apply(IS_NAN, BOOLEAN, [first], false), second]], first);
  },
};

function extreme(
  name: 'greatest' | 'least',
  doc: string,
  operation: Operation,
): FunctionDefinition {
  return {
    name,
    signature: `${name}(T, T, ...): T`,
    doc,
    example: { text: `${name}(2, NULL, 10)`, gives: name === 'least' ? '2' : '10' },
    minArgs: 2,
    maxArgs: Number.POSITIVE_INFINITY,
    build(args) {
      const type = choosable(name, args);
      if (isMisfit(type)) return type;
      const values = converted(args, type);
      const nullable = values.every((value) => value.nullable);
      return apply(operation, type, values, nullable);
    },
  };
}

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

export const logicFunctions: readonly FunctionDefinition[] = [
  coalesce,
  ifFunction,
  nullif,
  orElse('ifnull'),
  orElse('nvl'),
  nvl2,
  isnull,
  isnotnull,
  isnan,
  nanvl,
  extreme(
    'greatest',
    'The greatest of the values that are not NULL; NaN is greater than any.',
    GREATEST,
  ),
  extreme('least', 'The least of the values that are not NULL; NaN is greater than any.', LEAST),
];
