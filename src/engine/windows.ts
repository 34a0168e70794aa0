/**
 * The open windows of one operator, a table each, in order of their ends. Windows close from the front, so
 * forgetting one costs nothing; a closed window's table is emptied and serves the next one.
 */
import assert from 'node:assert';
import type { GroupTable, OpenWindow, StateShape, WindowState } from '../operators/operator.ts';
import type { Micros } from '../stream/time.ts';
import { closingMark, END, type Watermark } from '../stream/watermark.ts';
import { Table } from './table.ts';

/** Emptied tables that wait: one for the window that opens as one closes, one for disorder at the border. */
const SPARE_TABLES_MAX = 2;

interface Window extends OpenWindow {
  readonly groups: Table;
}

export class Windows implements WindowState {
  readonly kind = 'windows';
  readonly #shape: StateShape & { readonly kind: 'windows' };
  readonly #seed: number;
  readonly #byStart = new Map<Micros, Window>();
  /** By end, from `#first` on; what lies before is closed. */
  #ordered: Window[] = [];
  #first = 0;
  readonly #spare: Table[] = [];

  constructor(shape: StateShape & { readonly kind: 'windows' }, seed: number) {
    this.#shape = shape;
    this.#seed = seed;
  }

  at(start: Micros, end: Micros): GroupTable {
    const open = this.#byStart.get(start);
    if (open !== undefined) return open.groups;
    const { keys, accumulators } = this.#shape;
    const groups = this.#spare.pop() ?? new Table(keys, accumulators, this.#seed);
    const window = { start, end, groups };
    this.#byStart.set(start, window);
    let at = this.#ordered.length;
    while (at > this.#first && this.#ordered[at - 1].end > end) at--;
    this.#ordered.splice(at, 0, window);
    return groups;
  }

  closed(mark: Watermark): readonly OpenWindow[] {
    let to = this.#first;
    while (to < this.#ordered.length && mark >= closingMark(this.#ordered[to].end)) to++;
    return this.#ordered.slice(this.#first, to);
  }

  drop({ start }: OpenWindow): void {
    const window = this.#ordered[this.#first];
    assert(window?.start === start, 'windows close in order of their ends');
    this.#byStart.delete(start);
    this.#first++;
    // Cut off what is closed once it is the larger part: each window is moved once on average.
    if (this.#first * 2 > this.#ordered.length) {
      this.#ordered = this.#ordered.slice(this.#first);
      this.#first = 0;
    }
    if (this.#spare.length === SPARE_TABLES_MAX) return;
    window.groups.clear();
    this.#spare.push(window.groups);
  }

  earliestEnd(): Micros {
    return this.#ordered[this.#first]?.end ?? END;
  }

  open(): { readonly windows: number; readonly groups: number } {
    let groups = 0;
    for (const window of this.#byStart.values()) groups += window.groups.size;
    return { windows: this.#byStart.size, groups };
  }
}
