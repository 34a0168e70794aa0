/**
 * `aggregate`: one result for each window and group, when the window closes.
 *
 *   tumble D   the window of a record is [s, s + D) by its event time; closes when W >= s + D - 1 us
 *   batch D    the same by arrival; closes when log time has reached s + D; nothing is late
 *
 * Results leave by end of window, then in order of each group's first arrival, with the time end - 1 us,
 * numbered from 0 in each window: however the log was cut into batches, they are the same.
 */
import assert from 'node:assert';
import type { Accumulator } from '../sql/accumulator.ts';
import { type AggregateDefinition, aggregates } from '../sql/aggregates.ts';
import type { Program } from '../sql/expression.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { typeText } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, closingMark, END, least, type Watermark } from '../stream/watermark.ts';
import { windowStart } from '../stream/window.ts';
import { type Call, type Checked, checkAggregate, type Spec } from './aggregate-check.ts';
import { aggregateSchema } from './aggregate-schema.ts';
import { describeAggregate } from './aggregate-words.ts';
import { LateRecords, lateReads, lateStream } from './late.ts';
import type {
  Carry,
  Emitter,
  GroupTable,
  Marks,
  OpenWindow,
  Operator,
  OperatorDefinition,
  State,
  WindowState,
} from './operator.ts';
import { sliceColumn } from './slice-column.ts';
import { readsOf } from './spec.ts';
import { WindowSplit } from './window-split.ts';

export const aggregate: OperatorDefinition<Spec, Checked> = {
  type: 'aggregate',
  summary: 'Counts, sums and compares records by window and group.',
  schema: aggregateSchema,
  streams: (name, { late_to: lateTo }) => [name, ...(typeof lateTo === 'string' ? [lateTo] : [])],
  check: checkAggregate,
  output: ({ output }) => ({
    schema: output,
    windowed: true,
    stateless: false,
    progress: 'watermark',
  }),
  further: ({ input, lateTo }) =>
    new Map(lateTo === undefined ? [] : [[lateTo, lateStream(input)]]),
  reads({ input, keys, calls, lateTo }, _, __, further) {
    const reads = readsOf([
      ...keys.map((key) => key.expression),
      ...calls.flatMap((call) => call.argument ?? []),
    ]);
    for (const column of lateReads(input, further.get(lateTo ?? ''))) reads.add(column);
    return reads;
  },
  state: ({ keys, calls, window }) => ({
    kind: 'windows',
    keys: keys.map((key) => key.expression.type),
    accumulators: calls.flatMap(kindsOf),
    time: window.time,
  }),
  carry: carryOf,
  describe: (checked, around) => describeAggregate(checked, kindsIn(checked), around),
  open: (checked, state) => new Aggregate(checked, state),
};

/** A group goes on while it is the same window, key and accumulators that it was made with. */
function carryOf(before: Checked, after: Checked): Carry {
  const windowText = ({ window }: Checked): string => JSON.stringify(window);
  const keyText = ({ keys }: Checked): string =>
    keys.map(({ expression }) => `${expression.text}: ${typeText(expression.type)}`).join(', ');
  const callText = ({ calls }: Checked): string =>
    calls
      .map(({ name, argument, type }) => `${name}(${argument?.text ?? '*'}): ${typeText(type)}`)
      .join(', ');
  const reset = (because: string): Carry => ({ kind: 'reset', because });
  if (windowText(before) !== windowText(after)) return reset('its window is another one');
  if (keyText(before) !== keyText(after)) {
    return reset(`it was grouped by ${keyText(before)} and is by ${keyText(after)}`);
  }
  if (callText(before) !== callText(after)) {
    return reset(`it kept ${callText(before)} and keeps ${callText(after)}`);
  }
  return { kind: 'kept' };
}

function definitionOf({ name }: Call): AggregateDefinition {
  const found = aggregates.get(name);
  assert(found !== undefined, `there is no aggregate ${name}`);
  return found;
}

function kindsIn({ calls }: Checked) {
  return calls.flatMap(kindsOf);
}

function kindsOf(call: Call) {
  return definitionOf(call).accumulators(call.argument?.type);
}

/** An aggregate at work: which accumulators of a table are its own. */
class Running {
  readonly #call: Call;
  readonly #definition: AggregateDefinition;
  readonly #argument: Program | undefined;
  readonly #from: number;
  readonly #to: number;

  constructor(call: Call, from: number) {
    this.#call = call;
    this.#definition = definitionOf(call);
    this.#argument = call.argument && compile(call.argument);
    this.#from = from;
    this.#to = from + kindsOf(call).length;
  }

  evaluate(batch: Batch): Column | undefined {
    return this.#argument?.evaluate(batch);
  }

  update(
    groups: GroupTable,
    argument: Column | undefined,
    rows: Int32Array | null,
    count: number,
    ids: Int32Array,
  ): void {
    this.#definition.update(this.#kept(groups), argument, { rows, count, ids });
  }

  finish(groups: GroupTable): Column {
    return this.#definition.finish(this.#kept(groups), groups.size, this.#call.type);
  }

