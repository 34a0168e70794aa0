/**
 * Gives a syntax tree its meaning: names become slots, types are proved, conversions written out. Reports
 * every type error of the expression, not the first only; a part that is wrong says so once and is then
 * left alone by what stands above it.
 */
import { nearest } from '../diagnostics/suggest.ts';
import { BOOLEAN, type DataType, DOUBLE, LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import type { AggregateCollector } from './aggregate-call.ts';
import type { Node, Span } from './ast.ts';
import { timestampOf } from './cast-text.ts';
import { checkCall } from './check-call.ts';
import * as logic from './check-logic.ts';
import { checkArithmetic, checkCast, checkComparison, checkMinus } from './check-operators.ts';
import type { Checker } from './checker.ts';
import type { Constants, Problem, Scope } from './expression.ts';
import { type Arg, arg, BARE_NULL, convert } from './function.ts';
import { ELEMENT, fieldOperation } from './nested.ts';
import { printConstant } from './print.ts';
import { canCast, castName, describeType, SAFE_MAX, type SqlType } from './type.ts';
import { apply, constant, type TypedNode } from './typed.ts';

/** int64 has 2^63 values below zero; what lies between 2^53 and it comes with 64-bit columns. */
const LONG_LIMIT = 2n ** 63n;

/** Columns the language has and no lane fills yet. */
const LATER_COLUMNS = new Set(['_raw', '_part', '_seq']);

class TreeChecker implements Checker {
  readonly problems: Problem[] = [];
  readonly aggregates: AggregateCollector | undefined;
  scope: Scope;
  readonly #text: string;
  readonly #params: Constants;
  /** Parameters that were met, and what they stand for. */
  readonly #named: (Span & { readonly literal: string })[] = [];

  constructor(
    text: string,
    scope: Scope,
    aggregates: AggregateCollector | undefined,
    params: Constants,
  ) {
    this.#text = text;
    this.scope = scope;
    this.aggregates = aggregates;
    this.#params = params;
  }

  textOf({ start, end }: Span): string {
    let text = '';
    let from = start;
    for (const named of this.#named) {
      if (named.start < from || named.end > end) continue;
      text += this.#text.slice(from, named.start) + named.literal;
      from = named.end;
    }
    return text + this.#text.slice(from, end);
  }

  report(rule: string, at: Span, message: string, hint?: string): undefined {
    const problem = { rule, start: at.start, end: at.end, message };
    this.problems.push(hint === undefined ? problem : { ...problem, hint });
    return undefined;
  }

  mismatch(at: Span, what: string, got: SqlType, wanted: DataType): undefined {
    const name = castName(wanted);
    const helps = name !== undefined && canCast(got, wanted);
    const hint = helps ? `write CAST(... AS ${name})` : undefined;
    return this.report('type-mismatch', at, `${what}, not ${describeType(got)}`, hint);
  }

  check(node: Node): Arg | undefined {
    switch (node.kind) {
      case 'long':
        return this.#long(node, node.digits, false);
      case 'double':
        return this.#double(node, node.value);
      case 'string':
        return arg(constant(STRING, node.value));
      case 'boolean':
        return arg(constant(BOOLEAN, node.value));
      case 'null':
        return BARE_NULL;
      case 'timestamp':
        return this.#timestamp(node, node.value);
      case 'name':
        return this.#name(node, node.name, null);
      case 'field':
        return this.#field(node);
      case 'index':
        return this.#index(node);
      case 'minus':
        if (node.operand.kind === 'long') return this.#long(node, node.operand.digits, true);
        if (node.operand.kind === 'double') return this.#double(node, -node.operand.value);
        return checkMinus(this, node.operand);
      case 'arithmetic':
        return checkArithmetic(this, node);
      case 'comparison':
        return checkComparison(this, node);
      case 'not':
        return logic.checkNot(this, node);
      case 'and':
      case 'or':
        return logic.checkChain(this, node);
      case 'is':
        return logic.checkIs(this, node);
      case 'between':
        return logic.checkBetween(this, node);
      case 'in':
        return logic.checkIn(this, node);
      case 'case':
        return logic.checkCase(this, node);
      case 'cast':
        return checkCast(this, node);
      case 'call':
        return checkCall(this, node);
      case 'lambda': {
        const message = 'a lambda is an argument of transform, filter or exists';
        return this.report('not-allowed-here', node, message);
      }
      case 'later':
        return this.report('not-yet-supported', node, `${node.what} can't be run yet`);
    }
  }

  condition(node: Node): TypedNode | undefined {
    const found = this.check(node);
    if (found === undefined) return undefined;
    const what = 'a condition must be TRUE or FALSE';
    return convert(found, BOOLEAN) ?? this.mismatch(node, what, found.type, BOOLEAN);
  }

  #long(at: Span, digits: string, negative: boolean): Arg | undefined {
    const size = Number(digits);
    if (size <= SAFE_MAX) return arg(constant(LONG, negative ? 0 - size : size));
    const hint = `write ${digits}D for a double`;
    if (BigInt(digits) < LONG_LIMIT + (negative ? 1n : 0n)) {
      return this.report('not-yet-supported', at, 'a long beyond 2^53 - 1 has no column yet', hint);
    }
    return this.report('literal-range', at, 'a long has 64 bits, this one does not fit', hint);
  }

  #double(at: Span, value: number): Arg | undefined {
    if (Number.isFinite(value)) return arg(constant(DOUBLE, value));
    return this.report('literal-range', at, 'no double is as large as this');
  }

  #timestamp(at: Span, text: string): Arg | undefined {
    const found = timestampOf(text);
    if (found !== undefined) return arg(constant(TIMESTAMP, found));
    const hint = "write TIMESTAMP '2026-01-31T23:59:00Z'";
    return this.report('literal-range', at, `'${text}' is no time between 1684 and 2255`, hint);
  }

  #name(at: Span, name: string, qualifier: string | null): Arg | undefined {
    const found = this.scope.find(name, qualifier);
    if (found === 'ambiguous') {
      const hint = `say which: left.${name} or right.${name}`;
      return this.report('ambiguous-column', at, `both sides have a field "${name}"`, hint);
    }
    if (found !== undefined) return arg({ kind: 'read', ...found });
    if (LATER_COLUMNS.has(name)) {
      return this.report('not-yet-supported', at, `${name} can't be read yet`);
    }
    const inner = this.aggregates?.inner;
    if (inner !== undefined && inner !== this.scope && inner.find(name, qualifier) !== undefined) {
      const message = `"${name}" has one value a record, not one a group`;
      const hint = 'put it into an aggregate, such as max(...), or into group_by';
      return this.report('unknown-column', at, message, hint);
    }
    return this.#unknown(at, name, this.scope.names, 'there is no field');
  }

  #unknown(at: Span, name: string, names: readonly string[], what: string): undefined {
    const near = nearest(name, names);
    const list = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none';
    const hint = near === undefined ? list : `did you mean "${near}"?`;
    return this.report('unknown-column', at, `${what} "${name}" here`, hint);
  }

  #field(node: Node & { kind: 'field' }): Arg | undefined {
    const { base, name, nameAt } = node;
    if (base.kind === 'name' && this.scope.find(base.name, null) === undefined) {
      if (base.name === 'params') {
        return this.#param(node, name, nameAt);
      }
      if (this.scope.find(name, base.name) !== undefined) return this.#name(node, name, base.name);
      const { names } = this.scope;
      // A name of an input, if it has fields at all.
      if (names.some((other) => this.scope.find(other, base.name) !== undefined)) {
        return this.#unknown(nameAt, name, names, 'there is no field');
      }
    }
    const inner = this.check(base);
    if (inner === undefined) return undefined;
    if (inner.node === undefined || inner.type.kind !== 'struct') {
      const message = `${describeType(inner.type)} has no fields`;
      return this.report('type-mismatch', nameAt, message);
    }
    const { fields } = inner.type;
    const index = fields.findIndex((field) => field.name === name);
    if (index < 0) {
      const names = fields.map((field) => field.name);
      return this.#unknown(nameAt, name, names, 'the struct has no field');
    }
    const { type, nullable } = fields[index];
    return arg(apply(fieldOperation(index), type, [inner.node], nullable || inner.node.nullable));
  }

  #param(at: Span, name: string, nameAt: Span): Arg | undefined {
    const found = this.#params.get(name);
    if (found === undefined) {
      if (this.#params.has(name)) return undefined;
      return this.#unknown(nameAt, name, [...this.#params.keys()], 'there is no parameter');
    }
    this.#named.push({ start: at.start, end: at.end, literal: printConstant(found) });
    this.#named.sort((a, b) => a.start - b.start);
    return arg(constant(found.type, found.value));
  }

  #index(node: Node & { kind: 'index' }): Arg | undefined {
    const base = this.check(node.base);
    const index = this.check(node.index);
    if (base === undefined || index === undefined) return undefined;
    if (base.node === undefined || base.type.kind !== 'array') {
      const message = `only an array has elements, not ${describeType(base.type)}`;
      return this.report('type-mismatch', node.base, message);
    }
    const at = convert(index, LONG);
    if (at === undefined) return this.mismatch(node.index, 'an index is a long', index.type, LONG);
    return arg(apply(ELEMENT, base.type.element, [base.node, at], true));
  }
}

/**
 * @param text what `node` was read from
 * @param aggregates takes the aggregates of the expression; undefined: it may have none
 * @returns the typed tree, a bare NULL without one; undefined exactly when there are problems
 */
export function check(
  text: string,
  node: Node,
  scope: Scope,
  aggregates: AggregateCollector | undefined,
  params: Constants = new Map(),
): {
  readonly found: Arg | undefined;
  /** The text with values in the place of parameters. */
  readonly written: string;
  readonly problems: readonly Problem[];
} {
  const checker = new TreeChecker(text, scope, aggregates, params);
  const found = checker.check(node);
  const { problems } = checker;
  const written = checker.textOf({ start: 0, end: text.length });
  return { found: problems.length === 0 ? found : undefined, written, problems };
}
