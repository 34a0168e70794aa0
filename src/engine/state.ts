/** Makes the state an operator asks for. The engine owns it, so it outlives the operator that works on it. */
import type { State, StateShape } from '../operators/operator.ts';
import { Windows } from './windows.ts';

export type EngineState = State & {
  open(): { readonly windows: number; readonly groups: number };
  /** Gives accumulators other places: the new i-th was at places[i], -1: it is new. */
  adapt?(places: readonly number[]): void;
};

/** @param seed 32 bits that peers do not know; no result depends on them */
export function createState(shape: StateShape, seed: number): EngineState {
  if (shape.kind === 'none') {
    return { kind: 'none', open: () => ({ windows: 0, groups: 0 }) };
  }
  return new Windows(shape, seed);
}
