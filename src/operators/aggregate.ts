/**
 * `aggregate`: one result for each window and group, when the window closes.
 *
 *   tumble D   the window of a record is [s, s + D) by its event time; closes when W >= s + D - 1 us
 *   batch D    the same by arrival; closes when log time has reached s + D; nothing is late
 *
 * Results leave by end of window, then in order of each group's first arrival, with the time end - 1 us.
 */
import type { AggregateDefinition, Grouped } from '../sql/aggregates.ts';
import { aggregates } from '../sql/aggregates.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Schema } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { closingMark, least } from '../stream/watermark.ts';
import { windowStart } from '../stream/window.ts';
import { type Checked, checkAggregate, type Spec } from './aggregate-check.ts';
import { aggregateSchema } from './aggregate-schema.ts';
import { gather } from './gather.ts';
import type { Emitter, GroupTable, OpenWindow, OperatorDefinition, State } from './operator.ts';

export const aggregate: OperatorDefinition<Spec, Checked> = {
  type: 'aggregate',
  summary: 'Counts, sums and compares records by window and group.',
  schema: aggregateSchema,
  check: checkAggregate,
  output: ({ output }) => ({ schema: output, windowed: true, stateless: false }),
  reads({ keys, calls }) {
    const reads = new Set<number>();
    const all = [
      ...keys.map((key) => key.expression),
      ...calls.flatMap((call) => call.argument ?? []),
    ];
    for (const expression of all) for (const index of expression.reads) reads.add(index);
    return reads;
  },
  state: ({ keys, calls, time }) => ({
    kind: 'windows',
    keys: keys.map((key) => key.expression.type),
    accumulators: calls.flatMap((call) => definition(call.name).accumulators(call.argument?.type)),
    time,
  }),
  open: (checked, state) => new Aggregate(checked, state),
};

function definition(name: string): AggregateDefinition {
  const found = aggregates.get(name);
  if (found === undefined) throw new Error(`there is no aggregate ${name}`);
  return found;
}

