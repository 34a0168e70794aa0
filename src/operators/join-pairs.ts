/**
 * Puts the rows of pairs together, and of records that stand alone, and computes what leaves of them.
 */
import assert from 'node:assert';
import { constantColumn } from '../sql/constant-column.ts';
import type { Program } from '../sql/expression.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { DataType, Schema } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { Gatherer, gather } from './gather.ts';
import { type Checked, outputSchema } from './join-check.ts';
import { type Layout, layoutOf } from './join-scope.ts';
import type { RowSide } from './operator-state.ts';
import { readsOf } from './spec.ts';

/** Records of one side that rows are picked from. */
export interface Source {
  /** By field of the input; those that are not used are missing. */
  readonly columns: readonly (Column | undefined)[];
  readonly times: Float64Array;
  /** Where their windows begin, each of which ends with their time; absent or null: they are of none. */
  readonly starts?: Float64Array | null;
}

/** Rows of one side, by position in its source. In a pair, null: NULL in every field. */
export interface Picked {
  readonly source: Source;
  readonly at: Int32Array;
  /** Some positions are negative: NULL in every field. */
  readonly sparse?: boolean;
}

export function sourceOf({ columns, eventTime, windowStart }: Batch): Source {
  return { columns, times: eventTime, starts: windowStart };
}

/** Kept records. @param fields those that are kept, in the order of the side's columns */
export function keptSource(side: RowSide, fields: readonly number[]): Source {
  const kept = side.columns();
  const columns: Column[] = [];
  fields.forEach((field, i) => {
    columns[field] = kept[i];
  });
  return { columns, times: side.times };
}

/** The times that a side keeps as its last column, behind those of `fields`; null: it has no such column. */
export function keptTimes(side: RowSide, fields: readonly number[]): Float64Array | null {
  const column = side.columns()[fields.length];
  return column?.type === 'timestamp' ? column.values : null;
}

/** Moves positions at[rows[0]], at[rows[1]], ... to the front. */
export function choose(at: Int32Array, rows: Int32Array, count: number): void {
  for (let k = 0; k < count; k++) at[k] = at[rows[k]];
}

export class Pairs {
  readonly #checked: Checked;
  readonly #layout: Layout;
  readonly #output: Schema;
  /** Columns that are only handed on, by their index; others are computed. */
  readonly #fields: readonly (number | Program)[];
  readonly #fieldReads: readonly number[];
  readonly #where: Program | undefined;
  readonly #whereReads: readonly number[];
  readonly #nulls: (Column | undefined)[] = [];
  /** By column of a pair. */
  readonly #gatherers: readonly Gatherer[];
  readonly #times = new Gatherer();
  readonly #starts = new Gatherer();
  readonly #ends = new Gatherer();
  /** Records of a join have no numbers of their own. */
  readonly #sequence = new Float64Array(BATCH_ROWS_MAX);

