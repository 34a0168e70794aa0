/**
 * An `aggregate` read aloud. The worst case is said in what the author can count: windows that may be open at
 * a time, and groups; bytes are those of the columns that hold a group.
 */
import { counted, listed } from '../diagnostics/words.ts';
import type { DataType } from '../stream/schema.ts';
import { formatDuration, type Micros } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import { definitionOf, kindsOf } from './aggregate-calls.ts';
import type { Call, Checked } from './aggregate-check.ts';
import type { Window } from './aggregate-window.ts';
import type { InputStream, Spoken, Surroundings } from './operator.ts';

/** What finding a group by its key takes, beside the key: a hash, and slots that are half full. */
const TABLE_BYTES = 16;
/** A text is a start and an end, its bytes lie beside. */
const SLOT_BYTES = 8;

/** What the author calls a window, and how it goes. */
export interface WindowWords {
  /** `10s`, `sessions of 30m`. */
  readonly brief: string;
  /** Completes "Takes the records of X together ...". */
  readonly together: string;
  readonly byArrival: boolean;
  /** How long from the first record of a group to its last result, by its own time; END: for ever. */
  readonly span: Micros;
  /** How far beginnings are apart. */
  readonly every: Micros;
}

export function wordsOf(window: Window): WindowWords {
  switch (window.kind) {
    case 'session': {
      const gap = formatDuration(window.gap);
      const together = `by their own time, as long as no pause between two is longer than ${gap}`;
      const brief = `sessions of ${gap}`;
      return { brief, together, byArrival: false, span: window.gap, every: window.gap };
    }
    case 'running': {
      const every = formatDuration(window.every);
      const how =
        window.emit === 'complete'
          ? `all groups stand every ${every} in which one has changed or was forgotten`
          : `each group stands every ${every} in which it has changed`;
      const together = `as they come, and tells how ${how}`;
      const span = window.retention;
      return { brief: `every ${every}`, together, byArrival: false, span, every: window.every };
    }
    case 'same': {
      const together = 'by the windows that they come from';
      return { brief: 'same windows', together, byArrival: false, span: 0, every: 1 };
    }
    default: {
      const { kind, size, every } = window;
      const span = formatDuration(size);
      const byArrival = kind === 'batch';
      const by = byArrival ? 'their arrival' : 'their own time';
      const overlap =
        every === size ? '' : `, one such stretch beginning every ${formatDuration(every)}`;
      const brief = every === size ? span : `${span} every ${formatDuration(every)}`;
      return {
        brief,
        together: `by ${by}, ${span} at a time${overlap}`,
        byArrival,
        span: size,
        every,
      };
    }
  }
}

export function describeAggregate(checked: Checked, { from: [from], lanes }: Surroundings): Spoken {
  const { input, window, keys, fields, having, lateTo } = checked;
  const names = keys.map(({ name }) => name);
  const apart = names.length === 0 ? '' : `, those of each ${listed(names)} apart`;
  const computed = fields.map(({ name, expression }) =>
    expression.text === name ? name : `${name} (${expression.text})`,
  );
  const words = wordsOf(window);
  const one = window.kind === 'running' ? 'A result has' : 'Each group gives one result with';
  return {
    brief: [words.brief, ...(names.length === 0 ? [] : [`by ${listed(names)}`])].join(' '),
    does: [
      `Takes the records of ${from} together ${words.together}${apart}.`,
      `${one} ${listed([...names, ...computed])}${having === undefined ? '' : `, if ${having.text}`}.`,
      ...lateWords(words, input, lateTo),
    ],
    keeps: [...keepsWords(checked, words, from, lanes), ...collectedWords(checked.calls)],
    leaves: leavesWords(window, words, lanes),
  };
}

export function lateWords(
  { byArrival }: WindowWords,
  { progress }: InputStream,
  lateTo: string | undefined,
): readonly string[] {
  if (byArrival) return ['Nothing is late: a record belongs to the window it arrives in.'];
  if (progress === 'none') return ['Nothing is late: every record counts, whenever it comes.'];
  return [
    lateTo === undefined
      ? 'A record that was late at its lane is let go and counted.'
      : `A record that was late at its lane leaves on ${lateTo} instead.`,
  ];
}

