/** Rows that are among the first, as records: their fields, their ranks, cut into batches. */
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { gather } from './gather.ts';
import type { Emitter } from './operator.ts';
import type { Checked } from './top-check.ts';
import type { Ranked } from './top-ranking.ts';

export class TopResults {
  /** By row of the batch at hand: what the caller fills in. */
  readonly times = new Float64Array(BATCH_ROWS_MAX);
  readonly starts = new Float64Array(BATCH_ROWS_MAX);
  readonly ends = new Float64Array(BATCH_ROWS_MAX);
  readonly #sequence = new Float64Array(BATCH_ROWS_MAX);
  readonly #output: Checked['output'];
  readonly #fields: number;
  readonly #ranked: boolean;
  readonly #windowed: boolean;

  constructor({ input, output, ranked, window }: Checked) {
    this.#output = output;
    this.#fields = input.schema.fields.length;
    this.#ranked = ranked;
    this.#windowed = window.kind !== 'running';
  }

  /**
   * @param columns what is kept, the fields first
   * @param fill called before each batch: the first of its rows among the ranked, and how many they are
   */
  emit(
    columns: readonly Column[],
    ranked: Ranked,
    fill: (first: number, rows: number) => void,
    out: Emitter,
  ): void {
    for (let first = 0; first < ranked.count; first += BATCH_ROWS_MAX) {
      const rows = Math.min(BATCH_ROWS_MAX, ranked.count - first);
      const at = ranked.rows.subarray(first, first + rows);
      const fields = columns.slice(0, this.#fields).map((column) => gather(column, at, rows));
      if (this.#ranked) {
        const values = ranked.ranks.subarray(first, first + rows);
        fields.push({ type: 'long', values, valid: null });
      }
      fill(first, rows);
      for (let i = 0; i < rows; i++) this.#sequence[i] = first + i;
      const batch: Batch = {
        schema: this.#output,
        columns: fields,
        rows,
        selection: null,
        selected: rows,
        eventTime: this.times,
        sequence: this.#sequence,
        late: null,
        lateBy: null,
        ingestTime: out.now,
        windowStart: this.#windowed ? this.starts : null,
        windowEnd: this.#windowed ? this.ends : null,
      };
      out.emit(batch);
    }
  }
}