  #kept({ accumulators }: GroupTable): readonly Accumulator[] {
    return accumulators.slice(this.#from, this.#to);
  }
}

class Aggregate implements Operator {
  readonly #checked: Checked;
  readonly #windows: WindowState;
  readonly #keys: readonly Program[];
  readonly #calls: readonly Running[];
  readonly #fields: readonly Program[];
  readonly #having: Program | undefined;
  readonly #split: WindowSplit;
  readonly #late: LateRecords;
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);
  /** Columns of a batch of results that have one value in all rows, and their numbers. */
  readonly #times = new Float64Array(BATCH_ROWS_MAX);
  readonly #starts = new Float64Array(BATCH_ROWS_MAX);
  readonly #ends = new Float64Array(BATCH_ROWS_MAX);
  readonly #sequence = new Float64Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, state: State) {
    assert(state.kind === 'windows', 'an aggregate keeps windows');
    const { input, keys, calls, fields, having, window, lateTo } = checked;
    this.#checked = checked;
    this.#windows = state;
    this.#keys = keys.map(({ expression }) => compile(expression));
    let from = 0;
    this.#calls = calls.map((call) => {
      const running = new Running(call, from);
      from += kindsOf(call).length;
      return running;
    });
    this.#fields = fields.map(({ expression }) => compile(expression));
    this.#having = having && compile(having);
    this.#late = new LateRecords(input, lateTo);
    this.#split = new WindowSplit(window.size, window.offset);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const keys = this.#keys.map((program) => program.evaluate(batch));
    const columns = this.#calls.map((call) => call.evaluate(batch));
    const { size, offset, time } = this.#checked.window;
    const take = (start: Micros, rows: Int32Array | null, count: number): void => {
      const groups = this.#windows.at(start, start + size);
      groups.locate(keys, rows, count, this.#ids);
      for (let i = 0; i < columns.length; i++) {
        this.#calls[i].update(groups, columns[i], rows, count, this.#ids);
      }
    };
    if (time === 'arrival') {
      const { ingestTime, selection, selected } = batch;
      if (selected > 0) take(windowStart(ingestTime, size, offset), selection, selected);
    } else {
      const { eventTime, selection, selected } = this.#late.divert(batch, out);
      this.#split.split(eventTime, selection, selected, take);
    }
  }

  onTime({ inputs, now }: Marks, out: Emitter): Watermark {
    const mark = this.#checked.window.time === 'arrival' ? closingMark(now) : least(inputs);
    for (const window of this.#windows.closed(mark)) {
      this.#emit(window, out);
      this.#windows.drop(window);
    }
    return mark;
  }

  closingMark(time: Micros): Watermark {
    const { size, offset, time: by } = this.#checked.window;
    return by === 'arrival' ? BEGINNING : closingMark(windowStart(time, size, offset) + size);
  }

  pending(): Watermark {
    const end = this.#windows.earliestEnd();
    return this.#checked.window.time === 'arrival' || end === END ? END : closingMark(end);
  }

  due(): Micros {
    return this.#checked.window.time === 'arrival' ? this.#windows.earliestEnd() : END;
  }

  #emit({ start, end, groups }: OpenWindow, out: Emitter): void {
    const keys = groups.keys();
    const results = this.#calls.map((call) => call.finish(groups));
    const { output } = this.#checked;
    // Most windows have few groups: filling whole arrays would cost more than all the rest.
    const most = Math.min(BATCH_ROWS_MAX, groups.size);
    this.#times.fill(closingMark(end), 0, most);
    this.#starts.fill(start, 0, most);
    this.#ends.fill(end, 0, most);
    for (let first = 0; first < groups.size; first += BATCH_ROWS_MAX) {
      const rows = Math.min(BATCH_ROWS_MAX, groups.size - first);
      const columns = new Array<Column>(output.fields.length + results.length);
      keys.forEach((key, i) => {
        columns[i] = sliceColumn(key, first, rows);
      });
      results.forEach((result, i) => {
        columns[output.fields.length + i] = sliceColumn(result, first, rows);
      });
      for (let i = 0; i < rows; i++) this.#sequence[i] = first + i;
      this.#emitBatch(columns, rows, end, out);
    }
  }

  /** @param columns keys, room for the fields, results of aggregates */
  #emitBatch(columns: Column[], rows: number, end: Micros, out: Emitter): void {
    const { output } = this.#checked;
    // The batch that expressions read: behind the output's columns it has the results.
    const groups: Batch = {
      schema: output,
      columns,
      rows,
      selection: null,
      selected: rows,
      eventTime: this.#times,
      sequence: this.#sequence,
      late: null,
      lateBy: null,
      ingestTime: end,
      windowStart: this.#starts,
      windowEnd: this.#ends,
    };
    this.#fields.forEach((program, i) => {
      columns[this.#keys.length + i] = program.evaluate(groups);
    });
    const results: Batch = { ...groups, columns: columns.slice(0, output.fields.length) };
    if (this.#having === undefined) {
      out.emit(results);
      return;
    }
    const selected = selectTrue(this.#having.evaluate(groups), groups, this.#rows);
    if (selected > 0) out.emit({ ...results, selection: this.#rows, selected });
  }
}
