/**
 * Variance and standard deviation: of each group the count, the mean and the sum of squared distances from it,
 * kept up value by value (Welford) and joined (Chan, Golub, LeVeque), which loses no digits to large means.
 */
import type { Validity } from '../stream/column.ts';
import { DOUBLE } from '../stream/schema.ts';
import { numbersOf } from './accumulator.ts';
import { type AggregateDefinition, isNumber } from './aggregate.ts';
import type { Grouped } from './aggregates-kernels.ts';
import { numbers } from './kernel.ts';
import { describeType } from './type.ts';

function addMoments(
  counts: Float64Array,
  means: Float64Array,
  squares: Float64Array,
  values: Float64Array,
  valid: Validity,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    const distance = values[row] - means[id];
    const mean = means[id] + distance / ++counts[id];
    means[id] = mean;
    squares[id] += distance * (values[row] - mean);
  }
}

function mergeMoments(
  [counts, means, squares]: readonly Float64Array[],
  [otherCounts, otherMeans, otherSquares]: readonly Float64Array[],
  { rows, count, ids }: Grouped,
): void {
  for (let k = 0; k < count; k++) {
    const row = rows === null ? k : rows[k];
    const added = otherCounts[row];
    if (added === 0) continue;
    const id = ids[row];
    const before = counts[id];
    const both = before + added;
    const distance = otherMeans[row] - means[id];
    counts[id] = both;
    // What is empty takes the other over as it is, to the last bit.
    means[id] = before === 0 ? otherMeans[row] : means[id] + distance * (added / both);
    squares[id] +=
      before === 0
        ? otherSquares[row]
        : otherSquares[row] + distance * distance * (before * (added / both));
  }
}

/** @param less what is taken from the count: 1 for a sample of more */
function moment(name: string, doc: string, less: 0 | 1, root: boolean): AggregateDefinition {
  return {
    name,
    doc,
    example: `${name}(price)`,
    minArgs: 1,
    maxArgs: 1,
    result: ([type]) =>
      isNumber(type)
        ? { type: DOUBLE, nullable: true }
        : { problem: `${name} takes numbers, not ${describeType(type)}` },
    accumulators: () => ['number', 'number', 'number'],
    update(kept, [column], grouped) {
      const [counts, means, squares] = kept.map(numbersOf);
      addMoments(counts, means, squares, numbers(column), column.valid, grouped);
    },
    merge: (kept, from, grouped) => mergeMoments(kept.map(numbersOf), from.map(numbersOf), grouped),
    finish(kept, groups) {
      const [counts, , squares] = kept.map(numbersOf);
      const values = new Float64Array(groups);
      const valid = new Uint8Array(groups);
      for (let id = 0; id < groups; id++) {
        const over = counts[id] - less;
        valid[id] = over > 0 ? 1 : 0;
        if (over <= 0) continue;
        values[id] = root ? Math.sqrt(squares[id] / over) : squares[id] / over;
      }
      return { type: 'double', values, valid };
    },
  };
}

const OF_ONE = 'NULL of fewer than two values.';
const OF_NONE = 'NULL without any value.';

export const momentAggregates: readonly AggregateDefinition[] = [
  moment('stddev_samp', `The standard deviation of a sample. ${OF_ONE}`, 1, true),
  moment('stddev_pop', `The standard deviation of all there is. ${OF_NONE}`, 0, true),
  moment('var_samp', `The variance of a sample. ${OF_ONE}`, 1, false),
  moment('var_pop', `The variance of all there is. ${OF_NONE}`, 0, false),
];
