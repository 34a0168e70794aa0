/** What an aggregate is: what a call may be, what it keeps of a group, and its result. */
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Accumulator, AccumulatorKind } from './accumulator.ts';
import type { AggregateSignature } from './aggregate-call.ts';
import type { Grouped } from './aggregates-kernels.ts';

/** One aggregate. Where it is `ordered`, the columns that say in which order records count follow its arguments. */
export interface AggregateDefinition extends AggregateSignature {
  readonly example: string;
  /** What grows with a group's records: it keeps every value, or every different one. Absent: it does not. */
  readonly keeps?: 'every' | 'different';
  /** What it keeps of each group for arguments of these types. */
  accumulators(types: readonly DataType[]): readonly AccumulatorKind[];
  /** Takes rows of the arguments into their groups. */
  update(kept: readonly Accumulator[], args: readonly Column[], grouped: Grouped): void;
  /**
   * Takes what was kept of other groups, the rows of `grouped`, into these: as if their records had come here.
   * `from` is of the same kinds, and other memory.
   */
  merge(kept: readonly Accumulator[], from: readonly Accumulator[], grouped: Grouped): void;
  /**
   * The results of groups 0..groups-1.
   * @param type of the result
   * @param share the constant of its last argument, if it has one
   * @returns a column that may lie in the accumulators themselves
   */
  finish(kept: readonly Accumulator[], groups: number, type: DataType, share: number): Column;
}

export function isNumber(type: DataType): boolean {
  return type.kind === 'long' || type.kind === 'double';
}