  constructor(checked: Checked) {
    this.#checked = checked;
    this.#layout = layoutOf(checked);
    this.#output = outputSchema(checked);
    this.#fields = checked.fields.map(({ expression }) => {
      const { node } = expression;
      const read = node.kind === 'read' && node.slot.from === 'column';
      return read ? node.slot.index : compile(expression);
    });
    this.#fieldReads = [...readsOf(checked.fields.map(({ expression }) => expression))];
    this.#gatherers = Array.from({ length: this.#layout.rightTime + 1 }, () => new Gatherer());
    this.#where = checked.where && compile(checked.where);
    this.#whereReads = [...(checked.where?.reads ?? [])];
  }

  /** @returns how many pairs meet the condition, their rows in `rows`; undefined: there is no condition */
  meeting(left: Picked, right: Picked, count: number, rows: Int32Array): number | undefined {
    if (this.#where === undefined) return undefined;
    const columns = this.columns(left, right, count, this.#whereReads);
    const batch = this.batch(columns, count, this.#sequence, 0, left);
    return selectTrue(this.#where.evaluate(batch), batch, rows);
  }

  /** What leaves of pairs, or of records that stand alone; the time is the left record's if it is there. */
  results(left: Picked | null, right: Picked | null, count: number, now: Micros): Batch {
    const columns = this.columns(left, right, count, this.#fieldReads);
    const timed = left ?? right;
    const times = this.#timesOf(timed, count, this.#times);
    const pairs = this.batch(columns, count, times, now, timed);
    const fields = this.#fields.map((field) =>
      typeof field === 'number' ? columns[field] : field.evaluate(pairs),
    );
    return { ...pairs, columns: fields };
  }

  /** Left records as they came. */
  unmatched(left: Picked, count: number, now: Micros): Batch {
    const { schema } = this.#checked.left;
    const columns = schema.fields.map((_, i) => this.#pick(left, i, count, i));
    const times = this.#timesOf(left, count, this.#times);
    return { ...this.batch(columns, count, times, now, left), schema };
  }

  /**
   * Rows of pairs, or of what is computed of them, as a batch.
   * @param from the records whose windows the rows are of, if they are of any
   */
  batch(
    columns: readonly Column[],
    rows: number,
    eventTime: Float64Array,
    now: Micros,
    from: Picked | null,
  ): Batch {
    const [windowStart, windowEnd] = this.#boundsOf(from, rows);
    return {
      schema: this.#output,
      columns,
      rows,
      selection: null,
      selected: rows,
      eventTime,
      sequence: this.#sequence,
      late: null,
      lateBy: null,
      ingestTime: now,
      windowStart,
      windowEnd,
    };
  }

  #boundsOf(from: Picked | null, count: number): [Float64Array | null, Float64Array | null] {
    if (!this.#checked.windowed || from === null) return [null, null];
    const { starts, times } = from.source;
    assert(starts !== null && starts !== undefined, 'results of windows have their bounds');
    const ends = this.#ends.numbers(times, from.at, count);
    // The time of a result is the last microsecond of its window.
    for (let k = 0; k < count; k++) ends[k] += 1;
    return [this.#starts.numbers(starts, from.at, count), ends];
  }

  /** The columns of pairs at these indexes, each at its own; valid until the next call. */
  columns(
    left: Picked | null,
    right: Picked | null,
    count: number,
    indexes: readonly number[],
  ): Column[] {
    const { right: first, keys, leftTime } = this.#layout;
    const columns: Column[] = [];
    for (const index of indexes) {
      if (index >= leftTime)
        columns[index] = this.#time(index === leftTime ? left : right, count, index);
      else if (index >= keys) {
        const key = this.#checked.keys[index - keys];
        columns[index] =
          left === null
            ? this.#pick(right, key.right, count, index)
            : this.#pick(left, key.left, count, index);
      } else if (index < first) columns[index] = this.#pick(left, index, count, index);
      else columns[index] = this.#pick(right, index - first, count, index);
    }
    return columns;
  }

  /** A field of the picked rows as the column of a pair at an index. */
  #pick(picked: Picked | null, field: number, count: number, index: number): Column {
    if (picked === null) return this.#null(index);
    const column = picked.source.columns[field];
    assert(column !== undefined, `field ${field} is not kept`);
    if (picked.sparse) return gather(column, picked.at, count);
    return this.#gatherers[index].gather(column, picked.at, count);
  }

  #time(picked: Picked | null, count: number, index: number): Column {
    if (picked === null) return this.#null(index);
    const { source, at, sparse } = picked;
    if (sparse) return gather({ type: 'timestamp', values: source.times, valid: null }, at, count);
    const values = this.#timesOf(picked, count, this.#gatherers[index]);
    return { type: 'timestamp', values, valid: null };
  }

  #timesOf(picked: Picked | null, count: number, gatherer: Gatherer): Float64Array {
    assert(picked !== null, 'one of the two is there');
    return gatherer.numbers(picked.source.times, picked.at, count);
  }

  #null(index: number): Column {
    this.#nulls[index] ??= constantColumn(this.#type(index), null, BATCH_ROWS_MAX);
    return this.#nulls[index];
  }

  #type(index: number): DataType {
    const { left, right } = this.#checked;
    const { right: first, keys } = this.#layout;
    if (index < first) return left.schema.fields[index].type;
    if (index < keys) return right.schema.fields[index - first].type;
    return { kind: 'timestamp' };
  }
}
