/** Proves an `aggregate`: its window, its keys, and the aggregates its fields compute with. */
import { nearest } from '../diagnostics/suggest.ts';
import type { AggregateCollector } from '../sql/aggregate-call.ts';
import { aggregates } from '../sql/aggregates.ts';
import {
  type Expression,
  type Found,
  inputScope,
  type Scope,
  type Slot,
} from '../sql/expression.ts';
import { BOOLEAN, type DataType, type Field, type Schema, typeText } from '../stream/schema.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import type { CheckContext } from './operator.ts';
import { fieldOf, type NamedExpression } from './spec.ts';

export interface Spec {
  readonly window?: ReadonlyMap<string, string>;
  readonly group_by?: string | readonly string[] | ReadonlyMap<string, unknown>;
  readonly fields?: ReadonlyMap<string, unknown>;
  readonly having?: unknown;
}

/** One aggregate that is computed, whoever uses it. */
export interface Call {
  readonly name: string;
  readonly argument: Expression | undefined;
  readonly type: DataType;
}

export interface Checked {
  readonly time: 'event' | 'arrival';
  readonly size: Micros;
  readonly offset: Micros;
  readonly keys: readonly NamedExpression[];
  readonly calls: readonly Call[];
  /** Computed from keys and calls. */
  readonly fields: readonly NamedExpression[];
  readonly having: Expression | undefined;
  /** Keys, then results of calls. */
  readonly inner: Schema;
  readonly output: Schema;
}

export function checkAggregate(spec: Spec, context: CheckContext): Checked | undefined {
  const window = checkWindow(spec, context);
  const keys = checkKeys(spec, context);
  if (keys === undefined) return undefined;
  const {
    inputs: [input],
    report,
  } = context;
  const collector = new Collector(
    inputScope(input.name, input.schema, input.windowed),
    keys.length,
  );
  const outer = outerScope(keys);
  const fields: NamedExpression[] = [];
  let whole = window !== undefined;
  for (const [name, value] of spec.fields ?? []) {
    const path = ['fields', name];
    if (keys.some((key) => key.name === name)) {
      const message = `"${name}" is a field of group_by already, and leaves by itself`;
      report.add({ rule: 'duplicate-name', path, onKey: true, message, hint: 'leave it out' });
      whole = false;
    }
    const expression = context.expression(value, path, outer, { aggregates: collector });
    if (expression === undefined) whole = false;
    else fields.push({ name, expression });
  }
  const having = checkHaving(spec, context, outer, collector, fields, whole);
  if (!whole || window === undefined || (spec.having !== undefined && having === undefined)) {
    return undefined;
  }
  const results = collector.calls.map(
    (call, i): Field => ({ name: `#${i}`, type: call.type, nullable: true }),
  );
  const inner = { fields: [...keys.map(fieldOf), ...results] };
  const output = { fields: [...keys, ...fields].map(fieldOf) };
  const shifted = having && shift(having, inner.fields.length);
  return { ...window, keys, calls: collector.calls, fields, having: shifted, inner, output };
}

/** Slots of output fields are numbered from this until it is known how many aggregates there are. */
const OUTPUT_AT = 1_000_000;

/** `having` sees output names, keys and aggregates. */
function checkHaving(
  spec: Spec,
  context: CheckContext,
  outer: Scope,
  collector: Collector,
  fields: readonly NamedExpression[],
  whole: boolean,
): Expression | undefined {
  // Fields with problems would make their names unknown here: one cause, one finding.
  if (spec.having === undefined || !whole) return undefined;
  const scope: Scope = {
    find(name, qualifier) {
      const index = qualifier === null ? fields.findIndex((field) => field.name === name) : -1;
      if (index < 0) return outer.find(name, qualifier);
      const { type, nullable } = fields[index].expression;
      return { slot: { from: 'column', index: OUTPUT_AT + index }, type, nullable };
    },
    names: [...outer.names, ...fields.map((field) => field.name)],
  };
  return context.expression(spec.having, ['having'], scope, {
    type: BOOLEAN,
    aggregates: collector,
  });
}

/** Puts the slots of output fields where they are: behind keys and calls. */
function shift(expression: Expression, at: number): Expression {
  const move = (node: Expression['node']): Expression['node'] => {
    if (node.kind === 'apply') return { ...node, args: node.args.map(move) };
    if (node.kind !== 'read' || node.slot.from !== 'column' || node.slot.index < OUTPUT_AT)
      return node;
    return { ...node, slot: { from: 'column', index: node.slot.index - OUTPUT_AT + at } };
  };
  return { ...expression, node: move(expression.node) };
}

