/**
 * Gives a syntax tree its meaning: names become slots, types are proved, conversions written out. Reports
 * every type error of the expression, not the first only; a part that is wrong says so once and is then
 * left alone by what stands above it.
 */
import { nearest } from '../diagnostics/suggest.ts';
import {
  BOOLEAN,
  type DataType,
  DOUBLE,
  INTERVAL,
  LONG,
  STRING,
  TIMESTAMP,
} from '../stream/schema.ts';
import type { AggregateCollector } from './aggregate-call.ts';
import type { Node, Span } from './ast.ts';
import { cast, timestampOf } from './cast.ts';
import { checkAggregate, checkCall } from './check-call.ts';
import type { Found, Problem, Scope } from './expression.ts';
import { type Arg, apply, arg, convert } from './function.ts';
import { firstTrue } from './functions-data.ts';
import { concat } from './functions-text.ts';
import { ELEMENT, FIELD } from './nested.ts';
import * as op from './operations.ts';
import {
  CAST_TYPES,
  CAST_TYPES_REFUSED,
  canCast,
  castName,
  commonType,
  describeType,
  isComparable,
  isUntyped,
  SAFE_MAX,
} from './type.ts';
import { constant, type TypedNode } from './typed.ts';

const BARE_NULL: Arg = { node: undefined, type: { kind: 'null' } };

/** Checks one expression. `undefined` stands for a part whose problem has been reported. */
export class Checker {
  readonly problems: Problem[] = [];
  readonly aggregates: AggregateCollector | undefined;
  scope: Scope;

  constructor(scope: Scope, aggregates: AggregateCollector | undefined) {
    this.scope = scope;
    this.aggregates = aggregates;
  }

  report(rule: string, at: Span, message: string, hint?: string): undefined {
    const problem = { rule, start: at.start, end: at.end, message };
    this.problems.push(hint === undefined ? problem : { ...problem, hint });
    return undefined;
  }

  check(node: Node): Arg | undefined {
    switch (node.kind) {
      case 'long':
        return this.#long(node, node.digits, 1);
      case 'double':
        return arg(constant(DOUBLE, node.value));
      case 'string':
        return arg(constant(STRING, node.value));
      case 'boolean':
        return arg(constant(BOOLEAN, node.value));
      case 'null':
        return BARE_NULL;
      case 'timestamp': {
        const at = timestampOf(node.value);
        if (at !== undefined) return arg(constant(TIMESTAMP, at));
        return this.report(
          'literal-range',
          node,
          `'${node.value}' is no time between 1684 and 2255`,
          "write TIMESTAMP '2026-01-31T23:59:00Z'",
        );
      }
      case 'name':
        return this.#name(node, node.name, null);
      case 'field':
        return this.#field(node);
      case 'index':
        return this.#index(node);
      case 'minus':
        return this.#minus(node, node.operand);
      case 'arithmetic':
        return this.#arithmetic(node);
      case 'comparison':
        return this.#comparison(node);
      case 'cast':
        return this.#cast(node);
      case 'call':
        return this.#call(node);
      case 'later':
        return this.report('not-yet-supported', node, `${node.what} can't be run yet`);
      default:
        return this.#logic(node);
    }
  }

  /** A part that must be a condition. */
  condition(node: Node): TypedNode | undefined {
    const found = this.check(node);
    if (found === undefined) return undefined;
    const typed = convert(found, BOOLEAN);
    if (typed !== undefined) return typed;
    const message = `a condition must be TRUE or FALSE, not a ${describeType(found.type)}`;
    return this.report('type-mismatch', node, message);
  }

