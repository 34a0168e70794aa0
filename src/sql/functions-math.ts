/** Functions of numbers. What leaves the safe range of a long is NULL. */
import { strict as assert } from 'node:assert';
import { type DataType, DOUBLE, LONG } from '../stream/schema.ts';
import {
  constantLong,
  convertAll,
  type FunctionDefinition,
  fixed,
  isMisfit,
  misfit,
  type Named,
} from './function.ts';
import { type KernelFactory, numberColumn, numbers } from './kernel.ts';
import { clearBeyondSafe, clearZeroDivisors } from './kernels-arithmetic.ts';
import {
  binaryLogs,
  clearNotPositive,
  decimalLogs,
  exponentials,
  naturalLogs,
  positiveRemainders,
  positiveRemaindersOfDoubles,
  powers,
  signs,
  squareRoots,
} from './kernels-math.ts';
import { absolutes, ceilings, floors, roundings } from './kernels-round.ts';
import { isUntyped } from './type.ts';
import { apply, constant, type Operation } from './typed.ts';

type Loop = (
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
) => void;

interface OfNumber extends Named {
  /** What a double gives; a long gives a long. */
  readonly ofDouble: DataType;
}

/** A function of one number that can't take a long out of its range. */
function ofNumber({ name, doc, example, ofDouble }: OfNumber, loop: Loop): FunctionDefinition {
  const factory: KernelFactory = ([arg], type) => {
    const cuts = arg.type.kind === 'double' && type.kind === 'long';
    return ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      loop(values, numbers(a), rows.selection, rows.selected);
      if (cuts) clearBeyondSafe(out.ownValidity(rows), values, rows.selection, rows.selected);
      return numberColumn(type, values, out.valid);
    };
  };
  const operation = { name, strict: true, factory };
  const result = ofDouble.kind === 'long' ? 'long' : 'the same';
  return {
    name,
    doc,
    example,
    signature: `${name}(long or double): ${result}`,
    minArgs: 1,
    maxArgs: 1,
    build([{ node, type }]) {
      if (isUntyped(type) || node === undefined) return constant(ofDouble, null);
      if (type.kind !== 'long' && type.kind !== 'double') return misfit(name, 0, DOUBLE, type);
      const cuts = type.kind === 'double' && ofDouble.kind === 'long';
      return apply(operation, cuts ? LONG : type, [node], cuts || node.nullable);
    },
  };
}

/** More places than any double has, on either side of the point. */
const PLACES_MAX = 400;

/** @param halfEven 1: a half goes to the even neighbour */
function rounding({ name, doc, example }: Named, halfEven: number): FunctionDefinition {
  const factory: KernelFactory = (args, type) => {
    const { value } = args[1];
    assert(typeof value === 'number');
    const places = Math.max(-PLACES_MAX, Math.min(PLACES_MAX, value));
    return ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      roundings(values, numbers(a), places, halfEven, rows.selection, rows.selected);
      if (type.kind === 'long' && places < 0) {
        clearBeyondSafe(out.ownValidity(rows), values, rows.selection, rows.selected);
      }
      return numberColumn(type, values, out.valid);
    };
  };
  const operation = { name, strict: true, factory };
  return {
    name,
    signature: `${name}(long or double[, places]): the same`,
    doc,
    example,
    minArgs: 1,
    maxArgs: 2,
    build([{ node, type }, digits]) {
      if (!isUntyped(type) && type.kind !== 'long' && type.kind !== 'double') {
        return misfit(name, 0, DOUBLE, type);
      }
      const places =
        digits === undefined ? constant(LONG, 0) : constantLong(name, 1, digits, 'places');
      if (isMisfit(places)) return places;
      if (isUntyped(type) || node === undefined) return constant(DOUBLE, null);
      const fails = type.kind === 'long' && Number(places.value) < 0;
      return apply(operation, type, [node, places], fails || node.nullable);
    },
  };
}

function ofDouble(spec: Named, loop: Loop): FunctionDefinition {
  return fixed({ ...spec, params: [DOUBLE], result: DOUBLE }, () => ([a], rows, out) => {
    const values = out.numbers(rows.rows);
    loop(values, numbers(a), rows.selection, rows.selected);
    return numberColumn(DOUBLE, values, out.valid);
  });
}

/** NULL for what is not above 0. */
function logarithm(spec: Named, loop: Loop): FunctionDefinition {
  return fixed(
    { ...spec, params: [DOUBLE], result: DOUBLE, fails: true },
    () =>
      ([a], rows, out) => {
        const values = out.numbers(rows.rows);
        const from = numbers(a);
        loop(values, from, rows.selection, rows.selected);
        clearNotPositive(out.ownValidity(rows), from, rows.selection, rows.selected);
        return numberColumn(DOUBLE, values, out.valid);
      },
  );
}

