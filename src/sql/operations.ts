/**
 * The operations behind operators: each picks, when a program is built, the loop for the types and
 * constants it is given. All are total: what has no result is NULL.
 */
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import {
  type Argument,
  booleanColumn,
  flags,
  type Kernel,
  numberColumn,
  numbers,
  type Rows,
  texts,
} from './kernel.ts';
import * as arithmetic from './kernels-arithmetic.ts';
import * as compare from './kernels-compare.ts';
import * as logic from './kernels-logic.ts';
import { encode, type Scratch } from './scratch.ts';
import type { Operation } from './typed.ts';

function isWhole(type: DataType): boolean {
  return type.kind !== 'double';
}

/** Rows whose result left the safe range are NULL. */
function safe(out: Scratch, values: Float64Array, rows: Rows, overflow: boolean): void {
  if (overflow) {
    arithmetic.clearBeyondSafe(out.ownValidity(rows), values, rows.selection, rows.selected);
  }
}

type Loop = (
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  selection: Int32Array | null,
  count: number,
) => unknown;
type ConstantLoop = (
  out: Float64Array,
  a: Float64Array,
  constant: number,
  selection: Int32Array | null,
  count: number,
) => unknown;

function arithmeticKernel(
  type: DataType,
  args: readonly Argument[],
  loop: Loop,
  byConstant?: ConstantLoop,
): Kernel {
  const constant = args[1].value;
  if (byConstant !== undefined && typeof constant === 'number') {
    return ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      const overflow = byConstant(values, numbers(a), constant, rows.selection, rows.selected);
      if (isWhole(type)) safe(out, values, rows, overflow === true);
      return numberColumn(type, values, out.valid);
    };
  }
  return ([a, b], rows, out) => {
    const values = out.numbers(rows.rows);
    const overflow = loop(values, numbers(a), numbers(b), rows.selection, rows.selected);
    if (isWhole(type)) safe(out, values, rows, overflow === true);
    return numberColumn(type, values, out.valid);
  };
}

/** A loop that says whether a divisor is 0; such rows are NULL. */
function divisionKernel(type: DataType, loop: Loop): Kernel {
  return ([a, b], rows, out) => {
    const values = out.numbers(rows.rows);
    const divisors = numbers(b);
    if (loop(values, numbers(a), divisors, rows.selection, rows.selected) === true) {
      const valid = out.ownValidity(rows);
      arithmetic.clearZeroDivisors(valid, values, divisors, rows.selection, rows.selected);
    }
    return numberColumn(type, values, out.valid);
  };
}

export const PLUS: Operation = {
  name: '+',
  strict: true,
  factory: (args, type) =>
    arithmeticKernel(type, args, arithmetic.addNumbers, arithmetic.addConstant),
};
export const MINUS: Operation = {
  name: '-',
  strict: true,
  factory: (args, type) =>
    arithmeticKernel(type, args, arithmetic.subtractNumbers, arithmetic.subtractConstant),
};
export const TIMES: Operation = {
  name: '*',
  strict: true,
  factory: (args, type) =>
    isWhole(type)
      ? arithmeticKernel(type, args, arithmetic.multiplyLongs, arithmetic.multiplyLongsBy)
      : arithmeticKernel(type, args, arithmetic.multiplyDoubles, arithmetic.multiplyDoublesBy),
};
const DIVIDE: Operation = {
  name: '/',
  strict: true,
  factory: (_, type) => divisionKernel(type, arithmetic.divideNumbers),
};
const DIV: Operation = {
  name: 'DIV',
  strict: true,
  factory: (_, type) => divisionKernel(type, arithmetic.divideWhole),
};
const REMAINDER: Operation = {
  name: '%',
  strict: true,
  factory: (args, type) => {
    const constant = args[1].value;
    if (!isWhole(type)) return divisionKernel(type, arithmetic.remainderDoubles);
    if (typeof constant === 'number' && constant !== 0 && (constant | 0) === constant) {
      return ([a], rows, out) => {
        const values = out.numbers(rows.rows);
        const { selection } = rows;
        arithmetic.remainderLongsBy(values, numbers(a), constant, selection, rows.selected);
        return numberColumn(type, values, out.valid);
      };
    }
    return divisionKernel(type, arithmetic.remainderLongs);
  },
};

export type NumberOperator = '+' | '-' | '*' | '/' | 'DIV' | '%';

/** Arithmetic on numbers; `||` is the function concat. */
export const ARITHMETIC: Readonly<Record<NumberOperator, Operation>> = {
  '+': PLUS,
  '-': MINUS,
  '*': TIMES,
  '/': DIVIDE,
  DIV,
  '%': REMAINDER,
};

type Compare = 'equal' | 'less' | 'more';

function compareFlags(
  how: Compare,
  a: Column,
  b: Column,
  rows: Rows,
  values: Uint8Array,
  flip: number,
): void {
  const { selection } = rows;
  const count = rows.selected;
  const [x, y] = how === 'more' ? [b, a] : [a, b];
  if (x.type === 'string') {
    const loop = how === 'equal' ? compare.equalTexts : compare.lessTexts;
    loop(values, x, texts(y), flip, selection, count);
  } else if (x.type === 'boolean') {
    const loop = how === 'equal' ? compare.equalFlags : compare.lessFlags;
    loop(values, x.values, flags(y), flip, selection, count);
  } else if (x.type === 'double') {
    const loop = how === 'equal' ? compare.equalDoubles : compare.lessDoubles;
    loop(values, x.values, numbers(y), flip, selection, count);
  } else {
    const loop = how === 'equal' ? compare.equalLongs : compare.lessLongs;
    loop(values, numbers(x), numbers(y), flip, selection, count);
  }
}

