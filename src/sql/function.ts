/**
 * What a function is: one entry with its signature, its rule for NULL, its kernel, a sentence and an example.
 * The checker, the docs and the tests read the one entry. An author's mistake is a `Misfit`.
 */
import { type DataType, DOUBLE, LONG, STRING, sameType, typeText } from '../stream/schema.ts';
import type { Slot } from './expression.ts';
import type { KernelFactory } from './kernel.ts';
import { WIDEN } from './operations.ts';
import {
  canCast,
  castName,
  commonType,
  describeType,
  isComparable,
  isUntyped,
  type SqlType,
  UNTYPED,
} from './type.ts';
import { apply, type ConstantNode, constant, type TypedNode } from './typed.ts';

/** An argument: checked, but a bare NULL has no type yet. */
export type Arg =
  | { readonly node: TypedNode; readonly type: DataType }
  | { readonly node: undefined; readonly type: typeof UNTYPED };

export const TEXTS: DataType = { kind: 'array', element: STRING };

export const BARE_NULL: Arg = { node: undefined, type: UNTYPED };

export function arg(node: TypedNode): Arg {
  return { node, type: node.type };
}

/** Why arguments don't fit: the index of the one at fault, a sentence, and a rule other than `type-mismatch`. */
export interface Misfit {
  readonly argument: number;
  readonly message: string;
  readonly hint?: string;
  readonly rule?: string;
}

/** A lambda that has been checked. */
export interface Lambda {
  /** Its names in order, as the body reads them. */
  readonly slots: readonly Slot[];
  readonly body: Arg;
  /** As it was written. */
  readonly text: string;
}

export interface FunctionDefinition {
  readonly name: string;
  /** For people: `substring(string, long[, long]): string`. */
  readonly signature: string;
  /** One sentence, with its rule for NULL if that is not "NULL where an argument is". */
  readonly doc: string;
  /** A call, and another expression of the same value. */
  readonly example: { readonly text: string; readonly gives: string };
  readonly minArgs: number;
  /** Infinity: any number. */
  readonly maxArgs: number;
  /** The second argument is a lambda over the elements of the first, with at most so many names. */
  readonly lambdaNames?: number;
  /**
   * `args` are as many as are allowed.
   * @param names of the fields that arguments read, where they do nothing but that
   * @param lambda the second argument of a function that takes one; its body stands in `args`
   */
  build(
    args: readonly Arg[],
    names?: readonly (string | undefined)[],
    lambda?: Lambda,
  ): TypedNode | Misfit;
}

/** What people read of a function. */
export type Named = Pick<FunctionDefinition, 'name' | 'doc' | 'example'>;

export function isMisfit(
  result: TypedNode | readonly TypedNode[] | DataType | Misfit,
): result is Misfit {
  return 'message' in result;
}

/** Gives an argument a type it converts to by itself; undefined: it does not. */
export function convert(arg: Arg, type: DataType): TypedNode | undefined {
  if (arg.node === undefined) return constant(type, null);
  if (sameType(arg.type, type)) return arg.node;
  if (arg.type.kind !== 'long' || type.kind !== 'double') return undefined;
  if (arg.node.kind === 'constant') return constant(DOUBLE, arg.node.value);
  return apply(WIDEN, DOUBLE, [arg.node]);
}

/** Arguments that `type` was found for. */
export function converted(args: readonly Arg[], type: DataType): TypedNode[] {
  return args.map((arg) => convert(arg, type) ?? constant(type, null));
}

/** Each argument with the type that it must have. */
export function convertAll(
  name: string,
  args: readonly Arg[],
  typeOf: (argument: number) => DataType,
): readonly TypedNode[] | Misfit {
  const nodes: TypedNode[] = [];
  for (const [i, arg] of args.entries()) {
    const node = convert(arg, typeOf(i));
    if (node === undefined) return misfit(name, i, typeOf(i), arg.type);
    nodes.push(node);
  }
  return nodes;
}

interface Fixed {
  readonly name: string;
  readonly doc: string;
  readonly example: FunctionDefinition['example'];
  readonly params: readonly DataType[];
  /** How many of the last parameters may be left out. */
  readonly optional?: number;
  readonly result: DataType;
  /** It can be NULL though no argument is. */
  readonly fails?: boolean;
}

/** A function whose arguments have fixed types and which is NULL where one of them is. */
export function fixed(spec: Fixed, factory: KernelFactory): FunctionDefinition {
  const { name, doc, example, params, optional = 0, result, fails = false } = spec;
  const operation = { name, strict: true, factory };
  const needed = params.slice(0, params.length - optional).map(typeText);
  const rest = params.slice(needed.length).map((type) => `[, ${typeText(type)}]`);
  return {
    name,
    doc,
    example,
    signature: `${name}(${needed.join(', ')}${rest.join('')}): ${typeText(result)}`,
    minArgs: params.length - optional,
    maxArgs: params.length,
    build(args) {
      const nodes = convertAll(name, args, (i) => params[i]);
      if (isMisfit(nodes)) return nodes;
      return apply(operation, result, nodes, fails || nodes.some((node) => node.nullable));
    },
  };
}

/** An argument of the wrong type, with the CAST that would help if there is one. */
export function misfit(name: string, argument: number, want: DataType, got: SqlType): Misfit {
  const which = ['first', 'second', 'third', 'fourth'][argument] ?? `${argument + 1}th`;
  const message = `the ${which} argument of ${name} is ${describeType(want)}, not ${describeType(got)}`;
  const cast = castName(want);
  if (cast === undefined || !canCast(got, want)) return { argument, message };
  return { argument, message, hint: `write CAST(... AS ${cast})` };
}

/** The type that values have in common. */
export function commonOf(name: string, args: readonly Arg[]): DataType | Misfit {
  let type: SqlType = UNTYPED;
  for (const [argument, { type: next }] of args.entries()) {
    const common = commonType(type, next);
    if (common === undefined) {
      const message = `${name} mixes ${describeType(type)} and ${describeType(next)}`;
      return { argument, message };
    }
    type = common;
  }
  return isUntyped(type) ? { argument: 0, message: `all values of ${name} are NULL` } : type;
}

/** The same for values that are chosen between, which are no arrays or structs. */
export function choosable(name: string, args: readonly Arg[]): DataType | Misfit {
  const type = commonOf(name, args);
  if (isMisfit(type) || isComparable(type)) return type;
  const message = `${name} can't give ${describeType(type)} yet`;
  return { argument: 0, rule: 'not-yet-supported', message };
}

/** An argument that shapes the kernel and so must stand in the expression; `what` it is, for people. */
export function constantText(
  name: string,
  argument: number,
  from: Arg,
  what: string,
): (ConstantNode & { readonly value: string }) | Misfit {
  const node = convert(from, STRING);
  if (node === undefined) return misfit(name, argument, STRING, from.type);
  if (node.kind === 'constant' && typeof node.value === 'string') {
    return { ...node, value: node.value };
  }
  const message = `the ${what} of ${name} must be a text in the expression`;
  return { argument, rule: 'not-constant', message };
}

/** The same for a whole number. */
export function constantLong(
  name: string,
  argument: number,
  from: Arg,
  what: string,
): (ConstantNode & { readonly value: number }) | Misfit {
  const node = convert(from, LONG);
  if (node === undefined) return misfit(name, argument, LONG, from.type);
  if (node.kind === 'constant' && typeof node.value === 'number') {
    return { ...node, value: node.value };
  }
  const message = `the ${what} of ${name} must be a number in the expression`;
  return { argument, rule: 'not-constant', message };
}
