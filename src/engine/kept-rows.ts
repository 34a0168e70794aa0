/**
 * Rows in order of arrival, of which those that matter no more are forgotten from anywhere between the others.
 * Who forgets them does so rarely, when they are the larger part, so that each row is moved once on average.
 */
import type { RowList } from '../operators/operator-state.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { type ColumnStore, columnStore } from './column-store.ts';

/** Beside as many rows as were left, so many may be there before some are forgotten: looking for them costs a pass. */
const SLACK_ROWS = 4096;

export class KeptRows implements RowList {
  size = 0;
  /** How many were left when rows were last forgotten. */
  #left = 0;
  readonly #types: readonly DataType[];
  #stores: readonly ColumnStore[];

  constructor(types: readonly DataType[]) {
    this.#types = types;
    this.#stores = types.map(columnStore);
  }

  get grown(): boolean {
    return this.size >= 2 * this.#left + SLACK_ROWS;
  }

  append(columns: readonly Column[], rows: Int32Array | null, count: number): void {
    for (let i = 0; i < columns.length; i++) this.#stores[i].append(columns[i], rows, count);
    this.size += count;
  }

  columns(): readonly Column[] {
    return this.#stores.map((store) => store.column());
  }

  keep(at: Int32Array, count: number): void {
    if (count < this.size) {
      const stores = this.#types.map(columnStore);
      stores.forEach((store, i) => {
        store.append(this.#stores[i].column(), at, count);
      });
      this.#stores = stores;
    }
    this.size = count;
    this.#left = count;
  }
}