function comparison(name: string, how: Compare, flip: number): Operation {
  const constantLoops = {
    equal: compare.equalConstant,
    less: compare.lessThanConstant,
    more: compare.moreThanConstant,
  };
  return {
    name,
    strict: true,
    factory: (args) => {
      const constant = args[1].value;
      if (typeof constant === 'number' && !Number.isNaN(constant)) {
        const loop = constantLoops[how];
        return ([a], rows, out) => {
          const values = out.flags(rows.rows);
          loop(values, numbers(a), constant, flip, rows.selection, rows.selected);
          return booleanColumn(values, out.valid);
        };
      }
      if (typeof constant === 'string' && how === 'equal') {
        const bytes = encode(constant);
        return ([a], rows, out) => {
          const values = out.flags(rows.rows);
          const { selection } = rows;
          compare.equalTextConstant(values, texts(a), bytes, flip, selection, rows.selected);
          return booleanColumn(values, out.valid);
        };
      }
      return ([a, b], rows, out) => {
        const values = out.flags(rows.rows);
        compareFlags(how, a, b, rows, values, flip);
        return booleanColumn(values, out.valid);
      };
    },
  };
}

export type ComparisonName = '=' | '<>' | '<' | '<=' | '>' | '>=';

export const COMPARISON: Readonly<Record<ComparisonName, Operation>> = {
  '=': comparison('=', 'equal', 0),
  '<>': comparison('<>', 'equal', 1),
  '<': comparison('<', 'less', 0),
  '<=': comparison('<=', 'more', 1),
  '>': comparison('>', 'more', 0),
  '>=': comparison('>=', 'less', 1),
};

/** `<=>` (flip 0) and IS DISTINCT FROM (flip 1): NULL is a value like any other, so never NULL. */
function nullSafe(name: string, flip: number): Operation {
  return {
    name,
    strict: false,
    factory: () => (inputs, rows, out) => {
      const [a, b] = inputs;
      const values = out.flags(rows.rows);
      compareFlags('equal', a, b, rows, values, 0);
      const count = rows.selected;
      for (let k = 0; k < count; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const av = a.valid === null ? 1 : a.valid[i];
        const bv = b.valid === null ? 1 : b.valid[i];
        values[i] = ((av & bv & values[i]) | ((av | bv) ^ 1)) ^ flip;
      }
      return booleanColumn(values, null);
    },
  };
}

export const SAME = nullSafe('<=>', 0);
export const DISTINCT = nullSafe('IS DISTINCT FROM', 1);

function connective(name: string, dominant: number): Operation {
  return {
    name,
    strict: false,
    factory:
      () =>
      ([a, b], rows, out) => {
        const values = out.flags(rows.rows);
        const { selection } = rows;
        const count = rows.selected;
        if (a.valid === null && b.valid === null) {
          const loop = dominant === 0 ? logic.both : logic.either;
          loop(values, flags(a), flags(b), selection, count);
          return booleanColumn(values, null);
        }
        const valid = out.validity(rows.rows);
        const [x, y] = [flags(a), flags(b)];
        logic.decide(values, valid, x, a.valid, y, b.valid, dominant, selection, count);
        return booleanColumn(values, valid);
      },
  };
}

export const AND = connective('AND', 0);
export const OR = connective('OR', 1);
export const NOT: Operation = {
  name: 'NOT',
  strict: true,
  factory:
    () =>
    ([a], rows, out) => {
      const values = out.flags(rows.rows);
      logic.flipFlags(values, flags(a), 1, rows.selection, rows.selected);
      return booleanColumn(values, out.valid);
    },
};

/** IS [NOT] NULL. */
function nullTest(name: string, wanted: number): Operation {
  return {
    name,
    strict: false,
    factory:
      () =>
      ([a], rows, out) => {
        const values = out.flags(rows.rows);
        if (a.valid === null) values.fill(wanted ^ 1, 0, rows.rows);
        else logic.flipFlags(values, a.valid, wanted, rows.selection, rows.selected);
        return booleanColumn(values, null);
      },
  };
}

export const IS_NULL = nullTest('IS NULL', 1);
export const IS_NOT_NULL = nullTest('IS NOT NULL', 0);

function truthTest(name: string, wanted: number): Operation {
  return {
    name,
    strict: false,
    factory:
      () =>
      ([a], rows, out) => {
        const values = out.flags(rows.rows);
        logic.certainly(values, flags(a), a.valid, wanted, rows.selection, rows.selected);
        return booleanColumn(values, null);
      },
  };
}

export const IS_TRUE = truthTest('IS TRUE', 1);
export const IS_FALSE = truthTest('IS FALSE', 0);

/** A long as a double: the same numbers under another name. */
export const WIDEN: Operation = {
  name: 'double',
  strict: true,
  factory:
    () =>
    ([a], _, out) => ({ type: 'double', values: numbers(a), valid: out.valid }),
};
