/**
 * Aggregates: signature, accumulators, update and result of each. NULL inputs are skipped, except by
 * count(*). A sum of longs is exact whatever it passes through: `high` in units of 2^32 and a rest `low`;
 * only the final sum must be a safe integer, else it is NULL. Sums of doubles follow log order.
 */
import type { Column, Validity } from '../stream/column.ts';
import { type DataType, DOUBLE, LONG, typeText } from '../stream/schema.ts';
import type { Accumulator, AccumulatorKind } from './accumulator.ts';
import type { AggregateSignature } from './aggregate-call.ts';
import { orderBytes } from './kernels-compare.ts';
import { SAFE_MAX } from './type.ts';

/** Rows of a batch with the group of each: ids[row]. rows null: 0..count-1. */
export interface Grouped {
  readonly rows: Int32Array | null;
  readonly count: number;
  readonly ids: Int32Array;
}

export interface AggregateDefinition extends AggregateSignature {
  readonly example: string;
  /** What it keeps for an argument of this type; undefined: it has none. */
  accumulators(type: DataType | undefined): readonly AccumulatorKind[];
  update(kept: readonly Accumulator[], argument: Column | undefined, grouped: Grouped): void;
  /** The results of groups 0..groups-1, of type `type`. */
  finish(kept: readonly Accumulator[], groups: number, type: DataType): Column;
}

/** A sum of longs carries into `high` beyond this, so that adding to `low` stays exact. */
const CARRY_BEYOND = 2 ** 51;
const UNIT = 2 ** 32;

function numbersOf(accumulator: Accumulator): Float64Array {
  if (accumulator.kind !== 'number') throw new Error('not an accumulator of numbers');
  return accumulator.values;
}

function flagsOf(accumulator: Accumulator): Uint8Array {
  if (accumulator.kind !== 'flag') throw new Error('not an accumulator of flags');
  return accumulator.values;
}

function bytesOf(accumulator: Accumulator): (Uint8Array | null)[] {
  if (accumulator.kind !== 'bytes') throw new Error('not an accumulator of bytes');
  return accumulator.values;
}

function columnOf(column: Column | undefined): Column {
  if (column === undefined) throw new Error('the aggregate needs an argument');
  return column;
}

function numeric(column: Column): Float64Array {
  if ('values' in column && column.type !== 'boolean') return column.values;
  throw new Error('not a column of numbers');
}

function countRows(out: Float64Array, valid: Validity, grouped: Grouped): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const i = rows === null ? k : rows[k];
    out[ids[i]] += valid === null ? 1 : valid[i];
  }
}

function sumDoubles(
  out: Float64Array,
  values: Float64Array,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const i = rows === null ? k : rows[k];
    if (valid === null || valid[i] === 1) out[ids[i]] += values[i];
  }
}

function sumLongs(
  high: Float64Array,
  low: Float64Array,
  values: Float64Array,
  valid: Validity,
  grouped: Grouped,
): void {
  const { rows, ids } = grouped;
  const n = grouped.count | 0;
  for (let k = 0; k < n; k++) {
    const i = rows === null ? k : rows[k];
    if (valid !== null && valid[i] === 0) continue;
    const id = ids[i];
    let value = values[i];
    if (value > CARRY_BEYOND || value < -CARRY_BEYOND) {
      const units = Math.trunc(value / UNIT);
      high[id] += units;
      value -= units * UNIT;
    }
    const sum = low[id] + value;
    if (sum > CARRY_BEYOND || sum < -CARRY_BEYOND) {
      const units = Math.trunc(sum / UNIT);
      high[id] += units;
      low[id] = sum - units * UNIT;
    } else low[id] = sum;
  }
}

/** Where a group has had a value. */
function present(counts: Float64Array, groups: number): Uint8Array {
  const valid = new Uint8Array(groups);
  for (let i = 0; i < groups; i++) valid[i] = counts[i] > 0 ? 1 : 0;
  return valid;
}

const count: AggregateDefinition = {
  name: 'count',
  doc: 'How many records, count(*), or how many with a value, count(x).',
  example: 'count(*)',
  minArgs: 0,
  maxArgs: 1,
  result: () => ({ type: LONG, nullable: false }),
  accumulators: () => ['number'],
  update: ([out], argument, grouped) =>
    countRows(numbersOf(out), argument === undefined ? null : argument.valid, grouped),
  finish: ([out], groups) => ({
    type: 'long',
    values: numbersOf(out).subarray(0, groups),
    valid: null,
  }),
};

function isNumber(type: DataType): boolean {
  return type.kind === 'long' || type.kind === 'double';
}

/** Updates a sum: [high, low, n] of longs, [sum, n] of doubles. */
function updateSum(
  kept: readonly Accumulator[],
  argument: Column | undefined,
  grouped: Grouped,
): void {
  const column = columnOf(argument);
  const values = numeric(column);
  if (column.type === 'long') {
    sumLongs(numbersOf(kept[0]), numbersOf(kept[1]), values, column.valid, grouped);
  } else sumDoubles(numbersOf(kept[0]), values, column.valid, grouped);
  countRows(numbersOf(kept[kept.length - 1]), column.valid, grouped);
}

const sumAccumulators = (type: DataType | undefined): readonly AccumulatorKind[] =>
  type?.kind === 'long' ? ['number', 'number', 'number'] : ['number', 'number'];

