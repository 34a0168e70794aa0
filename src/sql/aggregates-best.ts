/**
 * Aggregates that keep the value of one record of a group: of the one with the least or the greatest key
 * (`min_by`, `max_by`), or of the first or the last in time (`first`, `last`). The value may be NULL; a key is not.
 *
 * first and last go by time, lane and number of the line, and among records of one line by the order in which
 * they stand there; where lines are gone, by time and then by the value.
 */
import type { Column, StringColumn } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import {
  type Accumulator,
  type AccumulatorKind,
  flagsOf,
  numbersOf,
  textsOf,
} from './accumulator.ts';
import type { AggregateDefinition } from './aggregate.ts';
import {
  firstVerdicts,
  judgeNumbers,
  judgeTexts,
  keepNumbers,
  keepTexts,
  LOSES,
  settleTies,
  WINS,
} from './aggregates-best-kernels.ts';
import type { Grouped } from './aggregates-kernels.ts';
import { numberColumn, numbers } from './kernel.ts';
import { describeType, isComparable } from './type.ts';

type Sign = -1 | 1;

/** A column to be compared; booleans as numbers, since there are but two of them. */
type Ranked = StringColumn | { readonly type: 'numbers'; readonly values: Float64Array };

function ranked(column: Column): Ranked {
  if (column.type === 'string') return column;
  const values = column.type === 'boolean' ? Float64Array.from(column.values) : numbers(column);
  return { type: 'numbers', values };
}

/** What was kept, as a column of groups. */
function rankedOf(accumulator: Accumulator): Ranked {
  return accumulator.kind === 'bytes'
    ? textsOf(accumulator.values, accumulator.values.length)
    : { type: 'numbers', values: numbersOf(accumulator) };
}

function kindOf({ kind }: DataType): AccumulatorKind {
  return kind === 'string' ? 'bytes' : 'number';
}

/** What is kept: whether there was a record, its keys, its value, and, where that is no text, whether it is there. */
function partsOf(kept: readonly Accumulator[]) {
  const texts = kept[kept.length - 1].kind === 'bytes';
  const value = kept.length - (texts ? 1 : 2);
  return {
    seen: flagsOf(kept[0]),
    keys: kept.slice(1, value),
    value: kept[value],
    present: texts ? undefined : flagsOf(kept[value + 1]),
  };
}

/**
 * Takes rows, of a batch or of what other groups have kept.
 * @param valid rows: which take part; values: whose value is there
 * @param byArrival what ties in every key goes by its place among the rows, not by its value
 */
function take(
  kept: readonly Accumulator[],
  keys: readonly Ranked[],
  value: Ranked,
  valid: { readonly rows: Uint8Array | null; readonly values: Uint8Array | null },
  sign: Sign,
  byArrival: boolean,
  grouped: Grouped,
): void {
  const parts = partsOf(kept);
  const verdicts = new Uint8Array(grouped.count);
  firstVerdicts(verdicts, parts.seen, valid.rows, grouped);
  for (const [i, key] of keys.entries()) {
    const best = parts.keys[i];
    if (key.type === 'string' && best.kind === 'bytes') {
      judgeTexts(verdicts, best.values, key, sign, grouped);
    } else if (key.type === 'numbers') {
      judgeNumbers(verdicts, numbersOf(best), key.values, sign, grouped);
    }
  }
  if (byArrival) settleTies(verdicts, sign === 1 ? WINS : LOSES);
  const best = parts.value;
  if (value.type === 'string' && best.kind === 'bytes') {
    keepTexts(verdicts, best.values, value, sign, grouped);
  } else if (value.type === 'numbers' && parts.present !== undefined) {
    const { values } = value;
    keepNumbers(verdicts, numbersOf(best), parts.present, values, valid.values, sign, grouped);
  }
}

/** Time, lane and line: what is left to tell apart has one place in the log. */
const LOG_KEYS = 3;

function best(
  name: string,
  doc: string,
  example: string,
  sign: Sign,
  ordered: boolean,
): AggregateDefinition {
  const args = ordered ? 1 : 2;
  return {
    name,
    doc,
    example,
    ordered,
    minArgs: args,
    maxArgs: args,
    result(types) {
      const wrong = types.findIndex((type) => !isComparable(type));
      if (wrong === -1) return { type: types[0], nullable: true };
      const problem = `${name} takes single values, not ${describeType(types[wrong])}`;
      return { problem, argument: wrong };
    },
    accumulators: ([value, ...keys]) => [
      'flag',
      ...keys.map(kindOf),
      kindOf(value),
      ...(value.kind === 'string' ? [] : (['flag'] as const)),
    ],
    update(kept, [value, ...keys], grouped) {
      // Of an order in the log nothing is NULL; a key that an author has written may be.
      const valid = { rows: keys[0].valid, values: value.valid };
      const byArrival = ordered && keys.length === LOG_KEYS;
      take(kept, keys.map(ranked), ranked(value), valid, sign, byArrival, grouped);
    },
    merge(kept, from, grouped) {
      const { seen, keys, value, present } = partsOf(from);
      const valid = { rows: seen, values: present ?? null };
      const byArrival = ordered && keys.length === LOG_KEYS;
      take(kept, keys.map(rankedOf), rankedOf(value), valid, sign, byArrival, grouped);
    },
    finish(kept, groups, type) {
      const { value, present } = partsOf(kept);
      if (value.kind === 'bytes') return textsOf(value.values, groups);
      const valid = present ?? null;
      const values = numbersOf(value);
      if (type.kind !== 'boolean') return numberColumn(type, values, valid);
      return { type: 'boolean', values: Uint8Array.from(values), valid };
    },
  };
}

export const bestAggregates: readonly AggregateDefinition[] = [
  best(
    'min_by',
    'The first argument of the record whose second is least; of several the least value. NULL keys do not count.',
    'min_by(seller, price)',
    -1,
    false,
  ),
  best(
    'max_by',
    'The first argument of the record whose second is greatest; of several the greatest value. NULL keys do not count.',
    'max_by(seller, price)',
    1,
    false,
  ),
  best(
    'first',
    'The value of the first record by event time, which may be NULL.',
    'first(price)',
    -1,
    true,
  ),
  best(
    'last',
    'The value of the last record by event time, which may be NULL.',
    'last(price)',
    1,
    true,
  ),
];
