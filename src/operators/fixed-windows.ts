/**
 * Windows of one size, whatever is kept in their panes: which pane a record belongs to, and which window closes
 * next. With `same` all windows of the input that have one end are a pane, and where they start is one more key.
 */
import assert from 'node:assert';
import type { Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, closingMark, END, least, type Watermark } from '../stream/watermark.ts';
import type { FixedWindow } from './aggregate-window.ts';
import { LateRecords } from './late.ts';
import type { Emitter, InputStream, Marks } from './operator.ts';
import type { Pane, WindowState } from './operator-state.ts';
import { Panes } from './panes.ts';
import { type TakePane, WindowSplit } from './window-split.ts';

export class FixedWindows {
  readonly #window: FixedWindow;
  readonly #state: WindowState;
  readonly #panes: Panes;
  readonly #split: WindowSplit;
  readonly #late: LateRecords;

  /** @param lateTo the stream of late records; undefined: they are let go */
  constructor(
    input: InputStream,
    lateTo: string | undefined,
    window: FixedWindow,
    state: WindowState,
  ) {
    this.#window = window;
    this.#state = state;
    this.#panes = new Panes(window.size, window.every, window.offset);
    this.#split = new WindowSplit(this.#panes);
    this.#late = new LateRecords(input, lateTo);
  }

  /** Hands over the records of a batch that are on time, pane by pane. */
  take(batch: Batch, out: Emitter, take: TakePane): void {
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

  /**
   * Closes windows as far as time has come, by their ends, and forgets panes that are in none that is open.
   * @param emit given the panes of a window, oldest first; there is one at least
   */
  close({ inputs, now }: Marks, emit: (panes: readonly Pane[], end: Micros) => void): Watermark {
    const mark = this.#window.kind === 'batch' ? closingMark(now) : least(inputs);
    for (let end = this.#nextEnd(); end !== END && mark >= closingMark(end); ) {
      const panes = this.#state.until(end);
      assert(panes.length > 0, 'a window that closes has a pane');
      emit(panes, end);
      this.#forget(panes, end);
      end = this.#nextEnd();
    }
    return mark;
  }

  /** As of an operator. */
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

  #forget(panes: readonly Pane[], end: Micros): void {
    this.#state.passed = closingMark(end);
    for (const pane of panes) {
      if (this.#panes.lastEnd(pane.start) > end) return;
      this.#state.dropFirst();
    }
  }
}

/** Where the windows start that records come from: the key that `same` adds. */
export function startsOf({ windowStart }: Batch): Column {
  assert(windowStart !== null, 'what it reads has windows');
  return { type: 'timestamp', values: windowStart, valid: null };
}
