/**
 * The columns in which an aggregate keeps its running values, one slot a group. The engine owns and
 * grows them; an aggregate's kernels read and write them by group id.
 */
import { strict as assert } from 'node:assert';
import type { StringColumn } from '../stream/column.ts';
import type { Collected } from './collected.ts';

export type AccumulatorKind = 'number' | 'flag' | 'bytes' | 'values';

export interface ValuesAccumulator {
  readonly kind: 'values';
  /** 32 bits that nobody outside knows, for hashes. */
  readonly seed: number;
  values: (Collected | null)[]; // null in a new group
}

export type Accumulator =
  | { readonly kind: 'number'; values: Float64Array } // 0 in a new group
  | { readonly kind: 'flag'; values: Uint8Array } // 0 in a new group
  | { readonly kind: 'bytes'; values: (Uint8Array | null)[] } // null in a new group
  | ValuesAccumulator;

export function numbersOf(accumulator: Accumulator): Float64Array {
  assert(accumulator.kind === 'number');
  return accumulator.values;
}

export function flagsOf(accumulator: Accumulator): Uint8Array {
  assert(accumulator.kind === 'flag');
  return accumulator.values;
}

export function valuesOf(accumulator: Accumulator): ValuesAccumulator {
  assert(accumulator.kind === 'values');
  return accumulator;
}

/** Kept texts as a column of copies; null is NULL. */
export function textsOf(kept: readonly (Uint8Array | null)[], groups: number): StringColumn {
  const starts = new Int32Array(groups);
  const ends = new Int32Array(groups);
  const valid = new Uint8Array(groups);
  let size = 0;
  for (let id = 0; id < groups; id++) size += kept[id]?.length ?? 0;
  const bytes = new Uint8Array(size);
  let used = 0;
  for (let id = 0; id < groups; id++) {
    const text = kept[id];
    starts[id] = used;
    if (text !== null) {
      bytes.set(text, used);
      used += text.length;
      valid[id] = 1;
    }
    ends[id] = used;
  }
  return { type: 'string', bytes, starts, ends, valid };
}
