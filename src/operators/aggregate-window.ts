/** Proves the window of an `aggregate`, or that it runs without one: what it is and when results leave. */
import { listed } from '../diagnostics/words.ts';
import { formatDuration, type Micros, parseDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { CheckContext, InputStream } from './operator.ts';
import { hasWatermark } from './spec.ts';

export interface FixedWindow {
  /** same: that of the input, whose results have the time of its last microsecond; size, every: that one. */
  readonly kind: 'tumble' | 'hop' | 'batch' | 'same';
  readonly size: Micros;
  /** How far beginnings are apart; `size` unless windows overlap. */
  readonly every: Micros;
  readonly offset: Micros;
}

/** No window: groups that are told of as they stand. */
export interface RunningGroups {
  readonly kind: 'running';
  /** END is for ever. */
  readonly retention: Micros;
  readonly every: Micros;
  /** update: those that have changed leave; complete: all. */
  readonly emit: 'update' | 'complete';
  /** How many there may be; Infinity: any number. */
  readonly most: number;
}

export type Window =
  | FixedWindow
  | { readonly kind: 'session'; readonly gap: Micros }
  | RunningGroups;

export interface WindowSpec {
  readonly window?: 'same' | ReadonlyMap<string, string>;
  readonly group_by?: unknown;
  readonly emit?: string;
  readonly every?: string;
  readonly retention?: string;
  readonly max_groups?: number;
}

/** See `InputStream`. @param input what an aggregate with this window reads */
export function windowName(window: Window, input: InputStream): string | undefined {
  switch (window.kind) {
    case 'running':
      return undefined;
    case 'same':
      return input.window;
    case 'session':
      return `session ${formatDuration(window.gap)}`;
    default: {
      const { kind, size, every, offset } = window;
      const span = formatDuration(size);
      const shift = offset % every === 0 ? '' : `, offset ${formatDuration(offset % every)}`;
      if (kind === 'batch') return `batch ${span}${shift}`;
      const often =
        every === size ? `tumble ${span}` : `hop ${span}, every ${formatDuration(every)}`;
      return `${often}${shift}`;
    }
  }
}

const KINDS = ['tumble', 'hop', 'session', 'batch'] as const;
type Kind = (typeof KINDS)[number];

const EVERY_DEFAULT = '1s';
/** A hint shows so many windows that overlap. */
const HOPS_SUGGESTED = 5;
/** Windows that one record counts in: each that closes merges up to twice as many panes. */
const HOPS_MAX = 10_000;

/** @param kinds of windows that the operator knows, beside `same` */
export function checkWindow(
  spec: WindowSpec,
  context: CheckContext,
  kinds: readonly Kind[] = KINDS,
): Window | undefined {
  const { window } = spec;
  if (window === undefined) return checkRunning(spec, context);
  const fits = onlyWithoutWindow(spec, context);
  const checked = window === 'same' ? checkSame(context) : checkShape(spec, window, context, kinds);
  return fits ? checked : undefined;
}

/** Fields that say how groups without a window live. */
function onlyWithoutWindow(spec: WindowSpec, { report }: CheckContext): boolean {
  if (spec.emit !== undefined && spec.emit !== 'on_close') {
    const message = `emit: ${spec.emit} of windows is not supported yet`;
    report.add({ rule: 'not-yet-supported', path: ['emit'], message });
    return false;
  }
  if (spec.max_groups !== undefined) {
    const message = 'max_groups of windows is not supported yet';
    report.add({ rule: 'not-yet-supported', path: ['max_groups'], onKey: true, message });
    return false;
  }
  const rule = 'conflicting-fields';
  if (spec.retention !== undefined) {
    const message = 'a group lives as long as its window: it has no retention';
    report.add({ rule, path: ['retention'], onKey: true, message, hint: 'keep one of the two' });
    return false;
  }
  // Beside a hop it is that hop's, and found to be missing there.
  const meant = spec.window !== 'same' && spec.window?.has('hop') && !spec.window.has('every');
  if (spec.every !== undefined && !meant) {
    const message = 'the result of a window leaves once, when it closes: it has no "every"';
    const hint = 'leave it out; how often a hop begins is said inside of window';
    report.add({ rule, path: ['every'], onKey: true, message, hint });
    return false;
  }
  return true;
}

function checkSame(context: CheckContext): Window | undefined {
  const [input] = context.inputs;
  if (!input.windowed) {
    const message = `"${input.name}" has no windows that could be taken`;
    const hint = 'read an aggregate with a window, or write a window here';
    context.report.add({ rule: 'window-shape', path: ['window'], message, hint });
    return undefined;
  }
  const size = 1;
  return hasWatermark(input, ['from'], context)
    ? { kind: 'same', size, every: size, offset: 0 }
    : undefined;
}

function checkRunning(spec: WindowSpec, context: CheckContext): Window | undefined {
  const { report, inputs } = context;
  if (spec.retention === undefined) {
    const message = 'without a window the groups would be kept for ever';
    const hint =
      'write window: { tumble: 10s } for a result of each span, or retention: 1d (or forever) for a running one';
    report.add({ rule: 'unbounded-state', path: [], message, hint });
    return undefined;
  }
  if (spec.emit === 'on_close') {
    const message = 'without a window nothing closes';
    const hint = 'write a window, or emit: update';
    report.add({ rule: 'conflicting-fields', path: ['emit'], message, hint });
    return undefined;
  }
  if (spec.emit === 'complete' && spec.max_groups === undefined) {
    const message = 'the whole table leaves each time, so its size needs a bound';
    const hint = 'write max_groups: 1000, or emit: update for the groups that have changed';
    report.add({ rule: 'missing-field', path: ['emit'], message, hint });
    return undefined;
  }
  const retention = spec.retention === 'forever' ? END : parseDuration(spec.retention);
  const every = parseDuration(spec.every ?? EVERY_DEFAULT);
  if (retention === undefined || every === undefined) return undefined; // the shape has said so
  if (retention === 0) {
    const message = 'a retention of no time remembers nothing';
    report.add({ rule: 'window-shape', path: ['retention'], message, hint: 'write retention: 1d' });
    return undefined;
  }
  if (every === 0) {
    const message = 'updates cannot leave all the time';
    report.add({ rule: 'window-shape', path: ['every'], message, hint: 'write every: 1s' });
    return undefined;
  }
  const [input] = inputs;
  // What is kept for ever needs no one to say how far time has come.
  const timeless = retention === END && input.progress === 'none';
  if (!timeless && !hasWatermark(input, ['from'], context)) return undefined;
  const emit = spec.emit === 'complete' ? 'complete' : 'update';
  const most = spec.max_groups ?? Number.POSITIVE_INFINITY;
  return { kind: 'running', retention, every, emit, most };
}

function checkShape(
  spec: WindowSpec,
  window: ReadonlyMap<string, string>,
  context: CheckContext,
  known: readonly Kind[],
): Window | undefined {
  const { report, inputs } = context;
  const wrong = (message: string, field: string | undefined, hint?: string): undefined => {
    const path = field === undefined ? ['window'] : ['window', field];
    report.add({ rule: 'window-shape', path, message, ...(hint === undefined ? {} : { hint }) });
  };
  const kinds = known.filter((kind) => window.has(kind));
  const [kind] = kinds;
  if (kinds.length !== 1) {
    const message = `a window is one of ${listed(known)}`;
    return wrong(message, undefined, 'write { tumble: 10s }');
  }
  const times = readTimes(window, kind);
  if (times === undefined) return undefined; // the shape has said so
  const { size, every, offset } = times;
  if (size === 0) return wrong('a window of no time holds nothing', kind);
  if (kind === 'hop' && !window.has('every')) {
    const often = spec.every ?? formatDuration(Math.ceil(size / HOPS_SUGGESTED));
    const hint = `write window: { hop: ${formatDuration(size)}, every: ${often} }`;
    return wrong('it must be said inside of window how often a hop begins', undefined, hint);
  }
  if (kind !== 'hop' && window.has('every')) {
    return wrong(
      `"every" belongs to hop: a ${kind} has none`,
      'every',
      'leave it out, or write hop',
    );
  }
  if (every === 0) return wrong('hops cannot begin all the time', 'every');
  if (every > size) {
    const hint = `write every: ${formatDuration(size)} or less`;
    return wrong('records between two hops would be in no window', 'every', hint);
  }
  if (size / every > HOPS_MAX) {
    const hint = `write every: ${formatDuration(Math.ceil(size / HOPS_MAX))} or more`;
    return wrong(`a record would count in more than ${HOPS_MAX} windows`, 'every', hint);
  }
  if (kind === 'session') return checkSession(size, spec.group_by, window, context, wrong);
  if (kind === 'batch') {
    const [{ name, stateless }] = inputs;
    if (stateless) return { kind, size, every, offset };
    const message = `a window by arrival must read a lane, or stateless operators behind one; "${name}" is neither`;
    return wrong(message, kind);
  }
  return hasWatermark(inputs[0], ['from'], context) ? { kind, size, every, offset } : undefined;
}

function checkSession(
  gap: Micros,
  groupBy: unknown,
  window: ReadonlyMap<string, string>,
  context: CheckContext,
  wrong: (message: string, field: string | undefined, hint?: string) => undefined,
): Window | undefined {
  if (window.has('offset')) {
    return wrong('a session begins with its first record, so it has no offset', 'offset');
  }
  if (!hasKeys(groupBy)) {
    const hint = 'write group_by: what the records of one session have in common';
    return wrong('a session is one of each group, and there is no group_by', 'session', hint);
  }
  return hasWatermark(context.inputs[0], ['from'], context) ? { kind: 'session', gap } : undefined;
}

function hasKeys(groupBy: unknown): boolean {
  if (Array.isArray(groupBy)) return groupBy.length > 0;
  return groupBy instanceof Map ? groupBy.size > 0 : groupBy !== undefined;
}

function readTimes(window: ReadonlyMap<string, string>, kind: Kind) {
  const size = parseDuration(window.get(kind) ?? '');
  const offset = parseDuration(window.get('offset') ?? '0s');
  const given = window.get('every');
  const every = given === undefined ? size : parseDuration(given);
  if (size === undefined || every === undefined || offset === undefined) return undefined;
  return { size, every, offset };
}
