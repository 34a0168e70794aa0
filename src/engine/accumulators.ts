/** Memory of accumulators, by group id: how it is made, grows, is emptied and is picked from. */
import assert from 'node:assert';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';

/**
 * @param room groups it has room for, all of them new
 * @param seed of hashes, 32 bits
 */
export function newAccumulator(kind: AccumulatorKind, room: number, seed: number): Accumulator {
  if (kind === 'number') return { kind, values: new Float64Array(room) };
  if (kind === 'flag') return { kind, values: new Uint8Array(room) };
  if (kind === 'values') return { kind, seed, values: new Array(room).fill(null) };
  return { kind, values: new Array<Uint8Array | null>(room).fill(null) };
}

export function growAccumulator(accumulator: Accumulator, room: number): void {
  if (accumulator.kind === 'number') {
    const values = new Float64Array(room);
    values.set(accumulator.values);
    accumulator.values = values;
  } else if (accumulator.kind === 'flag') {
    const values = new Uint8Array(room);
    values.set(accumulator.values);
    accumulator.values = values;
  } else {
    while (accumulator.values.length < room) accumulator.values.push(null);
  }
}

/** Makes groups from..to-1 new again. */
export function clearAccumulator(accumulator: Accumulator, from: number, to: number): void {
  if (accumulator.kind === 'number' || accumulator.kind === 'flag') {
    accumulator.values.fill(0, from, to);
  } else {
    accumulator.values.fill(null, from, to);
  }
}

/** Copies group ids[i] to place i, for i below `count`; there is room for them. What was collected is shared. */
export function pickInto(
  out: Accumulator,
  accumulator: Accumulator,
  ids: Int32Array,
  count: number,
): void {
  if (accumulator.kind === 'number') {
    assert(out.kind === 'number');
    for (let i = 0; i < count; i++) out.values[i] = accumulator.values[ids[i]];
  } else if (accumulator.kind === 'flag') {
    assert(out.kind === 'flag');
    for (let i = 0; i < count; i++) out.values[i] = accumulator.values[ids[i]];
  } else if (accumulator.kind === 'values') {
    assert(out.kind === 'values');
    for (let i = 0; i < count; i++) out.values[i] = accumulator.values[ids[i]];
  } else {
    assert(out.kind === 'bytes');
    for (let i = 0; i < count; i++) out.values[i] = accumulator.values[ids[i]];
  }
}

/**
 * Accumulators in other places: the i-th is the one that stood at from[i], or a new one where that is -1.
 * @param room groups that each has room for
 * @param seed of those that are new
 */
export function rearrange(
  accumulators: readonly Accumulator[],
  kinds: readonly AccumulatorKind[],
  from: readonly number[],
  room: number,
  seed: number,
): readonly Accumulator[] {
  return kinds.map((kind, i) => {
    if (from[i] === -1) return newAccumulator(kind, room, seed);
    const kept = accumulators[from[i]];
    assert(kept?.kind === kind, 'an accumulator that is kept is of the same kind');
    return kept;
  });
}
