/** Functions of numbers. What leaves the safe range of a long is NULL. */
import { type DataType, DOUBLE, LONG } from '../stream/schema.ts';
import {
  type Arg,
  apply,
  convert,
  type FunctionDefinition,
  type Misfit,
  misfit,
  operation,
} from './function.ts';
import { type KernelFactory, numberColumn, numbers } from './kernel.ts';
import { countOf } from './operations.ts';
import { SAFE_MAX } from './type.ts';
import { constant, type TypedNode } from './typed.ts';

/** A function of one number: a long gives a long, a double `result`. */
function ofNumber(
  name: string,
  doc: string,
  example: string,
  result: DataType,
  compute: (value: number) => number,
): FunctionDefinition {
  const op = operation(name, (_, type) => ([a], rows, out) => {
    const from = numbers(a);
    const values = out.numbers(rows.rows);
    const whole = type.kind === 'long';
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const value = compute(from[i]) + 0; // adding 0 makes -0 a 0
      values[i] = value;
      if (whole && !(Math.abs(value) <= SAFE_MAX)) {
        values[i] = 0;
        out.ownValidity(rows)[i] = 0;
      }
    }
    return numberColumn(type, values, out.valid);
  });
  return {
    name,
    doc,
    example,
    minArgs: 1,
    maxArgs: 1,
    build([arg]) {
      const { node } = arg;
      if (node === undefined) return constant(LONG, null);
      if (arg.type.kind !== 'long' && arg.type.kind !== 'double') {
        return misfit(name, 0, DOUBLE, arg.type);
      }
      const type = arg.type.kind === 'long' ? LONG : result;
      return apply(op, type, [node], node.nullable || arg.type.kind !== type.kind);
    },
  };
}

/** Half up on the decimal text of the double, away from zero, as Spark does. */
export function roundHalfUp(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e');
  const shifted = Number(`${mantissa}e${Number(exponent) + digits}`);
  // Below 2^52 a double has halves; above it is whole already.
  const rounded =
    Math.floor(shifted + 0.5) - shifted > 0.5 ? Math.floor(shifted) : Math.floor(shifted + 0.5);
  const [whole, shift = '0'] = String(rounded).split('e');
  return Math.sign(value) * Number(`${whole}e${Number(shift) - digits}`);
}

const roundKernel: KernelFactory =
  (_, type) =>
  ([a, digits], rows, out) => {
    const from = numbers(a);
    const places = numbers(digits);
    const values = out.numbers(rows.rows);
    for (let k = 0; k < countOf(rows); k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      const value = roundHalfUp(from[i], Math.max(-400, Math.min(400, places[i])));
      values[i] = type.kind === 'long' ? value + 0 : value;
      if (type.kind === 'long' && !(Math.abs(value) <= SAFE_MAX)) {
        values[i] = 0;
        out.ownValidity(rows)[i] = 0;
      }
    }
    return numberColumn(type, values, out.valid);
  };
const ROUND = operation('round', roundKernel);

const round: FunctionDefinition = {
  name: 'round',
  doc: 'The number at so many decimal places (0), half up.',
  example: 'round(2.345, 2)',
  minArgs: 1,
  maxArgs: 2,
  build([arg, digits]: readonly Arg[]): TypedNode | Misfit {
    if (arg.node === undefined) return constant(DOUBLE, null);
    if (arg.type.kind !== 'long' && arg.type.kind !== 'double') {
      return misfit('round', 0, DOUBLE, arg.type);
    }
    const places = digits === undefined ? constant(LONG, 0) : convert(digits, LONG);
    if (places === undefined) return misfit('round', 1, LONG, digits.type);
    const nullable = arg.node.nullable || places.nullable || arg.type.kind === 'long';
    return apply(ROUND, arg.type, [arg.node, places], nullable);
  },
};

export const numberFunctions: readonly FunctionDefinition[] = [
  ofNumber('abs', 'The number without its sign.', 'abs(-3)', DOUBLE, Math.abs),
  ofNumber('ceil', 'The least whole number not below it, a long.', 'ceil(2.1)', LONG, Math.ceil),
  ofNumber(
    'floor',
    'The greatest whole number not above it, a long.',
    'floor(2.9)',
    LONG,
    Math.floor,
  ),
  round,
];
