/**
 * `over`: each record, with aggregates over those of its group up to it, in order of event time. A record
 * waits until no earlier one can come, then leaves with its own time; so what leaves does not depend on the
 * order in which records came. Records of one time go by lane and line, behind operators with state, where
 * lines are gone, by what is kept of them.
 */
import assert from 'node:assert';
import type { Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { END, least, type Watermark } from '../stream/watermark.ts';
import { keysOf } from './aggregate-carry.ts';
import { compareRows } from './compare-rows.ts';
import { gather, gatherNumbers, gatherPositions } from './gather.ts';
import { LateRecords, lateReads, lateStream } from './late.ts';
import { sortRows } from './least-rows.ts';
import { linesOf } from './line-order.ts';
import type { Carry, Emitter, Marks, Operator, OperatorDefinition } from './operator.ts';
import { type Checked, checkOver, type Spec } from './over-check.ts';
import { Frames } from './over-frames.ts';
import { OverLayout, readColumns } from './over-layout.ts';
import { overSchema } from './over-schema.ts';
import { describeOver } from './over-words.ts';
import type { SeriesState } from './series-state.ts';

export const over: OperatorDefinition<Spec, Checked> = {
  type: 'over',
  summary: 'Aggregates over the last records of each record.',
  schema: overSchema,
  streams: (name, { late_to: lateTo }) => [name, ...(typeof lateTo === 'string' ? [lateTo] : [])],
  check: checkOver,
  output: ({ output }) => ({
    schema: output,
    windowed: false,
    stateless: false,
    progress: 'watermark',
  }),
  further: ({ input, lateTo }) =>
    new Map(lateTo === undefined ? [] : [[lateTo, lateStream(input)]]),
  // What is kept does not depend on who reads it now: a later reader must find it whole.
  reads: (checked, _, __, further) =>
    new Set([
      ...readColumns(checked),
      ...lateReads(checked.input, further.get(checked.lateTo ?? '')),
    ]),
  state: (checked) => ({
    kind: 'series',
    keys: checked.keys.map(({ expression }) => expression.type),
    columns: new OverLayout(checked).types,
  }),
  carry,
  describe: describeOver,
  open(checked, state) {
    assert(state.kind === 'series', 'an over keeps series');
    return new Over(checked, state);
  },
};

/** What is kept must be what the new one would have kept, or more. */
function carry(before: Checked, after: Checked): Carry {
  const because = becauseOf(before, after);
  return because === undefined ? { kind: 'kept' } : { kind: 'reset', because };
}

function becauseOf(before: Checked, after: Checked): string | undefined {
  if (keysOf(before.keys) !== keysOf(after.keys)) return 'it groups by something else';
  const [was, is] = [before.frame, after.frame];
  const fits =
    was.kind === 'rows'
      ? is.kind === 'rows' && is.rows <= was.rows && is.retention === was.retention
      : is.kind === 'range' && is.range <= was.range;
  if (!fits) return 'it did not keep the records that are taken together';
  const same = new OverLayout(before).text === new OverLayout(after).text;
  return same ? undefined : 'it needs other fields of records';
}

class Over implements Operator {
  readonly #checked: Checked;
  readonly #state: SeriesState;
  readonly #layout: OverLayout;
  readonly #late: LateRecords;
  readonly #frames: Frames;
  readonly #keys: readonly Program[];
  /** What is kept of a record that is no field of it. */
  readonly #computed: readonly Program[];
  readonly #fields: readonly Program[];
  readonly #sequence = Float64Array.from({ length: BATCH_ROWS_MAX }, (_, i) => i);

  constructor(checked: Checked, state: SeriesState) {
    this.#checked = checked;
    this.#state = state;
    this.#layout = new OverLayout(checked);
    this.#late = new LateRecords(checked.input, checked.lateTo);
    this.#frames = new Frames(checked, this.#layout.places, state);
    this.#keys = checked.keys.map(({ expression }) => compile(expression));
    this.#computed = this.#layout.computed.map(compile);
    this.#fields = checked.fields.map(({ expression }) => compile(expression));
  }

  onBatch(all: Batch, _: number, out: Emitter): void {
    const batch = this.#late.divert(all, out);
    const { columns, eventTime, selection, selected } = batch;
    if (selected === 0) return;
    const kept: readonly Column[] = [
      ...this.#layout.used.map((column) => columns[column]),
      ...this.#computed.map((program) => program.evaluate(batch)),
      ...linesOf(this.#checked.input, batch),
    ];
    const keys = this.#keys.map((program) => program.evaluate(batch));
    this.#state.append(keys, kept, eventTime, selection, selected);
  }

  onTime({ inputs }: Marks, out: Emitter): Watermark {
    const mark = least(inputs);
    const rows = this.#state.take(mark);
    if (rows.length > 0) {
      this.#order(rows);
      this.#state.pass(rows);
      const heads = this.#frames.heads(rows);
      for (let from = 0; from < rows.length; from += BATCH_ROWS_MAX) {
        const to = from + BATCH_ROWS_MAX;
        this.#emit(rows.subarray(from, to), heads.subarray(from, to), out);
      }
    }
    // After the end of all input time may begin anew: only what is kept for ever goes on then.
    if (this.#state.grown || (mark === END && this.#state.size > 0)) {
      const needed = this.#frames.needed(mark);
      this.#state.keep(needed, needed.length);
    }
    return mark;
  }

  pending(): Watermark {
    return this.#state.earliest();
  }

  /** Puts rows, which come by time and then by arrival, in order where several have one time. */
  #order(rows: Int32Array): void {
    const { times } = this.#state;
    const telling = this.#layout.telling(this.#state.columns());
    const compare = (a: number, b: number): number => compareRows(telling, a, b) || a - b;
    for (let from = 0, to = 1; from < rows.length; from = to++) {
      while (to < rows.length && times[rows[to]] === times[rows[from]]) to++;
      if (to - from > 1) sortRows(rows.subarray(from, to), compare);
    }
  }

  #emit(rows: Int32Array, heads: Int32Array, out: Emitter): void {
    const { input, keys, kept, output } = this.#checked;
    const own = this.#state.columns();
    const count = rows.length;
    const width = input.schema.fields.length;
    // What expressions read: the input's columns, those of group_by, results of aggregates.
    const columns = new Array<Column>(width + keys.length);
    this.#layout.used.forEach((column, i) => {
      columns[column] = gather(own[i], rows, count);
    });
    const batch: Batch = {
      schema: input.schema,
      columns,
      rows: count,
      selection: null,
      selected: count,
      eventTime: gatherNumbers(this.#state.times, rows, count),
      sequence: this.#sequence,
      late: null,
      lateBy: null,
      ingestTime: out.now,
      windowStart: null,
      windowEnd: null,
    };
    const groups = gatherPositions(this.#state.groups, rows, count);
    this.#state.keys().forEach((key, i) => {
      columns[width + i] = gather(key, groups, count);
    });
    columns.push(...this.#frames.compute(rows, heads));
    const results = [
      ...columns.slice(width, width + keys.length),
      ...kept.map((column) => columns[column]),
      ...this.#fields.map((program) => program.evaluate(batch)),
    ];
    out.emit({ ...batch, schema: output, columns: results });
  }
}
