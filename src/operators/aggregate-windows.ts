/**
 * Windows of one size: `tumble`, `hop` and, by arrival, `batch`. The records of a pane are taken together as
 * they come; a window that closes merges its panes, oldest first. With `same` all windows of the input that
 * have one end are a pane, and where they start is one more key.
 *
 * Results leave by end of window, then in the order in which groups first came: in the earliest pane that has
 * them, by arrival there. They carry the time end - 1 us and are numbered from 0 in each window. However the
 * log was cut into batches, they are the same.
 */
import assert from 'node:assert';
import type { Program } from '../sql/expression.ts';
import { numbers } from '../sql/kernel.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, closingMark, END, least, type Watermark } from '../stream/watermark.ts';
import { Calls } from './aggregate-calls.ts';
import type { Checked } from './aggregate-check.ts';
import { Results } from './aggregate-results.ts';
import type { FixedWindow } from './aggregate-window.ts';
import { LateRecords } from './late.ts';
import type { Emitter, Groups, Marks, Operator, Pane, WindowState } from './operator.ts';
import { Panes } from './panes.ts';
import { WindowSplit } from './window-split.ts';

export class AggregateWindows implements Operator {
  readonly #window: FixedWindow;
  readonly #state: WindowState;
  readonly #panes: Panes;
  readonly #keys: readonly Program[];
  readonly #calls: Calls;
  readonly #results: Results;
  readonly #split: WindowSplit;
  readonly #late: LateRecords;
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, window: FixedWindow, state: WindowState) {
    const { input, keys, calls, lateTo } = checked;
    this.#window = window;
    this.#state = state;
    this.#panes = new Panes(window.size, window.every, window.offset);
    this.#keys = keys.map(({ expression }) => compile(expression));
    this.#calls = new Calls(calls);
    this.#results = new Results(checked);
    this.#late = new LateRecords(input, lateTo);
    this.#split = new WindowSplit(this.#panes);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const keys = this.#keys.map((program) => program.evaluate(batch));
    if (this.#window.kind === 'same') keys.push(startsOf(batch));
    this.#calls.evaluate(batch);
    const take = (start: Micros, end: Micros, rows: Int32Array | null, count: number): void => {
      const groups = this.#state.at(start, end);
      groups.locate(keys, rows, count, this.#ids);
      this.#calls.update(groups, { rows, count, ids: this.#ids });
    };
    if (this.#window.kind === 'batch') {
      const { ingestTime, selection, selected } = batch;
      if (selected === 0) return;
      this.#panes.seek(ingestTime);
      take(this.#panes.start, this.#panes.end, selection, selected);
    } else {
      const { eventTime, selection, selected } = this.#late.divert(batch, out);
      this.#split.split(eventTime, selection, selected, take);
    }
  }

  onTime({ inputs, now }: Marks, out: Emitter): Watermark {
    const mark = this.#window.kind === 'batch' ? closingMark(now) : least(inputs);
    for (let end = this.#nextEnd(); end !== END && mark >= closingMark(end); ) {
      this.#close(end, out);
      end = this.#nextEnd();
    }
    return mark;
  }

  closingMark(time: Micros): Watermark {
    return this.#window.kind === 'batch' ? BEGINNING : closingMark(this.#panes.lastEnd(time));
  }

  pending(): Watermark {
    return this.#window.kind === 'batch' ? END : closingMark(this.#nextEnd());
  }

  due(): Micros {
    return this.#window.kind === 'batch' ? this.#nextEnd() : END;
  }

  /** The end of the window that closes first; END: none is open. */
  #nextEnd(): Micros {
    const first = this.#state.first();
    if (first === undefined) return END;
    // Of the windows that hold the first pane, those up to `passed` have left.
    return this.#panes.endAfter(Math.max(first.start, this.#state.passed + 1));
  }

  #close(end: Micros, out: Emitter): void {
    const panes = this.#state.until(end);
    assert(panes.length > 0, 'a window that closes has a pane');
    this.#emit(panes.length === 1 ? panes[0].groups : this.#merged(panes), end, out);
    this.#state.passed = closingMark(end);
    for (const pane of panes) {
      if (this.#panes.lastEnd(pane.start) > end) return;
      this.#state.dropFirst();
    }
  }

  #emit(groups: Groups, end: Micros, out: Emitter): void {
    const { times, starts, ends, sequence } = this.#results;
    const keys = groups.keys().slice(0, this.#keys.length);
    // With `same` there is one more, and it says where each group's window starts.
    const own = groups.keys()[this.#keys.length];
    const fill = (first: number, rows: number): void => {
      times.fill(closingMark(end), 0, rows);
      if (own === undefined) starts.fill(end - this.#window.size, 0, rows);
      else starts.set(numbers(own).subarray(first, first + rows));
      ends.fill(end, 0, rows);
      for (let i = 0; i < rows; i++) sequence[i] = first + i;
    };
    this.#results.emit(keys, this.#calls.finish(groups), groups.size, fill, out);
  }

  /** What panes have together, groups of the earlier ones first. */
  #merged(panes: readonly Pane[]): Groups {
    const merged = this.#state.scratch(panes);
    for (const { groups } of panes) {
      const ids = groups.size <= BATCH_ROWS_MAX ? this.#ids : new Int32Array(groups.size);
      merged.locate(groups.keys(), null, groups.size, ids);
      this.#calls.merge(merged, groups, { rows: null, count: groups.size, ids });
    }
    return merged;
  }
}

function startsOf({ windowStart }: Batch): Column {
  assert(windowStart !== null, 'what it reads has windows');
  return { type: 'timestamp', values: windowStart, valid: null };
}
