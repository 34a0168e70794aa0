/**
 * Late records at a lane, or at an operator that closes or forgets by time: they are counted and let go, or, if the author
 * named a stream for them, leave on it with `_late_by`, how much longer their lane would have had to wait.
 */
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { INTERVAL } from '../stream/schema.ts';
import type { Emitter, InputStream, OutputStream } from './operator.ts';

/** The stream that the late records of an input go to. */
export function lateStream({ schema, windowed, stateless }: InputStream): OutputStream {
  const lateBy = { name: '_late_by', type: INTERVAL, nullable: false };
  // Being late, they say nothing of how far time has come.
  return { schema: { fields: [...schema.fields, lateBy] }, windowed, stateless, progress: 'none' };
}

/** Columns of the input that its late records need, of those that are read of their stream. */
export function lateReads(input: InputStream, wanted: ReadonlySet<number> = new Set()): number[] {
  return [...wanted].filter((column) => column < input.schema.fields.length);
}

export class LateRecords {
  readonly #stream: string | undefined;
  readonly #schema: OutputStream['schema'];
  /** Of a stream whose records come at any time none is late, though all of them may have been so at their lane. */
  readonly #timeless: boolean;
  readonly #onTime = new Int32Array(BATCH_ROWS_MAX);
  readonly #late = new Int32Array(BATCH_ROWS_MAX);

  /** @param stream the one they go to; undefined: they are let go */
  constructor(input: InputStream, stream: string | undefined) {
    this.#stream = stream;
    this.#schema = lateStream(input).schema;
    this.#timeless = input.progress === 'none';
  }

  /** @returns the records that are on time, valid until the next call */
  divert(batch: Batch, out: Pick<Emitter, 'emit' | 'drop'>): Batch {
    const { late, lateBy, selection, selected } = batch;
    if (late === null || lateBy === null) return batch;
    if (this.#timeless) return { ...batch, late: null, lateBy: null };
    let onTime = 0;
    let behind = 0;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      this.#onTime[onTime] = row;
      this.#late[behind] = row;
      onTime += late[row] ^ 1;
      behind += late[row];
    }
    if (behind === 0) return { ...batch, late: null, lateBy: null };
    out.drop('late', behind);
    if (this.#stream !== undefined) {
      const columns = [
        ...batch.columns,
        { type: 'interval' as const, values: lateBy, valid: null },
      ];
      const records = { ...batch, schema: this.#schema, columns };
      out.emit({ ...records, selection: this.#late, selected: behind }, this.#stream);
    }
    return { ...batch, selection: this.#onTime, selected: onTime, late: null, lateBy: null };
  }
}
