/** Proves by what a `join` pairs records besides their keys, and so how long it keeps them. */
import type { Path } from '../diagnostics/report.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { hasWatermark } from './spec.ts';

export type Kind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';

export interface FormSpec {
  readonly kind?: Kind;
  readonly within?: string | ReadonlyMap<string, string>;
  readonly retention?: string;
  readonly unmatched_to?: string;
  readonly window?: 'same';
  readonly as_of?: AsOf;
}

/** Bounds of the right record's time less the left one's. */
export interface Bounds {
  readonly before: Micros;
  readonly after: Micros;
}

/** Whose newest version is paired: by event time as of the left record's, or as of when that arrives. */
export type AsOf = 'event_time' | 'arrival';

export type Form =
  | { readonly by: 'within'; readonly bounds: Bounds }
  /** Results of the same window. */
  | { readonly by: 'window' }
  | { readonly by: 'forever' }
  /** A version counts for so long at most; END: until there is another. */
  | { readonly by: AsOf; readonly retention: Micros };

type Wrong = (rule: string, path: Path, message: string, hint: string) => undefined;

/** @returns undefined: something is wrong, and has been reported, also that an input has no watermark */
export function checkForm(spec: FormSpec, context: CheckContext): Form | undefined {
  const [left, right] = context.inputs;
  const timed = hasWatermark(left, ['left'], context);
  // What counts as it arrives may be revised, and come at any time.
  const both = spec.as_of === 'arrival' || hasWatermark(right, ['right'], context);
  const form = spec.window === 'same' ? checkWindows(spec, context) : formOf(spec, context);
  return timed && both ? form : undefined;
}

function checkWindows(spec: FormSpec, { inputs, report }: CheckContext): Form | undefined {
  const wrong = reporter(report);
  for (const field of ['within', 'retention', 'as_of'] as const) {
    if (spec[field] === undefined) continue;
    const message = `records of the same window are paired by nothing else: "${field}" is of no use`;
    return wrong('conflicting-fields', [field], message, 'leave one of the two out');
  }
  if (!checkUnmatched(spec, wrong)) return undefined;
  const without = inputs.findIndex(({ windowed }) => !windowed);
  if (without >= 0) {
    const message = `"${inputs[without].name}" has no windows that could be the same`;
    const hint = 'read an aggregate with a window, or write within: 10m';
    const path = [without === 0 ? 'left' : 'right'];
    report.add({ rule: 'window-shape', path, message, hint });
    return undefined;
  }
  const [left, right] = inputs;
  if (left.window !== undefined && left.window === right.window) return { by: 'window' };
  const of = ({ name, window = 'several kinds' }: InputStream): string =>
    `"${name}" has windows of ${window}`;
  const message = `${of(left)}, ${of(right)}: they are not the same`;
  report.add({
    rule: 'window-shape',
    path: ['window'],
    message,
    hint: 'give both the same window',
  });
  return undefined;
}

/** Who is left over where that is part of the result, has no stream of its own. */
function checkUnmatched(
  { kind = 'inner', unmatched_to: unmatchedTo }: FormSpec,
  wrong: Wrong,
): boolean {
  if (unmatchedTo === undefined || ['inner', 'semi'].includes(kind)) return true;
  const message = `of kind ${kind} records without a partner are part of the result`;
  const hint = 'leave "unmatched_to" out, or write kind: inner';
  wrong('conflicting-fields', ['unmatched_to'], message, hint);
  return false;
}

function reporter(report: CheckContext['report']): Wrong {
  return (rule, path, message, hint) => {
    report.add({ rule, path, onKey: path.length > 0, message, hint });
    return undefined;
  };
}

function formOf(spec: FormSpec, { report }: CheckContext): Form | undefined {
  const { kind = 'inner', within, retention, as_of: asOf } = spec;
  const wrong = reporter(report);
  if (within === undefined && retention === undefined && asOf === undefined) {
    const message = 'without a bound in time both sides would be kept for ever';
    return wrong('unbounded-state', [], message, 'write within: 10m, or another span');
  }
  if (!checkUnmatched(spec, wrong)) return undefined;
  if (asOf !== undefined) return checkAsOf(spec, kind, asOf, wrong);
  if (retention !== undefined) return checkForever(spec, kind, wrong);
  const bounds = boundsOf(within);
  return bounds && { by: 'within', bounds }; // undefined: the shape has said so
}

function checkAsOf(
  { within, retention }: FormSpec,
  kind: Kind,
  asOf: AsOf,
  wrong: Wrong,
): Form | undefined {
  if (within !== undefined) {
    const message = 'a version counts until there is another: it has no bounds in time';
    const hint = 'leave one of the two out; how long a version counts is its "retention"';
    return wrong('conflicting-fields', ['within'], message, hint);
  }
  if (kind !== 'inner' && kind !== 'left') {
    const message = `each left record is looked up, so a join as of ${asOf} cannot be of kind ${kind}`;
    return wrong('conflicting-fields', ['kind'], message, 'write kind: inner, or kind: left');
  }
  if (retention === undefined) {
    const message = 'without "retention" a version of every key would be kept for ever';
    const hint = 'write retention: 7d, or another span, or retention: forever';
    return wrong('unbounded-state', [], message, hint);
  }
  const span = retention === 'forever' ? END : parseDuration(retention);
  if (span !== 0) return span === undefined ? undefined : { by: asOf, retention: span };
  const message = 'a version that counts for no time is never found';
  return wrong('value-not-allowed', ['retention'], message, 'write retention: 7d');
}

function checkForever(
  { within, retention, unmatched_to: unmatchedTo }: FormSpec,
  kind: Kind,
  wrong: Wrong,
): Form | undefined {
  if (within !== undefined) {
    const message = '"within" says how long a record is kept, so "retention" cannot';
    return wrong('conflicting-fields', ['retention'], message, 'leave one of the two out');
  }
  if (retention !== 'forever') {
    const message =
      'a join keeps its records for ever, or for as long as "within" says, unless it has "as_of"';
    return wrong('value-not-allowed', ['retention'], message, `write within: ${retention}`);
  }
  if (kind === 'inner' && unmatchedTo === undefined) return { by: 'forever' };
  const field = kind === 'inner' ? 'unmatched_to' : 'kind';
  const message = 'a record that is kept for ever may always find a partner yet';
  return wrong('conflicting-fields', [field], message, 'write within: 10m, or another span');
}

function boundsOf(within: FormSpec['within']): Bounds | undefined {
  const [one, other] =
    within instanceof Map
      ? [within.get('before') ?? '0s', within.get('after') ?? '0s']
      : [String(within), String(within)];
  const before = parseDuration(one);
  const after = parseDuration(other);
  return before === undefined || after === undefined ? undefined : { before, after };
}
