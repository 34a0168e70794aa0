/** Proves by what a `join` pairs records besides their keys, and so how long it keeps them. */
import type { Path } from '../diagnostics/report.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { CheckContext } from './operator.ts';
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
  const form = formOf(spec, context);
  return timed && both ? form : undefined;
}

function formOf(spec: FormSpec, { report }: CheckContext): Form | undefined {
  const { kind = 'inner', within, retention, unmatched_to: unmatchedTo, as_of: asOf } = spec;
  const wrong: Wrong = (rule, path, message, hint) => {
    report.add({ rule, path, onKey: path.length > 0, message, hint });
    return undefined;
  };
  // Reported where all is that is yet to come.
  if (spec.window !== undefined) return undefined;
  if (within === undefined && retention === undefined && asOf === undefined) {
    const message = 'without a bound in time both sides would be kept for ever';
    return wrong('unbounded-state', [], message, 'write within: 10m, or another span');
  }
  if (unmatchedTo !== undefined && !['inner', 'semi'].includes(kind)) {
    const message = `of kind ${kind} records without a partner are part of the result`;
    const hint = 'leave "unmatched_to" out, or write kind: inner';
    return wrong('conflicting-fields', ['unmatched_to'], message, hint);
  }
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
