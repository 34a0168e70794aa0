/** Checks calls: of functions, and of aggregates where an operator collects them. */
import { nearest } from '../diagnostics/suggest.ts';
import { DOUBLE, STRING } from '../stream/schema.ts';
import {
  type AggregateCollector,
  type AggregateSignature,
  aggregateKey,
} from './aggregate-call.ts';
import type { Node } from './ast.ts';
import { checkLambda, LambdaScope } from './check-lambda.ts';
import type { Checker } from './checker.ts';
import type { Expression, Scope } from './expression.ts';
import { expressionOf } from './expression-of.ts';
import {
  type Arg,
  arg,
  type FunctionDefinition,
  isMisfit,
  type Misfit,
  misfit,
} from './function.ts';
import { aggregateNames, functions, laterFunctions } from './functions.ts';
import type { TypedNode } from './typed.ts';

type Call = Node & { kind: 'call' };

export function checkCall(checker: Checker, node: Call): Arg | undefined {
  const name = node.name.toLowerCase();
  if (aggregateNames.has(name)) return checkAggregate(checker, node, name);
  const found = functions.get(name);
  if (found !== undefined) return checkFunction(checker, node, found);
  if (laterFunctions.has(name)) {
    return checker.report('not-yet-supported', node.nameAt, `${name} can't be run yet`);
  }
  const near = nearest(name, [...functions.keys(), ...aggregateNames]);
  const hint =
    near === undefined ? '"roundabout list functions" names them all' : `did you mean "${near}"?`;
  const message = `there is no function "${node.name}"`;
  return checker.report('unknown-function', node.nameAt, message, hint);
}

function checkFunction(
  checker: Checker,
  node: Call,
  definition: FunctionDefinition,
): Arg | undefined {
  const { name, minArgs, maxArgs, lambdaNames } = definition;
  const extra = node.distinct ?? (node.star ? node.nameAt : node.filter);
  if (extra !== undefined) {
    const message = `${name} is no aggregate: it takes no *, DISTINCT or FILTER`;
    return checker.report('not-allowed-here', extra, message);
  }
  if (lambdaNames !== undefined) return checkOverElements(checker, node, definition, lambdaNames);
  // What stands inside is checked even if there is too much or too little of it.
  const checked = node.args.map((inner) => checker.check(inner));
  if (checked.length < minArgs || checked.length > maxArgs) {
    return wrongArity(checker, node, minArgs, maxArgs);
  }
  const args = checked.filter((found) => found !== undefined);
  if (args.length < checked.length) return undefined;
  return built(checker, node, definition.build(args, node.args.map(nameOf)));
}

function built(checker: Checker, node: Call, result: TypedNode | Misfit): Arg | undefined {
  if (!isMisfit(result)) return arg(result);
  const { rule = 'type-mismatch', message, hint } = result;
  return checker.report(rule, node.args[result.argument], message, hint);
}

/** A call of a function that takes an array and a lambda. */
function checkOverElements(
  checker: Checker,
  node: Call,
  { name, build }: FunctionDefinition,
  most: number,
): Arg | undefined {
  const [first, second] = node.args;
  if (node.args.length !== 2) {
    for (const one of node.args) if (one.kind !== 'lambda') checker.check(one);
    return wrongArity(checker, node, 2, 2);
  }
  const array = checker.check(first);
  if (second.kind !== 'lambda') {
    const hint = `write ${name}(${checker.textOf(first)}, x -> ...)`;
    return checker.report('type-mismatch', second, `${name} takes a lambda`, hint);
  }
  if (array === undefined) return undefined;
  if (array.type.kind !== 'array') {
    return built(checker, node, misfit(name, 0, { kind: 'array', element: STRING }, array.type));
  }
  const lambda = checkLambda(checker, second, array.type.element, name, most);
  return lambda && built(checker, node, build([array, lambda.body], [], lambda));
}

/** The name of the field that an argument reads, whole or inside of a struct. */
function nameOf(node: Node): string | undefined {
  if (node.kind === 'name') return node.name;
  const isParam = node.kind === 'field' && node.base.kind === 'name' && node.base.name === 'params';
  return node.kind === 'field' && !isParam ? node.name : undefined;
}

function wrongArity(checker: Checker, node: Call, min: number, max: number): undefined {
  const range = Number.isFinite(max) ? `${min} to ${max}` : `${min} or more`;
  const wants = min === max ? String(min) : range;
  const plural = wants === '1' ? '' : 's';
  const message = `${node.name.toLowerCase()} takes ${wants} argument${plural}, not ${node.args.length}`;
  return checker.report('wrong-arity', node, message);
}

