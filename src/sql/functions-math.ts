/** Functions of numbers. What leaves the safe range of a long is NULL. */
import { strict as assert } from 'node:assert';
import { type DataType, DOUBLE, LONG } from '../stream/schema.ts';
import { constantLong, type FunctionDefinition, isMisfit, misfit } from './function.ts';
import { type KernelFactory, numberColumn, numbers } from './kernel.ts';
import { clearBeyondSafe } from './kernels-arithmetic.ts';
import { absolutes, ceilings, floors, roundings } from './kernels-round.ts';
import { isUntyped } from './type.ts';
import { apply, constant } from './typed.ts';

type Loop = (
  out: Float64Array,
  a: Float64Array,
  selection: Int32Array | null,
  count: number,
) => void;

interface OfNumber {
  readonly name: string;
  readonly doc: string;
  readonly example: FunctionDefinition['example'];
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

const ROUND = {
  name: 'round',
  strict: true,
  factory: ((args, type) => {
    const { value } = args[1];
    assert(typeof value === 'number');
    const places = Math.max(-PLACES_MAX, Math.min(PLACES_MAX, value));
    return ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      roundings(values, numbers(a), places, rows.selection, rows.selected);
      if (type.kind === 'long' && places < 0) {
        clearBeyondSafe(out.ownValidity(rows), values, rows.selection, rows.selected);
      }
      return numberColumn(type, values, out.valid);
    };
  }) satisfies KernelFactory,
};

const round: FunctionDefinition = {
  name: 'round',
  signature: 'round(long or double[, places]): the same',
  doc: 'The number with so many decimal places (none), a half away from zero; the places are a constant.',
  example: { text: 'round(2.345, 2)', gives: '2.35' },
  minArgs: 1,
  maxArgs: 2,
  build([{ node, type }, digits]) {
    if (!isUntyped(type) && type.kind !== 'long' && type.kind !== 'double') {
      return misfit('round', 0, DOUBLE, type);
    }
    const places =
      digits === undefined ? constant(LONG, 0) : constantLong('round', 1, digits, 'places');
    if (isMisfit(places)) return places;
    if (isUntyped(type) || node === undefined) return constant(DOUBLE, null);
    const fails = type.kind === 'long' && Number(places.value) < 0;
    return apply(ROUND, type, [node, places], fails || node.nullable);
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
  round,
];
