/** Checks calls: of functions, and of aggregates where an operator collects them. */
import { nearest } from '../diagnostics/suggest.ts';
import type { DataType } from '../stream/schema.ts';
import type { AggregateCollector } from './aggregate-call.ts';
import type { Node, Span } from './ast.ts';
import type { Expression, Scope } from './expression.ts';
import { expressionOf } from './expression-of.ts';
import { type Arg, arg, isMisfit } from './function.ts';
import { functions, laterAggregates, laterFunctions } from './functions.ts';
import { isUntyped } from './type.ts';

type Call = Node & { kind: 'call' };

/** The checker, from the side of a call. */
export interface Checker {
  readonly aggregates: AggregateCollector | undefined;
  scope: Scope;
  check(node: Node): Arg | undefined;
  report(rule: string, at: Span, message: string, hint?: string): undefined;
}

/** Aggregates are known by name everywhere, so that one in the wrong place is told as such. */
const AGGREGATES = new Set(['count', 'sum', 'min', 'max', 'avg']);

export function checkCall(checker: Checker, node: Call): Arg | undefined {
  const name = node.name.toLowerCase();
  const found = functions.get(name);
  if (found === undefined) {
    if (laterFunctions.has(name) || laterAggregates.has(name)) {
      return checker.report('not-yet-supported', node.nameAt, `${name} can't be run yet`);
    }
    const near = nearest(name, [...functions.keys(), ...AGGREGATES]);
    const hint =
      near === undefined
        ? `there are: ${[...functions.keys()].sort().join(', ')}`
        : `did you mean "${near}"?`;
    return checker.report(
      'unknown-function',
      node.nameAt,
      `there is no function "${node.name}"`,
      hint,
    );
  }
  const extra = node.distinct ?? (node.star ? node.nameAt : node.filter);
  if (extra !== undefined) {
    const message = `${name} is no aggregate: it takes no *, DISTINCT or FILTER`;
    return checker.report('not-allowed-here', extra, message);
  }
  if (node.args.length < found.minArgs || node.args.length > found.maxArgs) {
    return wrongArity(checker, node, found.minArgs, found.maxArgs);
  }
  const args: Arg[] = [];
  let whole = true;
  for (const inner of node.args) {
    const checked = checker.check(inner);
    if (checked === undefined) whole = false;
    else args.push(checked);
  }
  if (!whole) return undefined;
  const built = found.build(args);
  if (!isMisfit(built)) return arg(built);
  const at = node.args[built.argument] ?? node;
  return checker.report(built.rule ?? 'type-mismatch', at, built.message);
}

function wrongArity(checker: Checker, node: Call, min: number, max: number): undefined {
  const wants = min === max ? String(min) : max >= 64 ? `${min} or more` : `${min} to ${max}`;
  const message = `${node.name.toLowerCase()} takes ${wants} argument${wants === '1' ? '' : 's'}, not ${node.args.length}`;
  return checker.report('wrong-arity', node, message);
}

/** @returns undefined when the call is no aggregate, or was one and has a problem (then `handled` is set) */
export function checkAggregate(checker: Checker, node: Call): Arg | undefined {
  const name = node.name.toLowerCase();
  if (!AGGREGATES.has(name)) return undefined;
  const collector = checker.aggregates;
  const signature = collector?.signatures.get(name);
  if (collector === undefined || signature === undefined || checker.scope === collector.inner) {
    const message =
      collector === undefined
        ? `${name} is an aggregate; only the fields and having of an aggregate may use one`
        : `${name} stands inside another aggregate`;
    checker.report('not-allowed-here', node, message);
    return PROBLEM;
  }
  if (node.distinct !== undefined || node.filter !== undefined) {
    const at = node.distinct ?? node.filter ?? node;
    const what = node.distinct === undefined ? 'FILTER' : 'DISTINCT';
    checker.report('not-yet-supported', at, `${what} in an aggregate can't be run yet`);
    return PROBLEM;
  }
  const wants = node.star ? 0 : node.args.length;
  if (wants < signature.minArgs || wants > signature.maxArgs || (node.star && name !== 'count')) {
    wrongArity(checker, node, Math.max(1, signature.minArgs), signature.maxArgs);
    return PROBLEM;
  }
  const argument = node.star ? undefined : argumentOf(checker, node.args[0]);
  if (argument === undefined && !node.star) return PROBLEM;
  const types: DataType[] = argument === undefined ? [] : [argument.type];
  const result = signature.result(types);
  if ('problem' in result) {
    checker.report('type-mismatch', node.args[0] ?? node, result.problem);
    return PROBLEM;
  }
  const slot = collector.add({ name, star: node.star, argument });
  return arg({ kind: 'read', slot, ...result });
}

/** Stands for a call whose problem has been reported, so that it is not reported again. */
export const PROBLEM: Arg = { node: undefined, type: { kind: 'null' } };

function argumentOf(checker: Checker, node: Node): Expression | undefined {
  const outer = checker.scope;
  if (checker.aggregates !== undefined) checker.scope = checker.aggregates.inner;
  const checked = checker.check(node);
  checker.scope = outer;
  if (checked === undefined) return undefined;
  if (checked.node === undefined || isUntyped(checked.type)) {
    return checker.report(
      'type-mismatch',
      node,
      'a bare NULL has no type',
      'write CAST(NULL AS ...)',
    );
  }
  return expressionOf('', checked.node);
}
