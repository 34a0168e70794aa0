/**
 * Proves an `over`: which records are taken together, and what is computed of each.
 *
 * Its expressions see columns in this order: fields of the input, fields of group_by, results of aggregates.
 */

import type { Expression, Found, Scope } from '../sql/expression.ts';
import { expressionOf } from '../sql/expression-of.ts';
import { fieldIndex, LONG, type Schema } from '../stream/schema.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import { type Call, Collector } from './aggregate-check.ts';
import { checkKeys, type GroupBy } from './group-by.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { fieldOf, hasWatermark, type NamedExpression, noSuchField, scopeOf } from './spec.ts';

export interface Spec {
  readonly group_by?: GroupBy;
  readonly rows?: number;
  readonly range?: string;
  readonly fields: ReadonlyMap<string, unknown>;
  readonly keep?: 'none' | 'all' | readonly string[];
  readonly retention?: string;
  readonly late_to?: string;
}

/** Which records of a group are taken together with one of them. */
export type Frame =
  /** It and those before it, if no two that follow each other are farther apart than `retention`; END: however far. */
  | { readonly kind: 'rows'; readonly rows: number; readonly retention: Micros }
  /** Those whose time is not after its own, and at most `range` before. */
  | { readonly kind: 'range'; readonly range: Micros };

/**
 * In which order records count for aggregates to which that matters: that of the frame. It is known only where a
 * frame is computed, so nothing evaluates this; it stands for the number of a record in its frame.
 */
export const PLACE: Expression = expressionOf('place', {
  kind: 'read',
  slot: { from: 'sequence' },
  type: LONG,
  nullable: false,
});

export interface Checked {
  readonly input: InputStream;
  /** The stream of late records; undefined: they are only counted. */
  readonly lateTo: string | undefined;
  readonly frame: Frame;
  readonly keys: readonly NamedExpression[];
  readonly calls: readonly Call[];
  /** Columns of the input that leave. */
  readonly kept: readonly number[];
  readonly fields: readonly NamedExpression[];
  /** Keys, then what is kept, then fields. */
  readonly output: Schema;
}

export function checkOver(spec: Spec, context: CheckContext): Checked | undefined {
  const [input] = context.inputs;
  const timed = hasWatermark(input, ['from'], context);
  const frame = checkFrame(spec, context);
  const keys = checkKeys(spec.group_by, context);
  if (keys === undefined) return undefined;
  const kept = keptColumns(spec, keys, context);
  const fields: NamedExpression[] = [];
  const width = input.schema.fields.length;
  const collector = new Collector(scopeOf(input), width + keys.length, [PLACE]);
  const scope = recordScope(input, keys);
  for (const [name, value] of spec.fields) {
    const path = ['fields', name];
    const taken =
      keys.some((key) => key.name === name) ||
      kept.some((column) => input.schema.fields[column]?.name === name);
    if (taken) {
      const message = `"${name}" leaves by itself, by group_by or keep`;
      const hint = 'give it another name';
      context.report.add({ rule: 'duplicate-name', path, onKey: true, message, hint });
    }
    const expression = context.expression(value, path, scope, { aggregates: collector });
    if (expression !== undefined && !taken) fields.push({ name, expression });
  }
  if (!timed || frame === undefined || kept.includes(-1)) return undefined;
  if (fields.length < spec.fields.size) return undefined;
  const output = {
    fields: [
      ...keys.map(fieldOf),
      ...kept.map((column) => input.schema.fields[column]),
      ...fields.map(fieldOf),
    ],
  };
  const { calls } = collector;
  return { input, lateTo: spec.late_to, frame, keys, calls, kept, fields, output };
}

/** Names of the record's own fields, and those that group_by computes. */
function recordScope(input: InputStream, keys: readonly NamedExpression[]): Scope {
  const own = scopeOf({ ...input, windowed: false, stateless: false });
  const width = input.schema.fields.length;
  return {
    find(name, qualifier): Found | 'ambiguous' | undefined {
      const key = qualifier === null ? keys.findIndex((one) => one.name === name) : -1;
      if (key === -1) return own.find(name, qualifier);
      const { type, nullable } = keys[key].expression;
      return { slot: { from: 'column', index: width + key }, type, nullable };
    },
    names: [...new Set([...keys.map(({ name }) => name), ...own.names])],
  };
}

function checkFrame(
  { rows, range: rangeText, retention: retentionText }: Spec,
  { report }: CheckContext,
): Frame | undefined {
  if (rangeText !== undefined) {
    const range = parseDuration(rangeText);
    const clash =
      rows !== undefined ? 'rows' : retentionText !== undefined ? 'retention' : undefined;
    if (clash !== undefined) {
      const message =
        clash === 'rows'
          ? 'records are taken together by their number or by their time, not by both'
          : 'with a range no record is kept longer than that: there is no retention';
      const rule = 'conflicting-fields';
      report.add({ rule, path: [clash], onKey: true, message, hint: 'keep one of the two' });
      return undefined;
    }
    if (range !== 0) return range === undefined ? undefined : { kind: 'range', range };
    const message = 'within no time there is nothing to take together';
    report.add({ rule: 'value-not-allowed', path: ['range'], message, hint: 'write range: 10m' });
    return undefined;
  }
  if (rows === undefined) {
    const message = 'it is not said which records are taken together';
    report.add({ rule: 'missing-field', path: [], message, hint: 'write rows: 10, or range: 10m' });
    return undefined;
  }
  if (retentionText === undefined) {
    const message = 'without a retention the last records of every group would be kept for ever';
    const hint = 'write retention: 7d (or forever), or range: 10m in place of rows';
    report.add({ rule: 'unbounded-state', path: [], message, hint });
    return undefined;
  }
  const retention = retentionText === 'forever' ? END : parseDuration(retentionText);
  if (retention !== 0)
    return retention === undefined ? undefined : { kind: 'rows', rows, retention };
  const message = 'a retention of no time remembers nothing';
  report.add({
    rule: 'value-not-allowed',
    path: ['retention'],
    message,
    hint: 'write retention: 7d',
  });
  return undefined;
}

/**
 * In the input's order for `all`, in the author's for a list; a field of group_by leaves once.
 * @returns with -1 for what is no field, which is reported
 */
function keptColumns(
  { keep = 'none' }: Spec,
  keys: readonly NamedExpression[],
  { inputs: [input], report }: CheckContext,
): readonly number[] {
  if (keep === 'none') return [];
  const isKey = (name: string): boolean => keys.some((key) => key.name === name);
  if (keep === 'all') {
    return [...input.schema.fields.keys()].filter((i) => !isKey(input.schema.fields[i].name));
  }
  const kept = new Set<number>();
  (keep as readonly string[]).forEach((name, i) => {
    const column = fieldIndex(input.schema, name);
    if (column === -1) report.add(noSuchField(input, name, ['keep', i]));
    if (!isKey(name)) kept.add(column);
  });
  return [...kept];
}
