/**
 * Groups as results: keys, computed fields, a condition on both, cut into batches. Who calls it says of each
 * row which time it carries and which window it comes from.
 */
import type { Program } from '../sql/expression.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Checked } from './aggregate-check.ts';
import type { Emitter } from './operator.ts';
import { sliceColumn } from './slice-column.ts';

export class Results {
  /** By row of the batch at hand: what the caller fills in. */
  readonly times = new Float64Array(BATCH_ROWS_MAX);
  readonly starts = new Float64Array(BATCH_ROWS_MAX);
  readonly ends = new Float64Array(BATCH_ROWS_MAX);
  readonly sequence = new Float64Array(BATCH_ROWS_MAX);
  readonly #output: Checked['output'];
  readonly #windowed: boolean;
  readonly #fields: readonly Program[];
  readonly #having: Program | undefined;
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);

  constructor({ output, fields, having, window }: Checked) {
    this.#output = output;
    this.#windowed = window.kind !== 'running';
    this.#fields = fields.map(({ expression }) => compile(expression));
    this.#having = having && compile(having);
  }

  /**
   * @param keys columns of `count` rows, as are `results` of the aggregates
   * @param fill called before each batch: the first of its rows, and how many they are
   */
  emit(
    keys: readonly Column[],
    results: readonly Column[],
    count: number,
    fill: (first: number, rows: number) => void,
    out: Emitter,
  ): void {
    const width = this.#output.fields.length;
    for (let first = 0; first < count; first += BATCH_ROWS_MAX) {
      const rows = Math.min(BATCH_ROWS_MAX, count - first);
      const columns = new Array<Column>(width + results.length);
      keys.forEach((key, i) => {
        columns[i] = sliceColumn(key, first, rows);
      });
      results.forEach((result, i) => {
        columns[width + i] = sliceColumn(result, first, rows);
      });
      fill(first, rows);
      this.#emitBatch(columns, keys.length, rows, out);
    }
  }

  /** @param columns keys, room for the fields, results of aggregates */
  #emitBatch(columns: Column[], keys: number, rows: number, out: Emitter): void {
    // The batch that expressions read: behind the output's columns it has the results.
    const groups: Batch = {
      schema: this.#output,
      columns,
      rows,
      selection: null,
      selected: rows,
      eventTime: this.times,
      sequence: this.sequence,
      late: null,
      lateBy: null,
      ingestTime: out.now,
      windowStart: this.#windowed ? this.starts : null,
      windowEnd: this.#windowed ? this.ends : null,
    };
    this.#fields.forEach((program, i) => {
      columns[keys + i] = program.evaluate(groups);
    });
    const results: Batch = { ...groups, columns: columns.slice(0, this.#output.fields.length) };
    if (this.#having === undefined) {
      out.emit(results);
      return;
    }
    const selected = selectTrue(this.#having.evaluate(groups), groups, this.#rows);
    if (selected > 0) out.emit({ ...results, selection: this.#rows, selected });
  }
}
