/**
 * Windows of one size: `tumble`, `hop` and, by arrival, `batch`. The records of a pane are taken together as
 * they come; a window that closes merges its panes, oldest first.
 *
 * Results leave by end of window, then in the order in which groups first came: in the earliest pane that has
 * them, by arrival there. They carry the time end - 1 us and are numbered from 0 in each window. However the
 * log was cut into batches, they are the same.
 */
import type { Program } from '../sql/expression.ts';
import { numbers } from '../sql/kernel.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { closingMark, type Watermark } from '../stream/watermark.ts';
import { Calls } from './aggregate-calls.ts';
import type { Checked } from './aggregate-check.ts';
import { Results } from './aggregate-results.ts';
import type { FixedWindow } from './aggregate-window.ts';
import { FixedWindows, startsOf } from './fixed-windows.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { Groups, Pane, WindowState } from './operator-state.ts';

export class AggregateWindows implements Operator {
  readonly #window: FixedWindow;
  readonly #state: WindowState;
  readonly #windows: FixedWindows;
  readonly #keys: readonly Program[];
  readonly #calls: Calls;
  readonly #results: Results;
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, window: FixedWindow, state: WindowState) {
    const { input, keys, calls, lateTo } = checked;
    this.#window = window;
    this.#state = state;
    this.#windows = new FixedWindows(input, lateTo, window, state);
    this.#keys = keys.map(({ expression }) => compile(expression));
    this.#calls = new Calls(calls);
    this.#results = new Results(checked);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const keys = this.#keys.map((program) => program.evaluate(batch));
    if (this.#window.kind === 'same') keys.push(startsOf(batch));
    this.#calls.evaluate(batch);
    this.#windows.take(batch, out, (start, end, rows, count) => {
      const groups = this.#state.at(start, end);
      groups.locate(keys, rows, count, this.#ids);
      this.#calls.update(groups, { rows, count, ids: this.#ids });
    });
  }

  onTime(marks: Marks, out: Emitter): Watermark {
    return this.#windows.close(marks, (panes, end) => {
      this.#emit(panes.length === 1 ? panes[0].groups : this.#merged(panes), end, out);
    });
  }

  closingMark(time: Micros): Watermark {
    return this.#windows.closingMark(time);
  }

  pending(): Watermark {
    return this.#windows.pending();
  }

  due(): Micros {
    return this.#windows.due();
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
