/** Proves a `top`: its window, its groups, its order, and the field that tells the rank. */
import { LONG, type Schema } from '../stream/schema.ts';
import { checkWindow, type FixedWindow, type Window, type WindowSpec } from './aggregate-window.ts';
import { checkKeys, type GroupBy } from './group-by.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { checkOrder, type OrderKey } from './order-by.ts';
import type { NamedExpression } from './spec.ts';

export interface Spec extends WindowSpec {
  readonly group_by?: GroupBy;
  readonly order_by: string | readonly string[];
  readonly limit: number;
  readonly ties?: 'break' | 'keep';
  readonly rank?: string;
  readonly late_to?: string;
}

export interface Checked {
  readonly input: InputStream;
  /** The stream of late records; undefined: they are only counted. */
  readonly lateTo: string | undefined;
  readonly window: FixedWindow | (Window & { readonly kind: 'running' });
  readonly keys: readonly NamedExpression[];
  readonly order: readonly OrderKey[];
  readonly limit: number;
  /** Whether those that are equal to the last one stay with it. */
  readonly keepsTies: boolean;
  /** Fields of the input, then the rank if it is asked for. */
  readonly output: Schema;
  readonly ranked: boolean;
}

/** By a session a group would have as many tops as pauses; nobody has asked for that yet. */
const KINDS = ['tumble', 'hop', 'batch'] as const;

export function checkTop(spec: Spec, context: CheckContext): Checked | undefined {
  const {
    inputs: [input],
    report,
  } = context;
  if (spec.emit === 'complete') {
    const message = 'emit: complete of top is not supported yet';
    report.add({ rule: 'not-yet-supported', path: ['emit'], message });
    return undefined;
  }
  const window = checkWindow(spec, context, KINDS);
  const keys = checkKeys(spec.group_by, context);
  const order = checkOrder(spec.order_by, context);
  const output = checkRank(spec, context);
  const keepsTies = spec.ties === 'keep';
  if (keepsTies && spec.window === undefined) {
    const message =
      'without a window a result takes the place of the one before, by group and rank';
    const hint = 'leave it out, or write a window: of equals all can leave when it closes';
    report.add({ rule: 'conflicting-fields', path: ['ties'], onKey: true, message, hint });
    return undefined;
  }
  if (window === undefined || window.kind === 'session') return undefined;
  if (keys === undefined || order === undefined || output === undefined) return undefined;
  const { limit, late_to: lateTo } = spec;
  const ranked = spec.rank !== undefined;
  return { input, lateTo, window, keys, order, limit, keepsTies, output, ranked };
}

function checkRank(
  { rank }: Spec,
  { inputs: [{ name, schema }], report }: CheckContext,
): Schema | undefined {
  if (rank === undefined) return schema;
  if (schema.fields.some((field) => field.name === rank)) {
    const message = `"${rank}" is a field of "${name}" already`;
    const hint = 'give the rank another name';
    report.add({ rule: 'duplicate-name', path: ['rank'], message, hint });
    return undefined;
  }
  return { fields: [...schema.fields, { name: rank, type: LONG, nullable: false }] };
}
