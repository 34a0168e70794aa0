/** Makes the state an operator asks for. The engine owns it, so it outlives the operator that works on it. */
import type { State, StateShape } from '../operators/operator-state.ts';
import type { AccumulatorKind } from '../sql/accumulator.ts';
import { Rows } from './rows.ts';
import { Series } from './series.ts';
import { Sessions } from './sessions.ts';
import { Windows } from './windows.ts';

/** How much an operator has not let go of yet. */
export interface Open {
  readonly windows: number;
  readonly groups: number;
  /** Absent: it keeps no rows. */
  readonly rows?: number;
  /** Rows of its table; absent: it has none. */
  readonly tableRows?: number;
}

export type EngineState = State & {
  open(): Open;
  /** After a bounded run a later one starts time over. */
  startOver?(): void;
  /**
   * What `Carry` calls adapted: its accumulators are of these kinds from now on, the i-th being the one that
   * stood at from[i], or a new one where that is -1. Absent: it has none.
   */
  adapt?(accumulators: readonly AccumulatorKind[], from: readonly number[]): void;
};

/**
 * A table is no state of one operator: see `Tables`.
 * @param seed 32 bits that peers do not know; no result depends on them
 */
export function createState(
  shape: Exclude<StateShape, { kind: 'table' }>,
  seed: number,
): EngineState {
  if (shape.kind === 'none') {
    return { kind: 'none', open: () => ({ windows: 0, groups: 0 }) };
  }
  if (shape.kind === 'rows') return new Rows(shape, seed);
  if (shape.kind === 'series') return new Series(shape, seed);
  return shape.kind === 'windows' ? new Windows(shape, seed) : new Sessions(shape, seed);
}
