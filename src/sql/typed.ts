/**
 * The tree of a checked expression: every name is a slot, every type is known, every conversion is written
 * out, and what is only another way to say something (BETWEEN, IN, CASE) is said in operations. Only `sql`
 * looks inside.
 */
import type { DataType } from '../stream/schema.ts';
import type { Slot } from './expression.ts';
import type { KernelFactory } from './kernel.ts';

/** A constant: long, double, timestamp, interval are numbers. */
export type Value = boolean | number | string | null;

/** What computes one column from others. One object for each, so it can be compared by identity. */
export interface Operation {
  readonly name: string;
  /** true: NULL wherever an argument is NULL, and the kernel need not look. */
  readonly strict: boolean;
  readonly factory: KernelFactory;
}

interface Typed {
  readonly type: DataType;
  readonly nullable: boolean;
}

export type ConstantNode = Typed & { readonly kind: 'constant'; readonly value: Value };

export type TypedNode =
  | ConstantNode
  | (Typed & { readonly kind: 'read'; readonly slot: Slot })
  | (Typed & {
      readonly kind: 'apply';
      readonly operation: Operation;
      readonly args: readonly TypedNode[];
    });

export function constant(type: DataType, value: Value): ConstantNode {
  return { kind: 'constant', type, nullable: value === null, value };
}

/** @param nullable whether the result can be NULL, if that does not follow from strictness */
export function apply(
  operation: Operation,
  type: DataType,
  args: readonly TypedNode[],
  nullable = args.some((arg) => arg.nullable),
): TypedNode {
  return { kind: 'apply', operation, type, nullable, args };
}
