/** What a function is: one entry with its signature, its NULL rule, its kernel, its sentence and an example. */
import { type DataType, DOUBLE, sameType, typeText } from '../stream/schema.ts';
import type { KernelFactory } from './kernel.ts';
import { WIDEN } from './operations.ts';
import { commonType, describeType, isUntyped, type SqlType } from './type.ts';
import { constant, type Operation, type TypedNode } from './typed.ts';

/** An argument: checked, but a bare NULL has no type yet. */
export type Arg =
  | { readonly node: TypedNode; readonly type: DataType }
  | { readonly node: undefined; readonly type: { readonly kind: 'null' } };

export function arg(node: TypedNode): Arg {
  return { node, type: node.type };
}

/** Why arguments don't fit: the index of the one at fault, and a sentence. */
export interface Misfit {
  readonly argument: number;
  readonly message: string;
  readonly rule?: string;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly doc: string;
  readonly example: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  build(args: readonly Arg[]): TypedNode | Misfit;
}

export function isMisfit(result: TypedNode | Misfit): result is Misfit {
  return 'message' in result;
}

/** Gives a node a type it converts to; undefined: it does not. */
export function convert(arg: Arg, type: DataType): TypedNode | undefined {
  if (arg.node === undefined) return constant(type, null);
  if (sameType(arg.type, type)) return arg.node;
  if (arg.type.kind !== 'long' || type.kind !== 'double') return undefined;
  if (arg.node.kind === 'constant') return constant(DOUBLE, arg.node.value);
  return apply(WIDEN, DOUBLE, [arg.node]);
}

/** A call; NULL where an argument is, or (`mayFail`) where it has no result. */
export function apply(
  operation: Operation,
  type: DataType,
  args: readonly TypedNode[],
  nullable = args.some((arg) => arg.nullable),
): TypedNode {
  return { kind: 'apply', operation, type, args, nullable };
}

export function operation(name: string, factory: KernelFactory, strict = true): Operation {
  return { name, strict, factory };
}

/** A function whose arguments have fixed types. */
export function simple(
  spec: {
    readonly name: string;
    readonly doc: string;
    readonly example: string;
    readonly params: readonly DataType[];
    readonly optional?: number;
    readonly result: DataType;
    readonly mayFail?: boolean;
  },
  factory: KernelFactory,
): FunctionDefinition {
  const { params, optional = 0, result, mayFail = false } = spec;
  const op = operation(spec.name, factory);
  return {
    name: spec.name,
    doc: spec.doc,
    example: spec.example,
    minArgs: params.length - optional,
    maxArgs: params.length,
    build(args) {
      const nodes: TypedNode[] = [];
      for (const [i, arg] of args.entries()) {
        const node = convert(arg, params[i]);
        if (node === undefined) return misfit(spec.name, i, params[i], arg.type);
        nodes.push(node);
      }
      return apply(op, result, nodes, mayFail || nodes.some((node) => node.nullable));
    },
  };
}

export function misfit(name: string, argument: number, want: DataType, got: SqlType): Misfit {
  const which = ['first', 'second', 'third', 'fourth'][argument] ?? `${argument + 1}th`;
  return {
    argument,
    message: `the ${which} argument of ${name} must be a ${typeText(want)}, not a ${describeType(got)}`,
  };
}

/** The type all arguments convert to; a misfit when there is none, undefined when all are bare NULLs. */
export function common(name: string, args: readonly Arg[]): DataType | Misfit | undefined {
  let type: SqlType = { kind: 'null' };
  for (const [i, arg] of args.entries()) {
    const both = commonType(type, arg.type);
    if (both === undefined) {
      const message = `${name} mixes a ${describeType(type)} and a ${describeType(arg.type)}`;
      return { argument: i, message };
    }
    type = both;
  }
  return isUntyped(type) ? undefined : type;
}