function checkAggregate(checker: Checker, node: Call, name: string): Arg | undefined {
  const collector = checker.aggregates;
  if (collector === undefined) {
    const message = `${name} is an aggregate, which looks at many records`;
    const hint = 'use it in `fields` or `having` of an operator of type aggregate';
    return checker.report('not-allowed-here', node, message, hint);
  }
  if (checker.scope instanceof LambdaScope) {
    return checker.report('not-allowed-here', node, `${name} stands inside of a lambda`);
  }
  if (checker.scope === collector.inner) {
    return checker.report('not-allowed-here', node, `${name} stands inside of another aggregate`);
  }
  const signature = collector.signatures.get(aggregateKey(name, node.distinct !== undefined));
  if (signature === undefined) {
    const hint = 'write count(DISTINCT x), or collect_set(x) for the different values themselves';
    const message = `${name} takes no DISTINCT`;
    return checker.report('not-allowed-here', node.distinct ?? node, message, hint);
  }
  return checkArguments(checker, node, collector, signature);
}

function checkArguments(
  checker: Checker,
  node: Call,
  collector: AggregateCollector,
  signature: AggregateSignature,
): Arg | undefined {
  const { minArgs, maxArgs } = signature;
  const count = node.args.length;
  // Only count has a form without an argument, which is written with a star.
  const starred = node.star && minArgs === 0;
  if (!starred && (count < Math.max(1, minArgs) || count > maxArgs)) {
    return wrongArity(checker, node, Math.max(1, minArgs), maxArgs);
  }
  const constants = signature.share === true ? 1 : 0;
  const columns = node.args.slice(0, count - constants);
  // What is wrong in one of them hides nothing of the others.
  const checked = columns.map((inner) => checkArgument(checker, inner, collector));
  const share = constants === 0 ? undefined : checkShare(checker, node.args[count - 1], collector);
  const filter = node.filter && checkFilter(checker, node.filter, collector);
  const args = checked.filter((found) => found !== undefined);
  const whole = args.length === checked.length && (constants === 0 || share !== undefined);
  if (!whole || (node.filter !== undefined && filter === undefined)) return undefined;
  const typed = signature.result(args.map(({ type }) => type));
  if ('problem' in typed) {
    const at = node.args[typed.argument ?? 0] ?? node;
    return checker.report('type-mismatch', at, typed.problem);
  }
  const slot = collector.add({ signature, args, share, filter });
  return arg({ kind: 'read', slot, ...typed });
}

function checkArgument(
  checker: Checker,
  node: Node,
  { inner }: AggregateCollector,
): Expression | undefined {
  const checked = inside(checker, inner, () => checker.check(node));
  if (checked === undefined) return undefined;
  if (checked.node !== undefined) return expressionOf(checker.textOf(node), checked.node);
  const hint = 'write CAST(NULL AS BIGINT), or another type';
  return checker.report('type-mismatch', node, 'a bare NULL has no type', hint);
}

function checkFilter(
  checker: Checker,
  node: Node,
  { inner }: AggregateCollector,
): Expression | undefined {
  const condition = inside(checker, inner, () => checker.condition(node));
  return condition && expressionOf(checker.textOf(node), condition);
}

/** A constant from 0 to 1. */
function checkShare(
  checker: Checker,
  node: Node,
  collector: AggregateCollector,
): number | undefined {
  const found = checkArgument(checker, node, collector);
  if (found === undefined) return undefined;
  const { type, node: folded } = found;
  if (folded.kind !== 'constant') {
    const message = 'the share is the same for all records, so it must be a literal';
    return checker.report('not-constant', node, message, 'write 0.5 for the median');
  }
  if (type.kind !== 'long' && type.kind !== 'double') {
    return checker.mismatch(node, 'the share is a number', type, DOUBLE);
  }
  const { value } = folded;
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  const meant = typeof value === 'number' && value > 1 && value <= 100;
  const hint = meant ? `write ${value / 100}` : 'write 0.5 for the median';
  return checker.report('literal-range', node, 'a share lies between 0 and 1', hint);
}

/** Looks names up in the records that an aggregate takes. */
function inside<T>(checker: Checker, inner: Scope, check: () => T): T {
  const outer = checker.scope;
  checker.scope = inner;
  const found = check();
  checker.scope = outer;
  return found;
}
