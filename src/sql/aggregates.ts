/**
 * Aggregates: what a call may be, what it keeps of a group, and its result. NULL inputs are skipped, except
 * by count(*). A sum of longs is exact whatever it passes through; only the final sum must be a safe integer,
 * else it is NULL, until 64-bit columns move that border. Sums of doubles follow the order of the log.
 */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import { BOOLEAN, type DataType, DOUBLE, LONG } from '../stream/schema.ts';
import {
  type Accumulator,
  type AccumulatorKind,
  flagsOf,
  numbersOf,
  textsOf,
} from './accumulator.ts';
import { type AggregateDefinition, isNumber } from './aggregate.ts';
import { aggregateKey } from './aggregate-call.ts';
import { bestAggregates } from './aggregates-best.ts';
import { collectingAggregates } from './aggregates-collect.ts';
import {
  addDoubles,
  addLongs,
  bestFlags,
  bestKeptTexts,
  bestTexts,
  countRows,
  type Grouped,
  greatestNumbers,
  leastNumbers,
  seeRows,
} from './aggregates-kernels.ts';
import { momentAggregates } from './aggregates-moments.ts';
import { flags, numberColumn, numbers, texts } from './kernel.ts';
import { describeType, isComparable, SAFE_MAX } from './type.ts';

const count: AggregateDefinition = {
  name: 'count',
  doc: 'How many records there are: count(*); or how many have a value: count(x).',
  example: 'count(*)',
  minArgs: 0,
  maxArgs: 1,
  result: () => ({ type: LONG, nullable: false }),
  accumulators: () => ['number'],
  update: ([counts], [column], grouped) =>
    countRows(numbersOf(counts), column?.valid ?? null, grouped),
  merge: ([counts], [others], grouped) =>
    addDoubles(numbersOf(counts), numbersOf(others), null, grouped),
  finish: ([counts]) => ({ type: 'long', values: numbersOf(counts), valid: null }),
};

/** What `addTo` keeps: [high, low] of longs, [sum] of doubles. */
function sumKinds(type: DataType): readonly AccumulatorKind[] {
  return type.kind === 'long' ? ['number', 'number'] : ['number'];
}

function addTo(kept: readonly Accumulator[], argument: Column, grouped: Grouped): void {
  const values = numbers(argument);
  if (argument.type === 'long') {
    addLongs(numbersOf(kept[0]), numbersOf(kept[1]), values, argument.valid, grouped);
  } else {
    addDoubles(numbersOf(kept[0]), values, argument.valid, grouped);
  }
}

/** Sums of longs are two numbers, each whole; of doubles one. */
function mergeSums(
  kept: readonly Accumulator[],
  from: readonly Accumulator[],
  ofLongs: boolean,
  grouped: Grouped,
): void {
  if (ofLongs) {
    addLongs(numbersOf(kept[0]), numbersOf(kept[1]), numbersOf(from[0]), null, grouped);
    addDoubles(numbersOf(kept[1]), numbersOf(from[1]), null, grouped);
  } else {
    addDoubles(numbersOf(kept[0]), numbersOf(from[0]), null, grouped);
  }
}

const sum: AggregateDefinition = {
  name: 'sum',
  doc: 'The sum. Of longs it is exact, and NULL when it leaves their range. NULL without any value.',
  example: 'sum(price)',
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) =>
    isNumber(type)
      ? { type, nullable: true }
      : { problem: `sum adds numbers, not ${describeType(type)}` },
  accumulators: ([type]) => [...sumKinds(type), 'flag'],
  update(kept, [column], grouped) {
    addTo(kept, column, grouped);
    seeRows(flagsOf(kept[kept.length - 1]), column.valid, grouped);
  },
  merge(kept, from, grouped) {
    mergeSums(kept, from, kept.length === 3, grouped);
    seeRows(flagsOf(kept[kept.length - 1]), flagsOf(from[from.length - 1]), grouped);
  },
  finish(kept, groups, type) {
    const seen = flagsOf(kept[kept.length - 1]);
    const high = numbersOf(kept[0]);
    if (type.kind === 'double') return { type: 'double', values: high, valid: seen };
    const low = numbersOf(kept[1]);
    const values = new Float64Array(groups);
    const valid = new Uint8Array(groups);
    for (let id = 0; id < groups; id++) {
      // Rounds once, and no whole number outside the safe range rounds into it.
      const total = high[id] + low[id];
      const safe = Math.abs(total) <= SAFE_MAX;
      values[id] = safe ? total : 0;
      valid[id] = safe ? seen[id] : 0;
    }
    return { type: 'long', values, valid };
  },
};

