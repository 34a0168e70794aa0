/**
 * The first records of windows. Beside the groups of a pane its records are kept, and those that are not among
 * the first of their group in that pane are forgotten: they are so in no window. A window that closes takes
 * its panes together, oldest first.
 *
 * Results leave by end of window, then by group, in the order in which groups first came, then by rank. They
 * carry the time end - 1 us and are numbered from 0 in each window.
 */
import assert from 'node:assert';
import type { Program } from '../sql/expression.ts';
import { numbers } from '../sql/kernel.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { closingMark, type Watermark } from '../stream/watermark.ts';
import type { FixedWindow } from './aggregate-window.ts';
import { FixedWindows, startsOf } from './fixed-windows.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { GroupTable, Pane, WindowState } from './operator-state.ts';
import type { Checked } from './top-check.ts';
import { groupsIn, Ranking } from './top-ranking.ts';
import { TopResults } from './top-results.ts';

export class TopWindows implements Operator {
  readonly #window: FixedWindow;
  readonly #state: WindowState;
  readonly #windows: FixedWindows;
  readonly #keys: readonly Program[];
  readonly #ranking: Ranking;
  readonly #results: TopResults;
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);
  /** The same as a column: what is kept of a row says its group. */
  readonly #groups = new Float64Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, window: FixedWindow, state: WindowState) {
    this.#window = window;
    this.#state = state;
    this.#windows = new FixedWindows(checked.input, checked.lateTo, window, state);
    this.#keys = checked.keys.map(({ expression }) => compile(expression));
    this.#ranking = new Ranking(checked);
    this.#results = new TopResults(checked);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const keys = this.#keys.map((program) => program.evaluate(batch));
    if (this.#window.kind === 'same') keys.push(startsOf(batch));
    const group: Column = { type: 'long', values: this.#groups, valid: null };
    const columns = [...this.#ranking.columnsOf(batch), group];
    this.#windows.take(batch, out, (start, end, rows, count) => {
      const pane = this.#state.at(start, end);
      pane.locate(keys, rows, count, this.#ids);
      for (let k = 0; k < count; k++) {
        const row = rows === null ? k : rows[k];
        this.#groups[row] = this.#ids[row];
      }
      pane.rows.append(columns, rows, count);
      this.#ranking.prune(pane.rows, () => this.#groupsOf(pane), pane.size);
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

  #groupsOf({ rows }: GroupTable): Int32Array {
    return groupsIn(rows.columns()[this.#ranking.width], rows.size);
  }

  #emit(groups: GroupTable, end: Micros, out: Emitter): void {
    const columns = groups.rows.columns();
    const ranked = this.#ranking.first(columns, this.#groupsOf(groups), groups.size);
    const { times, starts, ends } = this.#results;
    // With `same` there is one more key, and it says where each group's window starts.
    const own = groups.keys()[this.#keys.length];
    const ownStarts = own === undefined ? undefined : numbers(own);
    const fill = (first: number, rows: number): void => {
      times.fill(closingMark(end), 0, rows);
      ends.fill(end, 0, rows);
      starts.fill(end - this.#window.size, 0, rows);
      if (ownStarts === undefined) return;
      for (let i = 0; i < rows; i++) starts[i] = ownStarts[ranked.groups[first + i]];
    };
    this.#results.emit(columns, ranked, fill, out);
  }

  /** What panes have together, groups of the earlier ones first. */
  #merged(panes: readonly Pane[]): GroupTable {
    const merged = this.#state.scratch(panes);
    for (const { groups } of panes) {
      const ids = groups.size <= BATCH_ROWS_MAX ? this.#ids : new Int32Array(groups.size);
      merged.locate(groups.keys(), null, groups.size, ids);
      const columns = groups.rows.columns();
      const values = Float64Array.from(this.#groupsOf(groups), (group) => ids[group]);
      const kept = [...columns.slice(0, this.#ranking.width)];
      kept.push({ type: 'long', values, valid: null });
      merged.rows.append(kept, null, groups.rows.size);
    }
    assert(merged.rows.size > 0, 'a pane has rows');
    return merged;
  }
}
