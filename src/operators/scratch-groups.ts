/** Groups that live for one call only: numbered by whoever fills them, without keys. */
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { Validity } from '../stream/column.ts';
import type { Groups } from './operator-state.ts';

export class ScratchGroups implements Groups {
  size = 0;
  readonly accumulators: readonly Accumulator[];

  /**
   * @param room how many groups there may be
   * @param seed of hashes
   */
  constructor(kinds: readonly AccumulatorKind[], room: number, seed: number) {
    this.accumulators = kinds.map((kind) => accumulator(kind, room, seed));
  }

  /** Groups 0..size-1, all empty. */
  begin(size: number): void {
    this.size = size;
    for (const one of this.accumulators) {
      if (one.kind === 'number' || one.kind === 'flag') one.values.fill(0, 0, size);
      else one.values.fill(null, 0, size);
    }
  }

  keys(): [] {
    return [];
  }

  whole(): Validity {
    return null;
  }
}

function accumulator(kind: AccumulatorKind, room: number, seed: number): Accumulator {
  switch (kind) {
    case 'number':
      return { kind, values: new Float64Array(room) };
    case 'flag':
      return { kind, values: new Uint8Array(room) };
    case 'bytes':
      return { kind, values: new Array<Uint8Array | null>(room).fill(null) };
    case 'values':
      return { kind, seed, values: new Array(room).fill(null) };
  }
}
