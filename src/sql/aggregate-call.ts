/** The seam between the checker and aggregates: what a call may be, and who collects it. */
import type { DataType } from '../stream/schema.ts';
import type { Expression, Scope, Slot } from './expression.ts';

export interface AggregateSignature {
  /** As it is written, without its parenthesis: `max`, `count`; unique with `distinct`. */
  readonly name: string;
  readonly doc: string;
  /** It is what `name(DISTINCT x)` means. */
  readonly distinct?: boolean;
  /** 0: only `name(*)`, or that too. */
  readonly minArgs: number;
  readonly maxArgs: number;
  /** Its last argument is a constant from 0 to 1. */
  readonly share?: boolean;
  /** Its result depends on the order of records. */
  readonly ordered?: boolean;
  /** @param args types of the arguments, a constant left out */
  result(
    args: readonly DataType[],
  ):
    | { readonly type: DataType; readonly nullable: boolean }
    | { readonly problem: string; readonly argument?: number };
}

/** By which name a signature is listed. */
export function aggregateKey(name: string, distinct: boolean): string {
  return distinct ? `${name}(DISTINCT)` : name;
}

/** One aggregate as it was called. */
export interface AggregateCall {
  readonly signature: AggregateSignature;
  /** Empty: of `name(*)`. */
  readonly args: readonly Expression[];
  /** The constant behind them, if there is one. */
  readonly share: number | undefined;
  /** Records that do not meet it are left out. */
  readonly filter: Expression | undefined;
}

/** Takes the aggregates of an expression out of it; in their place stays a read of their result. */
export interface AggregateCollector {
  /** By `aggregateKey`. */
  readonly signatures: ReadonlyMap<string, AggregateSignature>;
  /** Names inside an aggregate's argument. */
  readonly inner: Scope;
  /** @returns where the result is read */
  add(call: AggregateCall): Slot;
}