const sum: AggregateDefinition = {
  name: 'sum',
  doc: 'The sum; of longs exact, and NULL beyond 2^53 - 1 as yet. Without any value NULL.',
  example: 'sum(price)',
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) =>
    isNumber(type)
      ? { type, nullable: true }
      : { problem: `sum adds numbers, not a ${typeText(type)}` },
  accumulators: sumAccumulators,
  update: updateSum,
  finish(kept, groups, type) {
    const valid = present(numbersOf(kept[kept.length - 1]), groups);
    if (type.kind !== 'long') {
      return { type: 'double', values: numbersOf(kept[0]).subarray(0, groups), valid };
    }
    const [high, low] = [numbersOf(kept[0]), numbersOf(kept[1])];
    const values = new Float64Array(groups);
    for (let i = 0; i < groups; i++) {
      const total = high[i] * UNIT + low[i];
      if (Math.abs(total) <= SAFE_MAX) values[i] = total + 0;
      else valid[i] = 0;
    }
    return { type: 'long', values, valid };
  },
};

const avg: AggregateDefinition = {
  name: 'avg',
  doc: 'The mean, a double. Without any value NULL.',
  example: 'avg(price)',
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) =>
    isNumber(type)
      ? { type: DOUBLE, nullable: true }
      : { problem: `avg takes numbers, not a ${typeText(type)}` },
  accumulators: sumAccumulators,
  update: updateSum,
  finish(kept, groups) {
    const counts = numbersOf(kept[kept.length - 1]);
    const first = numbersOf(kept[0]);
    const low = kept.length === 3 ? numbersOf(kept[1]) : null;
    const values = new Float64Array(groups);
    for (let i = 0; i < groups; i++) {
      const total = low === null ? first[i] : first[i] * UNIT + low[i];
      values[i] = counts[i] === 0 ? 0 : total / counts[i];
    }
    return { type: 'double', values, valid: present(counts, groups) };
  },
};

/** NaN is the greatest number, so a plain comparison is not enough. */
function leastOrGreatest(name: 'min' | 'max', doc: string): AggregateDefinition {
  const sign = name === 'min' ? -1 : 1;
  const better = (a: number, b: number): boolean =>
    sign < 0 ? a < b || (b !== b && a === a) : a > b || (a !== a && b === b);
  return {
    name,
    doc,
    example: `${name}(price)`,
    minArgs: 1,
    maxArgs: 1,
    result: ([type]) =>
      type.kind === 'array' || type.kind === 'struct' || type.kind === 'map'
        ? { problem: `${name} compares single values, not a ${typeText(type)}` }
        : { type, nullable: true },
    accumulators: (type) => [
      type?.kind === 'string' ? 'bytes' : type?.kind === 'boolean' ? 'flag' : 'number',
      'flag',
    ],
    update([best, seen], argument, { rows, count: n, ids }) {
      const column = columnOf(argument);
      const has = flagsOf(seen);
      const { valid } = column;
      for (let k = 0; k < n; k++) {
        const i = rows === null ? k : rows[k];
        if (valid !== null && valid[i] === 0) continue;
        const id = ids[i];
        if (column.type === 'string') {
          const kept = bytesOf(best);
          const [start, end] = [column.starts[i], column.ends[i]];
          const old = kept[id];
          const order = old === null ? 0 : orderBytes(column.bytes, start, end, old, 0, old.length);
          if (old === null || order * sign > 0) kept[id] = column.bytes.slice(start, end);
        } else if (column.type === 'boolean') {
          const kept = flagsOf(best);
          if (has[id] === 0 || better(column.values[i], kept[id])) kept[id] = column.values[i];
        } else {
          const kept = numbersOf(best);
          const value = numeric(column)[i];
          if (has[id] === 0 || better(value, kept[id])) kept[id] = value;
        }
        has[id] = 1;
      }
    },
    finish([best, seen], groups, type) {
      const valid = flagsOf(seen).slice(0, groups);
      if (best.kind === 'flag') {
        return { type: 'boolean', values: best.values.subarray(0, groups), valid };
      }
      if (best.kind === 'number') {
        const kind =
          type.kind === 'double' || type.kind === 'timestamp' || type.kind === 'interval'
            ? type.kind
            : 'long';
        return { type: kind, values: best.values.subarray(0, groups), valid };
      }
      const starts = new Int32Array(groups);
      const ends = new Int32Array(groups);
      let size = 0;
      for (let i = 0; i < groups; i++) {
        starts[i] = size;
        size += best.values[i]?.length ?? 0;
        ends[i] = size;
      }
      const bytes = new Uint8Array(size);
      for (let i = 0; i < groups; i++) bytes.set(best.values[i] ?? new Uint8Array(0), starts[i]);
      return { type: 'string', bytes, starts, ends, valid };
    },
  };
}

export const aggregates: ReadonlyMap<string, AggregateDefinition> = new Map(
  [
    count,
    sum,
    avg,
    leastOrGreatest('min', 'The least value; texts by their bytes. Without any value NULL.'),
    leastOrGreatest('max', 'The greatest value; texts by their bytes. Without any value NULL.'),
  ].map((aggregate) => [aggregate.name, aggregate]),
);
