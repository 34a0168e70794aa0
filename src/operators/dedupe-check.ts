/** Proves a `dedupe`: its key, its span, and which record of a key passes. */
import { describeType, isComparable } from '../sql/type.ts';
import { fieldIndex } from '../stream/schema.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { hasWatermark, noSuchField } from './spec.ts';

export interface Spec {
  readonly key: string | readonly string[];
  readonly within?: string;
  readonly keep?: 'first_seen' | 'earliest';
  readonly late_to?: string;
}

export interface Checked {
  readonly input: InputStream;
  /** Columns of the input. */
  readonly keys: readonly number[];
  readonly within: Micros;
  /** By event time, not by arrival. */
  readonly earliest: boolean;
  readonly lateTo: string | undefined;
}

export function checkDedupe(spec: Spec, context: CheckContext): Checked | undefined {
  const {
    inputs: [input],
    report,
  } = context;
  const keys = checkKeys(spec, context);
  const timed = hasWatermark(input, ['from'], context);
  if (spec.within === undefined) {
    const message = 'without "within" every key would be remembered for ever';
    report.add({ rule: 'unbounded-state', path: [], message, hint: 'write within: 10m' });
    return undefined;
  }
  const within = parseDuration(spec.within);
  if (within === 0) {
    const message = 'within 0s nothing would be dropped';
    report.add({ rule: 'value-not-allowed', path: ['within'], message, hint: 'write within: 10m' });
  }
  if (keys === undefined || !timed || within === undefined || within === 0) return undefined;
  const earliest = spec.keep === 'earliest';
  return { input, keys, within, earliest, lateTo: spec.late_to };
}

function checkKeys(
  { key }: Spec,
  { inputs: [input], report }: CheckContext,
): readonly number[] | undefined {
  const names = typeof key === 'string' ? [key] : key;
  const keys: number[] = [];
  names.forEach((name, i) => {
    const path = typeof key === 'string' ? ['key'] : ['key', i];
    const column = fieldIndex(input.schema, name);
    if (column < 0) report.add(noSuchField(input, name, path));
    else if (keys.includes(column)) {
      const message = `"${name}" is there already`;
      report.add({ rule: 'duplicate-name', path, message, hint: 'leave it out' });
    } else if (!isComparable(input.schema.fields[column].type)) {
      const message = `records can't be told apart by ${describeType(input.schema.fields[column].type)}`;
      report.add({ rule: 'type-mismatch', path, message });
    } else keys.push(column);
  });
  return keys.length === names.length ? keys : undefined;
}