const power = fixed(
  {
    name: 'power',
    doc: 'The first number to the power of the second.',
    example: { text: 'power(2, 10)', gives: '1024.0' },
    params: [DOUBLE, DOUBLE],
    result: DOUBLE,
  },
  () =>
    ([a, b], rows, out) => {
      const values = out.numbers(rows.rows);
      powers(values, numbers(a), numbers(b), rows.selection, rows.selected);
      return numberColumn(DOUBLE, values, out.valid);
    },
);

const PMOD: Operation = {
  name: 'pmod',
  strict: true,
  factory: (_, type) => {
    const loop = type.kind === 'long' ? positiveRemainders : positiveRemaindersOfDoubles;
    return ([a, b], rows, out) => {
      const values = out.numbers(rows.rows);
      const divisors = numbers(b);
      loop(values, numbers(a), divisors, rows.selection, rows.selected);
      const valid = out.ownValidity(rows);
      clearZeroDivisors(valid, values, divisors, rows.selection, rows.selected);
      return numberColumn(type, values, out.valid);
    };
  },
};

const pmod: FunctionDefinition = {
  name: 'pmod',
  signature: 'pmod(long or double, long or double): long or double',
  doc: 'The remainder that is not below 0 if the second number is above it; NULL for the divisor 0.',
  example: { text: 'pmod(-7, 3)', gives: '2' },
  minArgs: 2,
  maxArgs: 2,
  build(args) {
    const longs = args.every(({ type }) => isUntyped(type) || type.kind === 'long');
    const type = longs ? LONG : DOUBLE;
    const nodes = convertAll('pmod', args, () => type);
    if (isMisfit(nodes)) return nodes;
    return apply(PMOD, type, nodes, true);
  },
};

export const mathFunctions: readonly FunctionDefinition[] = [
  ofNumber(
    {
      name: 'abs',
      doc: 'The number without its sign.',
      example: { text: 'abs(-3)', gives: '3' },
      ofDouble: DOUBLE,
    },
    absolutes,
  ),
  ofNumber(
    {
      name: 'ceil',
      doc: 'The least whole number that is not below it; NULL where no long is.',
      example: { text: 'ceil(2.1)', gives: '3' },
      ofDouble: LONG,
    },
    ceilings,
  ),
  ofNumber(
    {
      name: 'floor',
      doc: 'The greatest whole number that is not above it; NULL where no long is.',
      example: { text: 'floor(-2.1)', gives: '-3' },
      ofDouble: LONG,
    },
    floors,
  ),
  rounding(
    {
      name: 'round',
      doc: 'The number with so many decimal places (none), a half away from zero; the places are a constant.',
      example: { text: 'round(2.345, 2)', gives: '2.35' },
    },
    0,
  ),
  rounding(
    {
      name: 'bround',
      doc: 'The number with so many decimal places (none), a half to the even neighbour; the places are a constant.',
      example: { text: 'bround(2.345, 2)', gives: '2.34' },
    },
    1,
  ),
  ofDouble(
    {
      name: 'sign',
      doc: 'A double: -1, 0 or 1 as the number is below, at or above 0.',
      example: { text: 'sign(-3)', gives: '-1.0' },
    },
    signs,
  ),
  ofDouble(
    {
      name: 'sqrt',
      doc: 'The square root, NaN for what is below 0.',
      example: { text: 'sqrt(2.25)', gives: '1.5' },
    },
    squareRoots,
  ),
  ofDouble(
    {
      name: 'exp',
      doc: 'The number e to the power of the number.',
      example: { text: 'exp(0)', gives: '1.0' },
    },
    exponentials,
  ),
  logarithm(
    {
      name: 'ln',
      doc: 'The natural logarithm, NULL for what is not above 0.',
      example: { text: 'ln(exp(2))', gives: '2.0' },
    },
    naturalLogs,
  ),
  logarithm(
    {
      name: 'log10',
      doc: 'The logarithm to base 10, NULL for what is not above 0.',
      example: { text: 'log10(1000)', gives: '3.0' },
    },
    decimalLogs,
  ),
  logarithm(
    {
      name: 'log2',
      doc: 'The logarithm to base 2, NULL for what is not above 0.',
      example: { text: 'log2(8)', gives: '3.0' },
    },
    binaryLogs,
  ),
  power,
  pmod,
];