const avg: AggregateDefinition = {
  name: 'avg',
  doc: 'The mean, a double. Of longs it is exact while their sum is in range. NULL without any value.',
  example: 'avg(price)',
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) =>
    isNumber(type)
      ? { type: DOUBLE, nullable: true }
      : { problem: `avg takes numbers, not ${describeType(type)}` },
  accumulators: ([type]) => [...sumKinds(type), 'number'],
  update(kept, [column], grouped) {
    addTo(kept, column, grouped);
    countRows(numbersOf(kept[kept.length - 1]), column.valid, grouped);
  },
  merge(kept, from, grouped) {
    mergeSums(kept, from, kept.length === 3, grouped);
    addDoubles(numbersOf(kept[kept.length - 1]), numbersOf(from[from.length - 1]), null, grouped);
  },
  finish(kept, groups) {
    const counts = numbersOf(kept[kept.length - 1]);
    const high = numbersOf(kept[0]);
    const low = kept.length === 3 ? numbersOf(kept[1]) : null;
    const values = new Float64Array(groups);
    const valid = new Uint8Array(groups);
    for (let id = 0; id < groups; id++) {
      values[id] = (low === null ? high[id] : high[id] + low[id]) / counts[id];
      valid[id] = counts[id] > 0 ? 1 : 0;
    }
    return { type: 'double', values, valid };
  },
};

/** `min` and `max` keep the value and whether there is one; a text that is there says so itself. */
function extreme(name: 'min' | 'max', doc: string): AggregateDefinition {
  const greatest = name === 'max';
  const bestNumbers = greatest ? greatestNumbers : leastNumbers;
  return {
    name,
    doc,
    example: `${name}(price)`,
    minArgs: 1,
    maxArgs: 1,
    result: ([type]) =>
      isComparable(type)
        ? { type, nullable: true }
        : { problem: `${name} compares single values, not ${describeType(type)}` },
    accumulators([type]) {
      if (type.kind === 'string') return ['bytes'];
      return [type.kind === 'boolean' ? 'flag' : 'number', 'flag'];
    },
    update([best, seen], [column], grouped) {
      const { valid } = column;
      if (best.kind === 'bytes') {
        const { bytes, starts, ends } = texts(column);
        bestTexts(best.values, bytes, starts, ends, greatest ? 1 : -1, valid, grouped);
      } else if (best.kind === 'flag') {
        bestFlags(best.values, flagsOf(seen), flags(column), greatest ? 1 : 0, valid, grouped);
      } else {
        bestNumbers(numbersOf(best), flagsOf(seen), numbers(column), valid, grouped);
      }
    },
    merge([best, seen], [other, otherSeen], grouped) {
      if (best.kind === 'bytes') {
        assert(other.kind === 'bytes');
        bestKeptTexts(best.values, other.values, greatest ? 1 : -1, grouped);
        return;
      }
      const valid = flagsOf(otherSeen);
      if (best.kind === 'flag') {
        const wins = greatest ? 1 : 0;
        bestFlags(best.values, flagsOf(seen), flagsOf(other), wins, valid, grouped);
      } else {
        bestNumbers(numbersOf(best), flagsOf(seen), numbersOf(other), valid, grouped);
      }
    },
    finish([best, seen], groups, type) {
      if (best.kind === 'bytes') return textsOf(best.values, groups);
      const valid = flagsOf(seen);
      if (best.kind === 'flag') return { type: 'boolean', values: best.values, valid };
      return numberColumn(type, numbersOf(best), valid);
    },
  };
}

/** The least or the greatest of flags, by the name that says what it means. */
function ofFlags(
  name: 'bool_and' | 'bool_or',
  doc: string,
  same: AggregateDefinition,
): AggregateDefinition {
  return {
    ...same,
    name,
    doc,
    example: `${name}(price > 0)`,
    result: ([type]) =>
      type.kind === 'boolean'
        ? { type: BOOLEAN, nullable: true }
        : { problem: `${name} takes conditions, not ${describeType(type)}` },
  };
}

const min = extreme(
  'min',
  'The least value; texts by bytes, NaN above all numbers. NULL without any.',
);
const max = extreme(
  'max',
  'The greatest value; texts by bytes, NaN above all numbers. NULL without any.',
);

/** By `aggregateKey`. */
export const aggregates: ReadonlyMap<string, AggregateDefinition> = new Map(
  [
    count,
    sum,
    avg,
    min,
    max,
    ofFlags(
      'bool_and',
      'Whether it is TRUE for every record that has a value. NULL without any.',
      min,
    ),
    ofFlags('bool_or', 'Whether it is TRUE for some record. NULL without any value.', max),
    ...bestAggregates,
    ...momentAggregates,
    ...collectingAggregates,
  ].map((aggregate) => [aggregateKey(aggregate.name, aggregate.distinct === true), aggregate]),
);
