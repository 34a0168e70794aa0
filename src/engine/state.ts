/** Makes the state an operator asks for, and knows when it will want to be looked at again. */
import type { GroupTable, OpenWindow, State, StateShape } from '../operators/operator.ts';
import type { Micros } from '../stream/time.ts';
import { closingMark, END, type Watermark } from '../stream/watermark.ts';
import { Table } from './table.ts';

export type EngineState = State & {
  /** The exclusive end of the window that closes first; Infinity: none is open. */
  earliestEnd(): Micros;
  open(): { readonly windows: number; readonly groups: number };
};

/** Closed windows' tables that are kept for the next ones. */
const SPARE_TABLES = 2;

export function createState(shape: StateShape): EngineState {
  if (shape.kind === 'none') {
    return { kind: 'none', earliestEnd: () => END, open: () => ({ windows: 0, groups: 0 }) };
  }
  return new Windows(shape);
}

interface Window extends OpenWindow {
  readonly groups: Table;
}

class Windows {
  readonly kind = 'windows';
  readonly #shape: StateShape & { kind: 'windows' };
  readonly #windows = new Map<Micros, Window>();
  readonly #spare: Table[] = [];
  #earliest: Micros = END;

  constructor(shape: StateShape & { kind: 'windows' }) {
    this.#shape = shape;
  }

  at(start: Micros, end: Micros): GroupTable {
    let window = this.#windows.get(start);
    if (window === undefined) {
      const { keys, accumulators } = this.#shape;
      window = { start, end, groups: this.#spare.pop() ?? new Table(keys, accumulators) };
      this.#windows.set(start, window);
      this.#earliest = Math.min(this.#earliest, end);
    }
    return window.groups;
  }

  closed(mark: Watermark): readonly OpenWindow[] {
    if (mark < closingMark(this.#earliest)) return [];
    return [...this.#windows.values()]
      .filter((window) => mark >= closingMark(window.end))
      .sort((a, b) => a.end - b.end || a.start - b.start);
  }

  drop(window: OpenWindow): void {
    const own = this.#windows.get(window.start);
    if (own === undefined) return;
    this.#windows.delete(window.start);
    if (this.#spare.length < SPARE_TABLES) {
      own.groups.clear();
      this.#spare.push(own.groups);
    }
    this.#earliest = END;
    for (const { end } of this.#windows.values()) this.#earliest = Math.min(this.#earliest, end);
  }

  earliestEnd(): Micros {
    return this.#earliest;
  }

  open(): { windows: number; groups: number } {
    let groups = 0;
    for (const window of this.#windows.values()) groups += window.groups.size;
    return { windows: this.#windows.size, groups };
  }
}