class Collector implements AggregateCollector {
  readonly signatures = aggregates;
  readonly inner: Scope;
  readonly calls: Call[] = [];
  readonly #first: number;

  constructor(inner: Scope, first: number) {
    this.inner = inner;
    this.#first = first;
  }

  add({ name, argument }: { name: string; argument: Expression | undefined }): Slot {
    const signature = aggregates.get(name);
    const result = signature?.result(argument === undefined ? [] : [argument.type]);
    if (result === undefined || 'problem' in result) throw new Error(`${name} was not checked`);
    this.calls.push({ name, argument, type: result.type });
    return { from: 'column', index: this.#first + this.calls.length - 1 };
  }
}

/** Keys by name, and the bounds of the window. */
function outerScope(keys: readonly NamedExpression[]): Scope {
  const schema = { fields: keys.map(fieldOf) };
  const scope = inputScope('', schema, true);
  return {
    find: (name, qualifier): Found | 'ambiguous' | undefined =>
      qualifier === null ? scope.find(name, null) : undefined,
    names: [...scope.names, 'window_start', 'window_end'],
  };
}

function checkWindow(
  spec: Spec,
  { report, inputs: [input] }: CheckContext,
): Pick<Checked, 'time' | 'size' | 'offset'> | undefined {
  const { window } = spec;
  if (window === undefined) {
    const message = 'without a window the groups would be kept for ever';
    const hint = 'write window: { tumble: 10s }, or another span';
    report.add({ rule: 'unbounded-state', path: [], message, hint });
    return undefined;
  }
  const kind = window.has('batch') ? 'batch' : 'tumble';
  const text = window.get(kind);
  if (text === undefined || (window.has('batch') && window.has('tumble'))) {
    const message = 'a window is one of tumble and batch';
    report.add({ rule: 'window-shape', path: ['window'], message, hint: 'write { tumble: 10s }' });
    return undefined;
  }
  const size = parseDuration(text);
  const offset = parseDuration(window.get('offset') ?? '0s');
  if (size === undefined || offset === undefined) return undefined; // the shape has said so
  if (size === 0) {
    const message = 'a window of no time holds nothing';
    report.add({ rule: 'window-shape', path: ['window', kind], message });
    return undefined;
  }
  if (kind === 'batch' && !input.stateless) {
    const message = `a window by arrival must read a lane, or stateless operators behind one; "${input.name}" is neither`;
    report.add({ rule: 'window-shape', path: ['window', 'batch'], message });
    return undefined;
  }
  return { time: kind === 'batch' ? 'arrival' : 'event', size, offset };
}

function checkKeys(spec: Spec, context: CheckContext): readonly NamedExpression[] | undefined {
  const {
    inputs: [input],
    report,
  } = context;
  const scope = inputScope(input.name, input.schema, input.windowed);
  const groupBy = spec.group_by ?? [];
  const keys: NamedExpression[] = [];
  let whole = true;
  const add = (name: string, value: unknown, path: (string | number)[]): void => {
    const expression = context.expression(value, path, scope);
    if (expression === undefined) {
      whole = false;
      return;
    }
    const { kind } = expression.type;
    if (kind === 'array' || kind === 'struct' || kind === 'map') {
      const message = `records can't be grouped by a ${typeText(expression.type)}`;
      report.add({ rule: 'type-mismatch', path, message });
      whole = false;
      return;
    }
    keys.push({ name, expression });
  };
  if (groupBy instanceof Map) {
    for (const [name, value] of groupBy) add(name, value, ['group_by', name]);
    return whole ? keys : undefined;
  }
  const names = typeof groupBy === 'string' ? [groupBy] : (groupBy as readonly string[]);
  names.forEach((name, i) => {
    const path = typeof groupBy === 'string' ? ['group_by'] : ['group_by', i];
    if (scope.find(name, null) !== undefined) {
      add(name, `\`${name}\``, path);
      return;
    }
    const near = nearest(name, scope.names);
    const hint =
      near === undefined ? `there are: ${scope.names.join(', ')}` : `did you mean "${near}"?`;
    report.add({
      rule: 'unknown-column',
      path,
      message: `"${input.name}" has no field "${name}"`,
      hint,
    });
    whole = false;
  });
  return whole ? keys : undefined;
}
