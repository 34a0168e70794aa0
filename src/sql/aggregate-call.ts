/** The seam between the checker and aggregates: what a call may be, and who collects it. */
import type { DataType } from '../stream/schema.ts';
import type { Expression, Scope, Slot } from './expression.ts';

export interface AggregateSignature {
  readonly name: string;
  readonly doc: string;
  /** 0: only `name(*)`, or that too. */
  readonly minArgs: number;
  readonly maxArgs: number;
  result(
    args: readonly DataType[],
  ): { readonly type: DataType; readonly nullable: boolean } | { readonly problem: string };
}

/** Takes the aggregates of an expression out of it; in their place stays a read of their result. */
export interface AggregateCollector {
  readonly signatures: ReadonlyMap<string, AggregateSignature>;
  /** Names inside an aggregate's argument. */
  readonly inner: Scope;
  /** @returns where the result is read */
  add(call: {
    readonly name: string;
    readonly star: boolean;
    readonly argument: Expression | undefined;
  }): Slot;
}