class Aggregate {
  readonly #checked: Checked;
  readonly #state: State & { kind: 'windows' };
  readonly #keys;
  readonly #calls;
  readonly #fields;
  readonly #having;
  /** Keys, then results of calls: what `fields` and `having` are computed from. */
  readonly #inner: Schema;
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);
  readonly #kept = new Int32Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, state: State) {
    if (state.kind !== 'windows') throw new Error('an aggregate keeps windows');
    this.#checked = checked;
    this.#state = state;
    this.#keys = checked.keys.map((key) => compile(key.expression));
    let first = 0;
    this.#calls = checked.calls.map(({ name, argument, type }) => {
      const aggregate = definition(name);
      const kinds = aggregate.accumulators(argument?.type).length;
      const from = first;
      first += kinds;
      const program = argument && compile(argument);
      return { aggregate, type, from, to: first, program };
    });
    this.#fields = checked.fields.map(({ expression }) => compile(expression));
    this.#having = checked.having && compile(checked.having);
    this.#inner = checked.inner;
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const keys = this.#keys.map((program) => program.evaluate(batch));
    const args = this.#calls.map(({ program }) => program?.evaluate(batch));
    const { size, offset, time } = this.#checked;
    if (time === 'arrival') {
      const start = windowStart(batch.ingestTime, size, offset);
      this.#take(keys, args, batch.selection, batch.selected, start);
      return;
    }
    const late = this.#onTime(batch);
    if (late > 0) out.drop('late', late);
    let count = batch.selected - late;
    let rows = late > 0 ? this.#rows : batch.selection;
    // Mostly all rows lie in one window; others are taken window by window.
    while (count > 0) {
      const start = windowStart(batch.eventTime[rows === null ? 0 : rows[0]], size, offset);
      const inside = this.#inWindow(batch, rows, count, start);
      if (inside === count) {
        this.#take(keys, args, rows, count, start);
        return;
      }
      this.#take(keys, args, this.#kept, inside, start);
      count = this.#outside(batch, rows, count, start);
      rows = this.#rows;
    }
  }

  /** Writes the rows that are not late to #rows if some are. @returns how many are late */
  #onTime({ late, selection, selected }: Batch): number {
    if (late === null) return 0;
    let kept = 0;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      this.#rows[kept] = row;
      kept += late[row] ^ 1;
    }
    return selected - kept;
  }

  /** Writes the rows of a window to #kept. @returns how many there are */
  #inWindow(batch: Batch, rows: Int32Array | null, count: number, start: Micros): number {
    const { eventTime } = batch;
    const end = start + this.#checked.size;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      this.#kept[kept] = row;
      if (eventTime[row] >= start && eventTime[row] < end) kept++;
    }
    return kept;
  }

  /** Writes the rows outside a window to #rows; in place is sound, as it writes behind what it reads. */
  #outside(batch: Batch, rows: Int32Array | null, count: number, start: Micros): number {
    const { eventTime } = batch;
    const end = start + this.#checked.size;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      if (eventTime[row] < start || eventTime[row] >= end) this.#rows[kept++] = row;
    }
    return kept;
  }

  #take(
    keys: readonly Column[],
    args: readonly (Column | undefined)[],
    rows: Int32Array | null,
    count: number,
    start: Micros,
  ): void {
    const groups = this.#state.at(start, start + this.#checked.size);
    groups.locate(keys, rows, count, this.#ids);
    const grouped: Grouped = { rows, count, ids: this.#ids };
    for (let i = 0; i < this.#calls.length; i++) {
      const { aggregate, from, to } = this.#calls[i];
      aggregate.update(groups.accumulators.slice(from, to), args[i], grouped);
    }
  }

  onTime({ inputs, now }: { inputs: readonly number[]; now: Micros }, out: Emitter): number {
    // A window by arrival closes by log time; what it passes on is log time - 1 us.
    const mark = this.#checked.time === 'arrival' ? now - 1 : least(inputs);
    for (const window of this.#state.closed(mark)) {
      this.#emit(window, now, out);
      this.#state.drop(window);
    }
    return mark;
  }

  closingMark(time: Micros): number {
    const { size, offset, time: by } = this.#checked;
    if (by === 'arrival') return Number.NEGATIVE_INFINITY;
    return closingMark(windowStart(time, size, offset) + size);
  }

  #emit({ start, end, groups }: OpenWindow, now: Micros, out: Emitter): void {
    const whole = [...groups.keys(), ...this.#results(groups)];
    for (let first = 0; first < groups.size; first += BATCH_ROWS_MAX) {
      const rows = Math.min(BATCH_ROWS_MAX, groups.size - first);
      const at = new Int32Array(rows);
      const sequence = new Float64Array(rows);
      for (let k = 0; k < rows; k++) {
        at[k] = first + k;
        sequence[k] = first + k;
      }
      const batch: Batch = {
        schema: this.#inner,
        columns: whole.map((column) => gather(column, at, rows)),
        rows,
        selection: null,
        selected: rows,
        eventTime: new Float64Array(rows).fill(closingMark(end)),
        sequence,
        late: null,
        ingestTime: Number.isFinite(now) ? now : end,
        windowStart: new Float64Array(rows).fill(start),
        windowEnd: new Float64Array(rows).fill(end),
      };
      this.#emitBatch(batch, out);
    }
  }

  #results(groups: GroupTable): readonly Column[] {
    return this.#calls.map(({ aggregate, from, to, type }) =>
      aggregate.finish(groups.accumulators.slice(from, to), groups.size, type),
    );
  }

  #emitBatch(inner: Batch, out: Emitter): void {
    const { keys, output } = this.#checked;
    const columns = [
      ...inner.columns.slice(0, keys.length),
      ...this.#fields.map((program) => program.evaluate(inner)),
    ];
    const results: Batch = { ...inner, schema: output, columns };
    if (this.#having === undefined) {
      out.emit(results);
      return;
    }
    // `having` sees output names and aggregates: the output's columns behind the inner ones.
    const both = { ...inner, columns: [...inner.columns, ...columns.slice(keys.length)] };
    const selected = selectTrue(this.#having.evaluate(both), both, this.#kept);
    if (selected > 0) out.emit({ ...results, selection: this.#kept, selected });
  }
}
