/**
 * Proves an `aggregate`: its window, its keys, and what is computed of each group.
 *
 * Expressions over groups see columns in this order: keys, fields, results of aggregates. `fields` reads
 * keys and results; `having` may read fields as well.
 */
import assert from 'node:assert';
import {
  type AggregateCall,
  type AggregateCollector,
  aggregateKey,
} from '../sql/aggregate-call.ts';
import { aggregates } from '../sql/aggregates.ts';
import {
  type Expression,
  type Found,
  inputScope,
  type Scope,
  type Slot,
} from '../sql/expression.ts';
import { orderOf } from '../sql/record-order.ts';
import { BOOLEAN, type DataType, type Schema } from '../stream/schema.ts';
import { checkWindow, type Window, type WindowSpec } from './aggregate-window.ts';
import { checkKeys, type GroupBy } from './group-by.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { fieldOf, type NamedExpression, scopeOf } from './spec.ts';

export interface Spec extends WindowSpec {
  readonly group_by?: GroupBy;
  readonly fields?: ReadonlyMap<string, unknown>;
  readonly having?: unknown;
  readonly late_to?: string;
}

/** An aggregate that is computed, once for all who use it. */
export interface Call {
  /** In `aggregates`. */
  readonly key: string;
  /** What the author wrote, parameters replaced: two of one text are one. */
  readonly text: string;
  /** What it reads of a record: its arguments, then what says in which order records came, if that matters. */
  readonly args: readonly Expression[];
  readonly share: number;
  readonly filter: Expression | undefined;
  readonly type: DataType;
}

export interface Checked {
  readonly input: InputStream;
  /** The stream of late records; undefined: they are only counted. */
  readonly lateTo: string | undefined;
  readonly window: Window;
  readonly keys: readonly NamedExpression[];
  readonly calls: readonly Call[];
  readonly fields: readonly NamedExpression[];
  readonly having: Expression | undefined;
  /** Keys, then fields. */
  readonly output: Schema;
}

export function checkAggregate(spec: Spec, context: CheckContext): Checked | undefined {
  const window = checkWindow(spec, context);
  const keys = checkKeys(spec.group_by, context);
  // Without the keys their names would be unknown below: one cause, one finding.
  if (keys === undefined) return undefined;
  const fieldCount = spec.fields?.size ?? 0;
  const windowed = spec.window !== undefined;
  const [input] = context.inputs;
  const scope = groupScope(keys, windowed);
  const order = orderOf(input.stateless);
  const collector = new Collector(scopeOf(input), keys.length + fieldCount, order);
  const fields = checkFields(spec, context, keys, scope, collector);
  if (fields === undefined) return undefined;
  const named = [...keys, ...fields];
  if (named.length === 0) {
    const message = 'a result would have no fields';
    const hint = 'write fields, or group_by';
    context.report.add({ rule: 'missing-field', path: [], message, hint });
    return undefined;
  }
  const output = { fields: named.map(fieldOf) };
  let having: Expression | undefined;
  if (spec.having !== undefined) {
    const want = { type: BOOLEAN, aggregates: collector };
    having = context.expression(spec.having, ['having'], groupScope(named, windowed), want);
    if (having === undefined) return undefined;
  }
  const lateTo = spec.late_to;
  return window && { input, lateTo, window, keys, calls: collector.calls, fields, having, output };
}

/** The names an expression over groups may use: those of its first columns, and the bounds of a window. */
function groupScope(named: readonly NamedExpression[], windowed: boolean): Scope {
  const scope = inputScope('', { fields: named.map(fieldOf) }, windowed, false);
  const bounds = windowed ? ['window_start', 'window_end'] : [];
  return {
    find: (name, qualifier): Found | 'ambiguous' | undefined =>
      qualifier === null ? scope.find(name, null) : undefined,
    names: [...new Set([...scope.names, ...bounds])],
  };
}

/** All that calls read of a record. */
export function readByCalls(calls: readonly Call[]): readonly Expression[] {
  return calls.flatMap(({ args, filter }) => (filter === undefined ? args : [...args, filter]));
}

/** Takes each aggregate of an operator's expressions once. */
export class Collector implements AggregateCollector {
  readonly signatures = aggregates;
  readonly inner: Scope;
  readonly calls: Call[] = [];
  readonly #order: readonly Expression[];
  readonly #first: number;
  readonly #known = new Map<string, number>();

  /**
   * @param inner what the aggregates may read of a record
   * @param first the column of the first result
   * @param order what says in which order records come
   */
  constructor(inner: Scope, first: number, order: readonly Expression[]) {
    this.inner = inner;
    this.#order = order;
    this.#first = first;
  }

  add({ signature, args, share = 0, filter }: AggregateCall): Slot {
    const { name, distinct = false, ordered = false } = signature;
    const inside = [...args.map((arg) => arg.text), ...(signature.share ? [share] : [])].join(', ');
    const where = filter === undefined ? '' : ` FILTER (WHERE ${filter.text})`;
    const text = `${name}(${distinct ? 'DISTINCT ' : ''}${inside === '' ? '*' : inside})${where}`;
    let call = this.#known.get(text);
    if (call === undefined) {
      const result = signature.result(args.map(({ type }) => type));
      assert('type' in result, `${text} has been checked`);
      const reads = ordered ? [...args, ...this.#order] : args;
      const key = aggregateKey(name, distinct);
      call = this.calls.push({ key, text, args: reads, share, filter, type: result.type }) - 1;
      this.#known.set(text, call);
    }
    return { from: 'column', index: this.#first + call };
  }
}

function checkFields(
  spec: Spec,
  context: CheckContext,
  keys: readonly NamedExpression[],
  scope: Scope,
  collector: Collector,
): readonly NamedExpression[] | undefined {
  const fields: NamedExpression[] = [];
  let whole = true;
  for (const [name, value] of spec.fields ?? []) {
    const path = ['fields', name];
    if (keys.some((key) => key.name === name)) {
      const message = `"${name}" is a field of group_by, and leaves by itself`;
      const rule = 'duplicate-name';
      context.report.add({ rule, path, onKey: true, message, hint: 'leave it out' });
      whole = false;
    }
    const expression = context.expression(value, path, scope, { aggregates: collector });
    if (expression === undefined) whole = false;
    else fields.push({ name, expression });
  }
  return whole ? fields : undefined;
}
