/** Checks calls: of functions, and of aggregates where an operator collects them. */
import { nearest } from '../diagnostics/suggest.ts';
import { STRING } from '../stream/schema.ts';
import type { AggregateCollector, AggregateSignature } from './aggregate-call.ts';
import type { Node } from './ast.ts';
import { checkLambda, LambdaScope } from './check-lambda.ts';
import type { Checker } from './checker.ts';
import type { Expression } from './expression.ts';
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
  const signature = collector.signatures.get(name);
  if (signature === undefined) {
    return checker.report('not-yet-supported', node.nameAt, `${name} can't be run yet`);
  }
  const later = node.distinct ?? node.filter;
  if (later !== undefined) {
    const what = node.distinct === undefined ? 'FILTER' : 'DISTINCT';
    return checker.report('not-yet-supported', later, `${what} can't be run yet`);
  }
  return checkArguments(checker, node, collector, signature);
}

function checkArguments(
  checker: Checker,
  node: Call,
  collector: AggregateCollector,
  { name, minArgs, maxArgs, result }: AggregateSignature,
): Arg | undefined {
  const count = node.args.length;
  // Only count has a form without an argument, which is written with a star.
  const starred = node.star && minArgs === 0;
  if (!starred && (count < Math.max(1, minArgs) || count > maxArgs)) {
    return wrongArity(checker, node, Math.max(1, minArgs), maxArgs);
  }
  const argument = starred ? undefined : checkArgument(checker, node.args[0], collector);
  if (argument === undefined && !starred) return undefined;
  const typed = result(argument === undefined ? [] : [argument.type]);
  if ('problem' in typed) {
    return checker.report('type-mismatch', node.args[0] ?? node, typed.problem);
  }
  const slot = collector.add({ name, star: starred, argument });
  return arg({ kind: 'read', slot, ...typed });
}

function checkArgument(
  checker: Checker,
  node: Node,
  { inner }: AggregateCollector,
): Expression | undefined {
  const outer = checker.scope;
  checker.scope = inner;
  const checked = checker.check(node);
  checker.scope = outer;
  if (checked === undefined) return undefined;
  if (checked.node !== undefined) return expressionOf(checker.textOf(node), checked.node);
  const hint = 'write CAST(NULL AS BIGINT), or another type';
  return checker.report('type-mismatch', node, 'a bare NULL has no type', hint);
}
