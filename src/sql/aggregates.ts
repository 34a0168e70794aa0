/**
 * Aggregates: what a call may be, what it keeps of a group, and its result. NULL inputs are skipped, except
 * by count(*). A sum of longs is exact whatever it passes through; only the final sum must be a safe integer,
 * else it is NULL, until 64-bit columns move that border. Sums of doubles follow the order of the log.
 */
import { strict as assert } from 'node:assert';
import type { Column, StringColumn } from '../stream/column.ts';
import { type DataType, DOUBLE, LONG } from '../stream/schema.ts';
import type { Accumulator, AccumulatorKind } from './accumulator.ts';
import type { AggregateSignature } from './aggregate-call.ts';
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
import { flags, numberColumn, numbers, texts } from './kernel.ts';
import { describeType, isComparable, SAFE_MAX } from './type.ts';

/** One aggregate; another is one more entry in the list at the end of this file. */
export interface AggregateDefinition extends AggregateSignature {
  readonly example: string;
  /** What it keeps of each group for an argument of this type; undefined: without one. */
  accumulators(type: DataType | undefined): readonly AccumulatorKind[];
  /** Takes the argument's rows into their groups. */
  update(kept: readonly Accumulator[], argument: Column | undefined, grouped: Grouped): void;
  /**
   * Takes what was kept of other groups, the rows of `grouped`, into these: as if their records had come here.
   * `from` is of the same kinds, and other memory.
   */
  merge(kept: readonly Accumulator[], from: readonly Accumulator[], grouped: Grouped): void;
  /**
   * The results of groups 0..groups-1.
   * @param type of the result
   * @returns a column that may lie in the accumulators themselves
   */
  finish(kept: readonly Accumulator[], groups: number, type: DataType): Column;
}

function numbersOf(accumulator: Accumulator): Float64Array {
  assert(accumulator.kind === 'number');
  return accumulator.values;
}

function flagsOf(accumulator: Accumulator): Uint8Array {
  assert(accumulator.kind === 'flag');
  return accumulator.values;
}

function present(argument: Column | undefined): Column {
  assert(argument !== undefined);
  return argument;
}

const count: AggregateDefinition = {
  name: 'count',
  doc: 'How many records there are: count(*); or how many have a value: count(x).',
  example: 'count(*)',
  minArgs: 0,
  maxArgs: 1,
  result: () => ({ type: LONG, nullable: false }),
  accumulators: () => ['number'],
  update: ([counts], argument, grouped) =>
    countRows(numbersOf(counts), argument?.valid ?? null, grouped),
  merge: ([counts], [others], grouped) =>
    addDoubles(numbersOf(counts), numbersOf(others), null, grouped),
  finish: ([counts]) => ({ type: 'long', values: numbersOf(counts), valid: null }),
};

function isNumber(type: DataType): boolean {
  return type.kind === 'long' || type.kind === 'double';
}

/** What `addTo` keeps: [high, low] of longs, [sum] of doubles. */
function sumKinds(type: DataType | undefined): readonly AccumulatorKind[] {
  return type?.kind === 'long' ? ['number', 'number'] : ['number'];
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
  accumulators: (type) => [...sumKinds(type), 'flag'],
  update(kept, argument, grouped) {
    const column = present(argument);
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
  accumulators: (type) => [...sumKinds(type), 'number'],
  update(kept, argument, grouped) {
    const column = present(argument);
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
    accumulators(type) {
      if (type?.kind === 'string') return ['bytes'];
      return [type?.kind === 'boolean' ? 'flag' : 'number', 'flag'];
    },
    update([best, seen], argument, grouped) {
      const column = present(argument);
      const { valid } = column;
      if (best.kind === 'bytes') {
        const { bytes, starts, ends } = texts(column);
        bestTexts(best.values, bytes, starts, ends, greatest ? 1 : -1, valid, grouped);
      } else if (best.kind === 'flag') {
        bestFlags(best.values, flagsOf(seen), flags(column), greatest ? 1 : 0, valid, grouped);
      } else {
        bestNumbers(best.values, flagsOf(seen), numbers(column), valid, grouped);
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
        bestNumbers(best.values, flagsOf(seen), numbersOf(other), valid, grouped);
      }
    },
    finish([best, seen], groups, type) {
      if (best.kind === 'bytes') return textsOf(best.values, groups);
      const valid = flagsOf(seen);
      if (best.kind === 'flag') return { type: 'boolean', values: best.values, valid };
      return numberColumn(type, best.values, valid);
    },
  };
}

function textsOf(kept: readonly (Uint8Array | null)[], groups: number): StringColumn {
  const starts = new Int32Array(groups);
  const ends = new Int32Array(groups);
  const valid = new Uint8Array(groups);
  let size = 0;
  for (let id = 0; id < groups; id++) size += kept[id]?.length ?? 0;
  const bytes = new Uint8Array(size);
  let used = 0;
  for (let id = 0; id < groups; id++) {
    const text = kept[id];
    starts[id] = used;
    if (text !== null) {
      bytes.set(text, used);
      used += text.length;
      valid[id] = 1;
    }
    ends[id] = used;
  }
  return { type: 'string', bytes, starts, ends, valid };
}

export const aggregates: ReadonlyMap<string, AggregateDefinition> = new Map(
  [
    count,
    sum,
    avg,
    extreme('min', 'The least value; texts by bytes, NaN above all numbers. NULL without any.'),
    extreme('max', 'The greatest value; texts by bytes, NaN above all numbers. NULL without any.'),
  ].map((aggregate) => [aggregate.name, aggregate]),
);
