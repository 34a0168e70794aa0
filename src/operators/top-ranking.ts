/**
 * What a `top` keeps of a record, and who is among the first. Of each record all fields of the input are kept,
 * then keys of the order that are computed, its time, its lane and line where there are such, then what the caller adds.
 *
 * Equals in the order are told apart by time, then by lane and line or, where those are gone, by all fields; so who
 * leaves does not depend on how the log was cut into batches.
 */
import { orderNumbers } from '../sql/collected.ts';
import type { Expression, Program } from '../sql/expression.ts';
import { numbers } from '../sql/kernel.ts';
import { compile } from '../sql/program.ts';
import type { Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { type DataType, TIMESTAMP } from '../stream/schema.ts';
import { compareRows, compareValues } from './compare-rows.ts';
import { type Compare, FEW, leastRows, sortRows } from './least-rows.ts';
import { linesOf, lineTypes } from './line-order.ts';
import type { InputStream } from './operator.ts';
import type { RowList } from './operator-state.ts';
import { columnRead } from './spec.ts';
import type { Checked } from './top-check.ts';

/** Sorting all rows of a group is faster unless they are so many times what is wanted of them. */
const MANY_LIMITS = 2;

/** Rows that are among the first of their groups: group by group, in order. */
export interface Ranked {
  readonly count: number;
  readonly rows: Int32Array;
  readonly ranks: Float64Array;
  readonly groups: Int32Array;
}

/** Where a key of the order is kept. */
interface Place {
  readonly column: number;
  readonly falling: boolean;
  readonly nullsLast: boolean;
}

/** Keys of the order that are no field of the input, which is kept in any case. */
function computedKeys({ order }: Checked): readonly Expression[] {
  return order.flatMap(({ expression }) =>
    columnRead(expression) === undefined ? expression : [],
  );
}

/** @returns the types of what is kept of each record */
export function keptTypes(checked: Checked): readonly DataType[] {
  return [
    ...checked.input.schema.fields.map(({ type }) => type),
    ...computedKeys(checked).map(({ type }) => type),
    TIMESTAMP,
    ...lineTypes(checked.input),
  ];
}

export class Ranking {
  /** Where times are kept; what tells lines apart follows. */
  readonly times: number;
  /** How many columns are kept before those that the caller adds. */
  readonly width: number;
  readonly #computed: readonly Program[];
  readonly #places: readonly Place[];
  readonly #input: InputStream;
  readonly #limit: number;
  readonly #keepsTies: boolean;

  constructor(checked: Checked) {
    const { input, order, limit, keepsTies } = checked;
    const fields = input.schema.fields.length;
    const computed = computedKeys(checked);
    this.#computed = computed.map(compile);
    this.#places = order.map(({ expression, falling, nullsLast }) => {
      const column = columnRead(expression) ?? fields + computed.indexOf(expression);
      return { column, falling, nullsLast };
    });
    this.times = fields + computed.length;
    this.width = this.times + 1 + lineTypes(input).length;
    this.#input = input;
    this.#limit = limit;
    this.#keepsTies = keepsTies;
  }

  /** What is kept of the records of a batch. */
  columnsOf(batch: Batch): readonly Column[] {
    return [
      ...batch.columns,
      ...this.#computed.map((program) => program.evaluate(batch)),
      { type: 'timestamp', values: batch.eventTime, valid: null },
      ...linesOf(this.#input, batch),
    ];
  }

  /**
   * @param groupOf by row, below `groups`; -1: it is left out
   * @returns the first rows of each group
   */
  first(columns: readonly Column[], groupOf: Int32Array, groups: number): Ranked {
    const ends = new Int32Array(groups + 1);
    let count = 0;
    for (let row = 0; row < groupOf.length; row++) {
      if (groupOf[row] < 0) continue;
      ends[groupOf[row] + 1]++;
      count++;
    }
    for (let group = 1; group <= groups; group++) ends[group] += ends[group - 1];
    // From here on ends[g] is where the next row of group g goes, at last where the group ends.
    const sorted = new Int32Array(count);
    for (let row = 0; row < groupOf.length; row++) {
      if (groupOf[row] >= 0) sorted[ends[groupOf[row]]++] = row;
    }
    const ranks = new Float64Array(count);
    const further = this.#further(columns);
    const compare = (a: number, b: number): number =>
      this.#compareKeys(columns, a, b) || compareRows(further, a, b) || a - b;
    let kept = 0;
    for (let group = 0, from = 0; group < groups; from = ends[group++]) {
      const own = this.#candidates(columns, sorted.subarray(from, ends[group]), compare);
      sortRows(own, compare);
      kept = this.#rank(columns, own, sorted, ranks, kept);
    }
    const rows = sorted.subarray(0, kept);
    return { count: kept, rows, ranks, groups: rows.map((row) => groupOf[row]) };
  }

  /** Forgets what can be among the first no more, once that may be the larger part. */
  prune(rows: RowList, groupOf: () => Int32Array, groups: number): void {
    if (!rows.grown) return;
    const { rows: first, count } = this.first(rows.columns(), groupOf(), groups);
    rows.keep(first.sort(), count);
  }

  /** Puts those of rows in order that are among the first at `at`, with their ranks. @returns where they end */
  #rank(
    columns: readonly Column[],
    rows: Int32Array,
    into: Int32Array,
    ranks: Float64Array,
    at: number,
  ): number {
    let rank = 0;
    let end = at;
    for (let i = 0; i < rows.length; i++) {
      const tied =
        this.#keepsTies && i > 0 && this.#compareKeys(columns, rows[i - 1], rows[i]) === 0;
      if (!tied) rank = i + 1;
      if (rank > this.#limit) break;
      ranks[end] = rank;
      into[end++] = rows[i];
    }
    return end;
  }

  /** Leaves out of many rows most of those that are not among the first. */
  #candidates(columns: readonly Column[], rows: Int32Array, compare: Compare): Int32Array {
    const limit = this.#limit;
    if (rows.length <= MANY_LIMITS * limit + FEW) return rows;
    const least = this.#keepsTies ? rows.slice() : rows;
    const last = leastRows(least, limit, compare);
    if (!this.#keepsTies) return least.subarray(0, limit);
    return rows.filter((row) => this.#compareKeys(columns, row, last) <= 0);
  }

  /** What tells equals apart. */
  #further(columns: readonly Column[]): readonly Column[] {
    const { stateless, schema } = this.#input;
    return stateless
      ? columns.slice(this.times, this.width)
      : [columns[this.times], ...columns.slice(0, schema.fields.length)];
  }

  #compareKeys(columns: readonly Column[], a: number, b: number): number {
    for (const { column: index, falling, nullsLast } of this.#places) {
      const column = columns[index];
      const { valid } = column;
      if (valid !== null && (valid[a] & valid[b]) === 0) {
        if (valid[a] !== valid[b]) return valid[a] === (nullsLast ? 1 : 0) ? -1 : 1;
        continue;
      }
      const order =
        'values' in column && column.type !== 'boolean'
          ? orderNumbers(column.values[a], column.values[b])
          : compareValues(column, a, b);
      if (order !== 0) return falling ? -order : order;
    }
    return 0;
  }
}

/** The group of each row, of a column that says it. */
export function groupsIn(column: Column, rows: number): Int32Array {
  return Int32Array.from(numbers(column).subarray(0, rows));
}
