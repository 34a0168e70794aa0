/** Makes the state an operator asks for. The engine owns it, so it outlives the operator that works on it. */
import type { State, StateShape } from '../operators/operator.ts';
import { Rows } from './rows.ts';
import { Windows } from './windows.ts';

/** How much an operator has not let go of yet. */
export interface Open {
  readonly windows: number;
  readonly groups: number;
  /** Absent: it keeps no rows. */
  readonly rows?: number;
}

export type EngineState = State & {
  open(): Open;
  /** After a bounded run a later one starts time over. */
  startOver?(): void;
};

/** @param seed 32 bits that peers do not know; no result depends on them */
export function createState(shape: StateShape, seed: number): EngineState {
  if (shape.kind === 'none') {
    return { kind: 'none', open: () => ({ windows: 0, groups: 0 }) };
  }
  return shape.kind === 'rows' ? new Rows(shape, seed) : new Windows(shape, seed);
}