/** What has no bound but how many records come. */
function collectedWords(calls: readonly Call[]): readonly string[] {
  const collected = (what: 'every' | 'different'): readonly string[] =>
    calls.filter((call) => definitionOf(call).keeps === what).map(({ text }) => text);
  const [every, different] = [collected('every'), collected('different')];
  const parts = [
    ...(every.length === 0 ? [] : [`every value of ${listed(every)}`]),
    ...(different.length === 0 ? [] : [`every different value of ${listed(different)}`]),
  ];
  return parts.length === 0
    ? []
    : [
        `Beside that a group keeps ${listed(parts)}: it grows with its records, and nothing bounds it.`,
      ];
}

function keepsWords(
  { window, keys, calls }: Checked,
  words: WindowWords,
  from: string,
  lanes: Surroundings['lanes'],
): readonly string[] {
  const kinds = calls.flatMap(kindsOf);
  const types = keys.map(({ expression }) => expression.type);
  const texts = types.some(({ kind }) => kind === 'string') || kinds.includes('bytes');
  const bytes = `each of about ${groupBytes(types, kinds)} bytes${texts ? ' and its texts' : ''}`;
  const names = listed(keys.map(({ name }) => name));
  if (window.kind === 'running') {
    const how =
      words.span === END
        ? 'for ever'
        : `until ${formatDuration(words.span)} after its newest record`;
    const most = Number.isFinite(window.most) ? `, at most ${counted(window.most, 'group')}` : '';
    return [
      `Keeps ${keys.length === 0 ? 'one group' : `a group for each ${names}`} ${how}${most}, ${bytes}.`,
      ...(most === '' ? [] : ['The first record of one more goes to the dead letter instead.']),
    ];
  }
  if (window.kind === 'session') {
    return [
      `Keeps a group for each ${names} until its session is over; records themselves are not kept: ${bytes}.`,
    ];
  }
  const groups = keys.length === 0 ? 'one group' : `one group for each ${names} seen in it`;
  const { windows, sentence } = openWindows(window, words, from, lanes);
  return [
    `Keeps ${groups}, until its window closes; records themselves are not kept.`,
    `${sentence}: ${keys.length === 0 ? windows : `${windows} x the groups of one window`}, ${bytes}.`,
  ];
}

/** Windows that hold records on time: those between a lane's time and its newest record. */
export function openWindows(
  window: Window,
  { byArrival, span, every }: WindowWords,
  from: string,
  lanes: Surroundings['lanes'],
): { readonly windows: string; readonly sentence: string } {
  if (window.kind === 'same') {
    const sentence = `At worst as many windows are open at a time as at ${from}`;
    return { windows: 'as many', sentence };
  }
  const open = byArrival ? 1 : Math.ceil((longest(lanes) + span) / every);
  const ahead =
    !byArrival && lanes.length > 1
      ? `, and more while one of ${listed(lanes.map(({ name }) => name))} is ahead of another in time`
      : '';
  const are = `${counted(open, 'window')} of ${formatDuration(span)} ${open === 1 ? 'is' : 'are'}`;
  return { windows: `${open}`, sentence: `At worst ${are} open at a time${ahead}` };
}

function longest(lanes: Surroundings['lanes']): Micros {
  return Math.max(0, ...lanes.map(({ maxDelay }) => maxDelay));
}

export function leavesWords(
  window: Window,
  words: WindowWords,
  lanes: Surroundings['lanes'],
): readonly string[] {
  if (words.byArrival) {
    return [`Results leave when the ${formatDuration(words.span)} are over by the clock.`];
  }
  if (window.kind === 'running') {
    const later =
      window.emit === 'complete'
        ? 'all that leave at one time are the whole table, in place of the one before'
        : 'a later one takes the place of the one before';
    return [`Results leave at full ${formatDuration(words.every)} of the clock; ${later}.`];
  }
  const delay = longest(lanes);
  const than = lanes.length > 1 ? 'records of every lane behind it are' : 'a record comes that is';
  const end =
    window.kind === 'session'
      ? `the last record of the session plus ${formatDuration(words.span)}`
      : 'the end of the window';
  return [
    delay === 0
      ? `Results leave when ${than} at or past ${end}.`
      : `Results leave when ${than} ${formatDuration(delay)} past ${end}, as late records may come for so long.`,
    ...(lanes.length > 1
      ? ['A lane that falls silent is waited for no longer than its idle_timeout.']
      : []),
  ];
}

function groupBytes(keys: readonly DataType[], kinds: ReturnType<typeof kindsOf>): number {
  const columns = [
    ...keys.map(({ kind }) => kind === 'boolean'),
    ...kinds.map((k) => k === 'flag'),
  ];
  return columns.reduce((sum, small) => sum + (small ? 1 : SLOT_BYTES), TABLE_BYTES);
}
