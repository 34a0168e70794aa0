/**
 * The open panes of one operator, a table each, in order of time. They are forgotten from the front, so
 * forgetting one costs nothing; a forgotten pane's table is emptied and serves the next one.
 */
import assert from 'node:assert';
import type { GroupTable, Pane, StateShape, WindowState } from '../operators/operator-state.ts';
import type { AccumulatorKind } from '../sql/accumulator.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, type Watermark } from '../stream/watermark.ts';
import { Lives } from './lives.ts';
import { Table } from './table.ts';

/** Emptied tables that wait: one for the window that opens as one closes, one for disorder at the border. */
const SPARE_TABLES_MAX = 2;

interface OpenPane extends Pane {
  readonly groups: Table;
}

export class Windows implements WindowState {
  readonly kind = 'windows';
  passed: Watermark = BEGINNING;
  #shape: StateShape & { readonly kind: 'windows' };
  readonly #seed: number;
  readonly #lives: Lives;
  readonly #byStart = new Map<Micros, OpenPane>();
  /** By time, from `#first` on; what lies before is forgotten. */
  #ordered: OpenPane[] = [];
  #first = 0;
  #spare: Table[] = [];
  #scratch: Table | undefined;

  constructor(shape: StateShape & { readonly kind: 'windows' }, seed: number) {
    this.#shape = shape;
    this.#seed = seed;
    this.#lives = new Lives(shape.accumulators.length);
  }

  at(start: Micros, end: Micros): GroupTable {
    const open = this.#byStart.get(start);
    if (open !== undefined) return open.groups;
    const groups = this.#spare.pop() ?? this.#newTable();
    groups.opened = this.#lives.edits;
    const pane = { start, end, groups };
    this.#byStart.set(start, pane);
    let at = this.#ordered.length;
    while (at > this.#first && this.#ordered[at - 1].start > start) at--;
    this.#ordered.splice(at, 0, pane);
    return groups;
  }

  first(): Pane | undefined {
    return this.#ordered[this.#first];
  }

  until(end: Micros): readonly Pane[] {
    let to = this.#first;
    while (to < this.#ordered.length && this.#ordered[to].end <= end) to++;
    return this.#ordered.slice(this.#first, to);
  }

  dropFirst(): void {
    const pane = this.#ordered[this.#first];
    assert(pane !== undefined, 'no pane is open');
    this.#byStart.delete(pane.start);
    this.#first++;
    // Cut off what is forgotten once it is the larger part: each pane is moved once on average.
    if (this.#first * 2 > this.#ordered.length) {
      this.#ordered = this.#ordered.slice(this.#first);
      this.#first = 0;
    }
    if (this.#byStart.size === 0) this.passed = BEGINNING;
    if (this.#spare.length === SPARE_TABLES_MAX) return;
    pane.groups.clear();
    this.#spare.push(pane.groups);
  }

  scratch(panes: readonly Pane[]): GroupTable {
    this.#scratch ??= this.#newTable();
    this.#scratch.clear();
    for (const { start } of panes) {
      const opened = this.#byStart.get(start)?.groups.opened ?? 0;
      this.#scratch.opened = Math.min(this.#scratch.opened, opened);
    }
    return this.#scratch;
  }

  adapt(accumulators: readonly AccumulatorKind[], from: readonly number[]): void {
    this.#shape = { ...this.#shape, accumulators };
    this.#lives.edit(from);
    for (const { groups } of this.#byStart.values()) groups.adapt(accumulators, from);
    this.#spare = [];
    this.#scratch = undefined;
  }

  open(): { readonly windows: number; readonly groups: number } {
    let groups = 0;
    for (const pane of this.#byStart.values()) groups += pane.groups.size;
    return { windows: this.#byStart.size, groups };
  }

  #newTable(): Table {
    const { keys, accumulators, columns } = this.#shape;
    return new Table(keys, accumulators, this.#seed, this.#lives, columns);
  }
}