  #long(at: Span, digits: string, sign: number): Arg | undefined {
    const value = sign * Number(digits);
    if (Math.abs(value) <= SAFE_MAX) return arg(constant(LONG, value + 0));
    const message = `${digits} is beyond 2^53 - 1, the largest long as yet`;
    return this.report('literal-range', at, message, `write it as a double: ${digits}D`);
  }

  #name(at: Span, name: string, qualifier: string | null): Arg | undefined {
    const found = this.scope.find(name, qualifier);
    if (found === 'ambiguous') {
      const hint = `say which: left.${name} or right.${name}`;
      return this.report('ambiguous-column', at, `both sides have a field "${name}"`, hint);
    }
    if (found !== undefined) return arg(readNode(found));
    const { names } = this.scope;
    const near = nearest(name, names);
    const list = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none';
    const hint = near === undefined ? list : `did you mean "${near}"?`;
    return this.report('unknown-column', at, `there is no field "${name}" here`, hint);
  }

  #field(node: Node & { kind: 'field' }): Arg | undefined {
    const { base, name, nameAt } = node;
    if (base.kind === 'name' && this.scope.find(base.name, null) === undefined) {
      const qualified = this.scope.find(name, base.name);
      if (qualified !== undefined) return this.#name(nameAt, name, base.name);
    }
    const inner = this.check(base);
    if (inner?.node === undefined) return undefined;
    if (inner.type.kind !== 'struct') {
      const message = `a ${describeType(inner.type)} has no fields`;
      return this.report('type-mismatch', nameAt, message);
    }
    const { fields } = inner.type;
    const index = fields.findIndex((field) => field.name === name);
    if (index < 0) {
      const hint = `there are: ${fields.map((field) => field.name).join(', ')}`;
      return this.report('unknown-column', nameAt, `the struct has no field "${name}"`, hint);
    }
    const { type, nullable } = fields[index];
    const at = constant(LONG, index);
    return arg(apply(FIELD, type, [inner.node, at], nullable || inner.node.nullable));
  }

  #index(node: Node & { kind: 'index' }): Arg | undefined {
    const base = this.check(node.base);
    const index = this.check(node.index);
    if (base?.node === undefined || index === undefined) return undefined;
    if (base.type.kind !== 'array') {
      const message = `only an array has elements, not a ${describeType(base.type)}`;
      return this.report('type-mismatch', node.base, message);
    }
    const at = convert(index, LONG);
    if (at === undefined) {
      const message = `an index is a long, not a ${describeType(index.type)}`;
      return this.report('type-mismatch', node.index, message);
    }
    const { element } = base.type;
    if (element.kind === 'array' || element.kind === 'struct' || element.kind === 'map') {
      return this.report(
        'not-yet-supported',
        node,
        `an element that is a ${element.kind} can't be read yet`,
      );
    }
    return arg(apply(ELEMENT, element, [base.node, at], true));
  }

  #minus(node: Span, operand: Node): Arg | undefined {
    if (operand.kind === 'long') return this.#long(node, operand.digits, -1);
    if (operand.kind === 'double') return arg(constant(DOUBLE, -operand.value));
    const inner = this.check(operand);
    if (inner === undefined || inner.node === undefined) return inner;
    const { kind } = inner.type;
    if (kind !== 'long' && kind !== 'double' && kind !== 'interval') {
      return this.report(
        'type-mismatch',
        operand,
        `- takes a number, not a ${describeType(inner.type)}`,
      );
    }
    const type = inner.type as DataType;
    const factor = constant(type, -1);
    return arg(apply(op.ARITHMETIC.get('*') ?? op.WIDEN, type, [inner.node, factor]));
  }

  #arithmetic(node: Node & { kind: 'arithmetic' }): Arg | undefined {
    const left = this.check(node.left);
    const right = this.check(node.right);
    if (left === undefined || right === undefined) return undefined;
    const { operator } = node;
    if (operator === '||') {
      const built = concat.build([left, right]);
      if (!('message' in built)) return arg(built);
      const wrong = built.argument === 0 ? node.left : node.right;
      const got = built.argument === 0 ? left : right;
      return this.#mismatch(wrong, '|| joins texts', got.type, STRING);
    }
    const timed = this.#timeArithmetic(node, left, right);
    if (timed !== undefined) return timed;
    for (const [side, at] of [
      [left, node.left],
      [right, node.right],
    ] as const) {
      const { kind } = side.type;
      if (kind !== 'long' && kind !== 'double' && kind !== 'null') {
        return this.#mismatch(at, `${operator} takes numbers`, side.type, DOUBLE);
      }
    }
    const common = commonType(left.type, right.type) ?? DOUBLE;
    const whole = !isUntyped(common) && common.kind === 'long';
    // DIV of doubles would need a result that no long may hold; Spark casts, so does an author.
    if (operator === 'DIV' && !whole) {
      return this.#mismatch(node, 'DIV takes longs', DOUBLE, LONG);
    }
    const inputs = operator === '/' || !whole ? DOUBLE : LONG;
    const args = [left, right].map((side) => convert(side, inputs) ?? constant(inputs, null));
    const safe = inputs.kind === 'double' && operator !== '/' && operator !== '%';
    const nullable = !safe || args.some((side) => side.nullable);
    return arg(apply(op.ARITHMETIC.get(operator) ?? op.WIDEN, inputs, args, nullable));
  }

  /** Times and intervals: what may be added to and taken from what. */
  #timeArithmetic(node: Node & { kind: 'arithmetic' }, left: Arg, right: Arg): Arg | undefined {
    const kinds = `${left.type.kind} ${node.operator} ${right.type.kind}`;
    const types: Readonly<Record<string, DataType>> = {
      'timestamp - timestamp': INTERVAL,
      'timestamp + interval': TIMESTAMP,
      'interval + timestamp': TIMESTAMP,
      'timestamp - interval': TIMESTAMP,
      'interval + interval': INTERVAL,
      'interval - interval': INTERVAL,
    };
    const type = types[kinds];
    if (type === undefined || left.node === undefined || right.node === undefined) return undefined;
    const operation = op.ARITHMETIC.get(node.operator) ?? op.WIDEN;
    return arg(apply(operation, type, [left.node, right.node], true));
  }

  #mismatch(at: Span, what: string, got: Arg['type'], wanted: DataType): undefined {
    const name = castName(wanted);
    const hint =
      name !== undefined && canCast(got, wanted) ? `write CAST(... AS ${name})` : undefined;
    return this.report('type-mismatch', at, `${what}, not a ${describeType(got)}`, hint);
  }

  #comparison(node: Node & { kind: 'comparison' }): Arg | undefined {
    const left = this.check(node.left);
    const right = this.check(node.right);
    if (left === undefined || right === undefined) return undefined;
    const { operator } = node;
    const found = this.compare(node, operator, left, right);
    return found === undefined ? undefined : arg(found);
  }

  compare(at: Span, operator: string, left: Arg, right: Arg): TypedNode | undefined {
    const type = commonType(left.type, right.type);
    if (type === undefined) {
      const message = `a ${describeType(left.type)} can't be compared with a ${describeType(right.type)}`;
      const wanted = right.node?.kind === 'constant' ? left.type : right.type;
      const name = castName(wanted);
      const hint = name === undefined ? undefined : `write CAST(... AS ${name}) around one side`;
      return this.report('type-mismatch', at, message, hint);
    }
    if (isUntyped(type)) return constant(BOOLEAN, operator === '<=>' ? true : null);
    if (!isComparable(type)) {
      return this.report('type-mismatch', at, `a ${describeType(type)} can't be compared`);
    }
    let args = [left, right].map((side) => convert(side, type) ?? constant(type, null));
    if (operator === '<=>' || operator === 'IS NOT DISTINCT FROM') {
      return apply(op.SAME, BOOLEAN, args, false);
    }
    if (operator === 'IS DISTINCT FROM') return apply(op.DISTINCT, BOOLEAN, args, false);
    let written = operator;
    if (args[0].kind === 'constant' && args[1].kind !== 'constant') {
      // The loops have their constant on the right.
      args = [args[1], args[0]];
      written = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }[operator] ?? operator;
    }
    return apply(op.COMPARISON.get(written) ?? op.EQUAL, BOOLEAN, args);
  }

  #cast(node: Node & { kind: 'cast' }): Arg | undefined {
    const name = node.type.toUpperCase();
    const type = CAST_TYPES.get(name);
    const inner = this.check(node.operand);
    if (type === undefined) {
      const instead = CAST_TYPES_REFUSED.get(name) ?? nearest(name, [...CAST_TYPES.keys()]);
      const hint =
        instead === undefined
          ? `there are: ${[...CAST_TYPES.keys()].join(', ')}`
          : `write ${instead}`;
      return this.report('type-mismatch', node.typeAt, `there is no type ${name} to cast to`, hint);
    }
    if (inner === undefined) return undefined;
    if (inner.node === undefined) return arg(constant(type, null));
    if (!canCast(inner.type, type)) {
      const message = `a ${describeType(inner.type)} can't become a ${describeType(type)}`;
      return this.report('type-mismatch', node, message);
    }
    return arg(cast(inner.node, type));
  }

  #call(node: Node & { kind: 'call' }): Arg | undefined {
    return checkAggregate(this, node) ?? checkCall(this, node);
  }

  #logic(node: Node): Arg | undefined {
    switch (node.kind) {
      case 'not': {
        const inner = this.condition(node.operand);
        return inner && arg(apply(op.NOT, BOOLEAN, [inner]));
      }
      case 'and':
      case 'or':
        return this.#chain(node.kind === 'and' ? op.AND : op.OR, node.operands);
      case 'is':
        return this.#is(node);
      case 'between': {
        const [value, low, high] = [node.operand, node.low, node.high].map((n) => this.check(n));
        if (value === undefined || low === undefined || high === undefined) return undefined;
        const above = this.compare(node, '>=', value, low);
        const below = above && this.compare(node, '<=', value, high);
        return above && below && this.#negate(apply(op.AND, BOOLEAN, [above, below]), node.negated);
      }
      case 'in': {
        const value = this.check(node.operand);
        const options = node.options.map((option) => this.check(option));
        let found: TypedNode | undefined;
        for (const [i, option] of options.entries()) {
          if (value === undefined || option === undefined) return undefined;
          const equal = this.compare(node.options[i], '=', value, option);
          if (equal === undefined) return undefined;
          found = found === undefined ? equal : apply(op.OR, BOOLEAN, [found, equal]);
        }
        return found && this.#negate(found, node.negated);
      }
      case 'case':
        return this.#case(node);
      default:
        throw new Error(`a ${node.kind} is no logic`);
    }
  }

  #negate(node: TypedNode, negated: boolean): Arg {
    return arg(negated ? apply(op.NOT, BOOLEAN, [node]) : node);
  }

  #chain(operation: typeof op.AND, operands: readonly Node[]): Arg | undefined {
    const checked = operands.map((operand) => this.condition(operand));
    let chain: TypedNode | undefined;
    for (const operand of checked) {
      if (operand === undefined) return undefined;
      chain = chain === undefined ? operand : apply(operation, BOOLEAN, [chain, operand]);
    }
    return chain && arg(chain);
  }

  #is(node: Node & { kind: 'is' }): Arg | undefined {
    if (node.what === 'NULL') {
      const inner = this.check(node.operand);
      if (inner === undefined) return undefined;
      if (inner.node === undefined) return arg(constant(BOOLEAN, !node.negated));
      const operation = node.negated ? op.IS_NOT_NULL : op.IS_NULL;
      return arg(apply(operation, BOOLEAN, [inner.node], false));
    }
    const inner = this.condition(node.operand);
    const operation = node.what === 'TRUE' ? op.IS_TRUE : op.IS_FALSE;
    return inner && this.#negate(apply(operation, BOOLEAN, [inner], false), node.negated);
  }

  #case(node: Node & { kind: 'case' }): Arg | undefined {
    const subject = node.subject && this.check(node.subject);
    const conditions = node.branches.map(({ when }) => {
      if (node.subject === undefined) return this.condition(when);
      const value = this.check(when);
      return subject && value && this.compare(when, '=', subject, value);
    });
    const values = node.branches.map(({ gives }) => this.check(gives));
    const otherwise = node.otherwise === undefined ? BARE_NULL : this.check(node.otherwise);
    const all = [...values, otherwise];
    let type: Arg['type'] = BARE_NULL.type;
    for (const [i, value] of all.entries()) {
      if (value === undefined) return undefined;
      const both = commonType(type, value.type);
      if (both === undefined) {
        const at = node.branches[i]?.gives ?? node.otherwise ?? node;
        const message = `CASE gives a ${describeType(type)} here and a ${describeType(value.type)} there`;
        return this.report('type-mismatch', at, message);
      }
      type = both;
    }
    if (isUntyped(type)) return BARE_NULL;
    if (!isComparable(type)) {
      return this.report('type-mismatch', node, `CASE can't give a ${describeType(type)}`);
    }
    const target = type;
    const typed = all.map((value) => (value && convert(value, target)) ?? constant(target, null));
    const pairs: (readonly [TypedNode, TypedNode])[] = [];
    for (const [i, condition] of conditions.entries()) {
      if (condition === undefined) return undefined;
      pairs.push([condition, typed[i]]);
    }
    return arg(firstTrue(pairs, typed[typed.length - 1]));
  }
}

function readNode({ slot, type, nullable }: Found): TypedNode {
  return { kind: 'read', slot, type, nullable };
}
