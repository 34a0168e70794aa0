/**
 * Since when there are accumulators and groups, counted in edits: what was added while a group was open has
 * not seen all of its records, and its value there is unknown.
 */
import type { Validity } from '../stream/column.ts';

export class Lives {
  /** Edits so far. */
  edits = 0;
  /** By accumulator: the edit that added it. */
  #since: readonly number[];

  constructor(accumulators: number) {
    this.#since = new Array(accumulators).fill(0);
  }

  /** @param from where each accumulator stood before; -1: it is new */
  edit(from: readonly number[]): void {
    this.edits++;
    this.#since = from.map((at) => (at === -1 ? this.edits : this.#since[at]));
  }

  /** Whether an accumulator has seen all of a group that was opened after so many edits. */
  whole(accumulator: number, opened: number): boolean {
    return this.#since[accumulator] <= opened;
  }

  /** The same for groups 0..count-1, as a validity. */
  allWhole(accumulator: number, opened: Int32Array, count: number): Validity {
    const since = this.#since[accumulator];
    if (since === 0) return null;
    const whole = new Uint8Array(count);
    for (let i = 0; i < count; i++) whole[i] = since <= opened[i] ? 1 : 0;
    return whole;
  }
}
