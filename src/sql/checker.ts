/** The checker as its parts see it: each part checks some kinds of nodes and asks it for what lies below. */

import type { DataType } from '../stream/schema.ts';
import type { AggregateCollector } from './aggregate-call.ts';
import type { Node, Span } from './ast.ts';
import type { Scope } from './expression.ts';
import type { Arg } from './function.ts';
import type { SqlType } from './type.ts';
import type { TypedNode } from './typed.ts';

export interface Checker {
  /** Where names are looked up now: inside an aggregate, in its input. */
  scope: Scope;
  readonly aggregates: AggregateCollector | undefined;
  /** @returns undefined for a part whose problem has been reported */
  check(node: Node): Arg | undefined;
  /** Checks a part that must be a condition. */
  condition(node: Node): TypedNode | undefined;
  /** The author's own text of a part. */
  textOf(node: Span): string;
  report(rule: string, at: Span, message: string, hint?: string): undefined;
  /** Reports `what`, "not a <got>", with the CAST that would help if there is one. */
  mismatch(at: Span, what: string, got: SqlType, wanted: DataType): undefined;
}
