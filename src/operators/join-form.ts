/** Proves by what a `join` pairs records besides their keys, and so how long it keeps them. */
import type { Path } from '../diagnostics/report.ts';
import { describeType } from '../sql/type.ts';
import { fieldIndex } from '../stream/schema.ts';
import { type Micros, parseDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { hasWatermark, noSuchField } from './spec.ts';

export type Kind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';

export interface FormSpec {
  readonly kind?: Kind;
  readonly within?: string | ReadonlyMap<string, string>;
  readonly retention?: string;
  readonly unmatched_to?: string;
  readonly window?: 'same';
  readonly as_of?: AsOf;
  readonly per?: 'left';
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
  /** One result for each left record; until: the column that may end its time before `after` does. */
  | { readonly by: 'left'; readonly bounds: Bounds; readonly until: number | undefined }
  /** A version counts for so long at most; END: until there is another. */
  | { readonly by: AsOf; readonly retention: Micros };

type Wrong = (rule: string, path: Path, message: string, hint: string) => undefined;

/** @returns undefined: something is wrong, and has been reported, also that an input has no watermark */
export function checkForm(spec: FormSpec, context: CheckContext): Form | undefined {
  const [left, right] = context.inputs;
  const timed = hasWatermark(left, ['left'], context);
  // What counts as it arrives may be revised, and come at any time.
  const both = spec.as_of === 'arrival' || hasWatermark(right, ['right'], context);
  const form = chosenForm(spec, context);
  return timed && both ? form : undefined;
}

function chosenForm(spec: FormSpec, context: CheckContext): Form | undefined {
  if (spec.per === 'left') return checkPerLeft(spec, context);
  return spec.window === 'same' ? checkWindows(spec, context) : formOf(spec, context);
}

function checkPerLeft(spec: FormSpec, context: CheckContext): Form | undefined {
  const wrong = reporter(context.report);
  const { within, kind = 'inner' } = spec;
  for (const field of ['window', 'retention', 'as_of'] as const) {
    if (spec[field] === undefined) continue;
    const message = `per: left takes what comes within a time together: "${field}" says none`;
    return wrong('conflicting-fields', [field], message, 'write within: 10m instead');
  }
  if (within === undefined) {
    const message = 'nothing says how long a left record waits for its partners';
    return wrong('unbounded-state', [], message, 'write within: { after: 10m }');
  }
  if (kind !== 'inner' && kind !== 'left') {
    const message = `per: left gives left records, so it cannot be of kind ${kind}`;
    return wrong('conflicting-fields', ['kind'], message, 'write kind: inner, or kind: left');
  }
  if (!checkUnmatched(spec, wrong)) return undefined;
  const until = within instanceof Map ? within.get('until') : undefined;
  if (until === undefined) {
    const bounds = boundsOf(within);
    return bounds && { by: 'left', bounds, until };
  }
  return checkUntil(until, within as ReadonlyMap<string, string>, context);
}

function checkUntil(
  until: string,
  within: ReadonlyMap<string, string>,
  { inputs: [left], report }: CheckContext,
): Form | undefined {
  const wrong = reporter(report);
  const path = ['within', 'until'];
  if (within.has('before')) {
    const message = 'with "until" the time of a left record begins with itself';
    return wrong('conflicting-fields', ['within', 'before'], message, 'leave it out');
  }
  const after = within.get('after');
  if (after === undefined) {
    const message = `"${until}" may lie ever so far ahead, and all would be kept until then`;
    const hint = `write { until: ${until}, after: 1d }, which it ends at in any case`;
    return wrong('unbounded-state', path, message, hint);
  }
  const column = fieldIndex(left.schema, until);
  if (column < 0) {
    report.add(noSuchField(left, until, path));
    return undefined;
  }
  const { type } = left.schema.fields[column];
  if (type.kind !== 'timestamp') {
    const message = `"${until}" is ${describeType(type)}, and no time that could end`;
    report.add({ rule: 'type-mismatch', path, message });
    return undefined;
  }
  const span = parseDuration(after);
  return span === undefined
    ? undefined
    : { by: 'left', bounds: { before: 0, after: span }, until: column };
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
  if (within instanceof Map && within.has('until')) {
    const message = '"until" says when the one result of a left record is due';
    return wrong('conflicting-fields', ['within', 'until'], message, 'write per: left beside it');
  }
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
