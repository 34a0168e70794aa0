/**
 * The syntax tree of an expression, as it was written. Every node carries its half-open range of UTF-16
 * units in the text. Names and types mean nothing yet: `check.ts` gives them meaning, printers give them
 * text.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | 'DIV' | '||';
export type ComparisonOperator =
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '<=>'
  | 'IS DISTINCT FROM'
  | 'IS NOT DISTINCT FROM';

export type Node = Span &
  (
    | { readonly kind: 'long'; readonly digits: string }
    | { readonly kind: 'double'; readonly value: number }
    | { readonly kind: 'string' | 'timestamp'; readonly value: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    | { readonly kind: 'name'; readonly name: string }
    /** `base.name`: a field of a struct, or a field of an input when `base` is the input's name. */
    | { readonly kind: 'field'; readonly base: Node; readonly name: string; readonly nameAt: Span }
    | { readonly kind: 'index'; readonly base: Node; readonly index: Node }
    | { readonly kind: 'minus' | 'not'; readonly operand: Node }
    | {
        readonly kind: 'arithmetic';
        readonly operator: ArithmeticOperator;
        readonly left: Node;
        readonly right: Node;
      }
    | {
        readonly kind: 'comparison';
        readonly operator: ComparisonOperator;
        readonly left: Node;
        readonly right: Node;
      }
    /** A whole chain: order does not matter and a chain of a hundred is not a depth of a hundred. */
    | { readonly kind: 'and' | 'or'; readonly operands: readonly Node[] }
    | {
        readonly kind: 'is';
        readonly operand: Node;
        readonly negated: boolean;
        readonly what: 'NULL' | 'TRUE' | 'FALSE';
      }
    | {
        readonly kind: 'between';
        readonly operand: Node;
        readonly negated: boolean;
        readonly low: Node;
        readonly high: Node;
      }
    | {
        readonly kind: 'in';
        readonly operand: Node;
        readonly negated: boolean;
        readonly options: readonly Node[];
      }
    | {
        readonly kind: 'case';
        readonly subject: Node | undefined;
        readonly branches: readonly { readonly when: Node; readonly gives: Node }[];
        readonly otherwise: Node | undefined;
      }
    /** CAST and TRY_CAST mean the same here: a bad cast is NULL. */
    | {
        readonly kind: 'cast';
        readonly operand: Node;
        readonly type: string;
        readonly typeAt: Span;
        readonly written: 'CAST' | 'TRY_CAST';
      }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly nameAt: Span;
        readonly star: boolean;
        readonly distinct: Span | undefined;
        readonly args: readonly Node[];
        readonly filter: Node | undefined;
      }
    /** `x -> x + 1`, `(x, i) -> x + i`: names for an element and its place. */
    | { readonly kind: 'lambda'; readonly names: readonly string[]; readonly body: Node }
    /** Part of the language, read whole, but not yet to be run. `text` is as written. */
    | { readonly kind: 'later'; readonly what: string; readonly text: string }
  );

/** @returns the nodes directly below, in order of text */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'field':
      return [node.base];
    case 'index':
      return [node.base, node.index];
    case 'minus':
    case 'not':
    case 'is':
    case 'cast':
      return [node.operand];
    case 'lambda':
      return [node.body];
    case 'arithmetic':
    case 'comparison':
      return [node.left, node.right];
    case 'and':
    case 'or':
      return node.operands;
    case 'between':
      return [node.operand, node.low, node.high];
    case 'in':
      return [node.operand, ...node.options];
    case 'case':
      return [
        ...(node.subject === undefined ? [] : [node.subject]),
        ...node.branches.flatMap(({ when, gives }) => [when, gives]),
        ...(node.otherwise === undefined ? [] : [node.otherwise]),
      ];
    case 'call':
      return node.filter === undefined ? node.args : [...node.args, node.filter];
    default:
      return [];
  }
}

/** @returns the length of the longest way from a node to a leaf, in nodes */
export function depthOf(node: Node): number {
  let deepest = 0;
  for (const child of childrenOf(node)) deepest = Math.max(deepest, depthOf(child));
  return deepest + 1;
}
