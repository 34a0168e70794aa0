/**
 * A stream at run time: what a lane or a stage emits, and who reads it. Depth first, in the order the
 * plan gives, which depends on names and never on places in the file.
 */
import type { Batch } from '../stream/batch.ts';

/** A stage or an exit, from the side of the stream. */
export interface Reader {
  read(batch: Batch, input: number): void;
}

export class Port {
  readonly stream: string;
  /** Records emitted under this plan. */
  records = 0;
  #readers: readonly { readonly reader: Reader; readonly input: number }[] = [];

  constructor(stream: string) {
    this.stream = stream;
  }

  connect(readers: readonly { readonly reader: Reader; readonly input: number }[]): void {
    this.#readers = readers;
  }

  emit(batch: Batch): void {
    if (batch.selected === 0) return;
    this.records += batch.selected;
    for (const { reader, input } of this.#readers) reader.read(batch, input);
  }
}
