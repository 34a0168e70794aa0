/** The keys of a join's records: hashed once, to be looked up on one side and kept on another. NULL equals nothing. */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { KeyedRows, RowState } from './operator-state.ts';

/** Of records that no one looks up: they only wait. */
export const NO_KEYS = { keys: [], hashes: new Int32Array(BATCH_ROWS_MAX).fill(-1) } as const;

export class JoinKeys {
  readonly #state: RowState;
  #hashes = new Int32Array(BATCH_ROWS_MAX);
  #present = new Int32Array(BATCH_ROWS_MAX);

  constructor(state: RowState) {
    this.#state = state;
  }

  /**
   * Rows as they are looked up and kept, those with a NULL in their key never to be found; valid until the next call.
   * @param rows positions, no more than a batch has; null: rows 0..count-1
   */
  of(
    keys: readonly Column[],
    times: Float64Array,
    rows: Int32Array | null,
    count: number,
  ): KeyedRows {
    // Kept rows may lie farther back than a batch is long.
    if (this.#hashes.length < times.length) this.#hashes = new Int32Array(times.length);
    const hashes = this.#hashes;
    let named = rows;
    let some = count;
    for (const { valid } of keys) {
      if (valid === null) continue;
      let present = 0;
      for (let k = 0; k < some; k++) {
        const row = named === null ? k : named[k];
        if (valid[row] === 1) this.#present[present++] = row;
        else hashes[row] = -1;
      }
      named = this.#present;
      some = present;
    }
    this.#state.hash(keys, named, some, hashes);
    return { keys, hashes, times, rows, count };
  }
}
