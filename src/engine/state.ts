/** Makes the state an operator asks for. The engine owns it and reads from it when time alone closes something. */
import type { State, StateShape } from '../operators/operator.ts';
import type { Micros } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import { Windows } from './windows.ts';

export type EngineState = State & {
  /** The exclusive end of the window that closes first; Infinity: none is open. */
  earliestEnd(): Micros;
  open(): { readonly windows: number; readonly groups: number };
};

/** @param seed 32 bits that peers do not know; no result depends on them */
export function createState(shape: StateShape, seed: number): EngineState {
  if (shape.kind === 'none') {
    return { kind: 'none', earliestEnd: () => END, open: () => ({ windows: 0, groups: 0 }) };
  }
  return new Windows(shape, seed);
}
