/**
 * An `aggregate` read aloud. The worst case is said in what the author can count: windows that may be open at
 * a time, and groups; bytes are those of the columns that hold a group.
 */
import { counted, listed } from '../diagnostics/words.ts';
import type { AccumulatorKind } from '../sql/accumulator.ts';
import type { DataType } from '../stream/schema.ts';
import { formatDuration, type Micros } from '../stream/time.ts';
import type { Checked, Window } from './aggregate-check.ts';
import type { Spoken, Surroundings } from './operator.ts';

/** What finding a group by its key takes, beside the key: a hash, and slots that are half full. */
const TABLE_BYTES = 16;
/** A text is a start and an end, its bytes lie beside. */
const SLOT_BYTES = 8;

export function describeAggregate(
  checked: Checked,
  kinds: readonly AccumulatorKind[],
  { from: [from], lanes }: Surroundings,
): Spoken {
  const { window, keys, fields, having, lateTo } = checked;
  const names = keys.map(({ name }) => name);
  const apart = names.length === 0 ? '' : `, those of each ${listed(names)} apart`;
  const computed = fields.map(({ name, expression }) =>
    expression.text === name ? name : `${name} (${expression.text})`,
  );
  const span = formatDuration(window.size);
  const by = window.time === 'event' ? 'their own time' : 'their arrival';
  return {
    brief: [span, ...(names.length === 0 ? [] : [`by ${listed(names)}`])].join(' '),
    does: [
      `Takes the records of ${from} together by ${by}, ${span} at a time${apart}.`,
      `Each group gives one result with ${listed([...names, ...computed])}${
        having === undefined ? '' : `, if ${having.text}`
      }.`,
      ...lateWords(window, lateTo),
    ],
    keeps: keepsWords(checked, kinds, lanes),
    leaves: leavesWords(window, lanes),
  };
}

function lateWords({ time }: Window, lateTo: string | undefined): readonly string[] {
  if (time === 'arrival') return ['Nothing is late: a record belongs to the window it arrives in.'];
  return [
    lateTo === undefined
      ? 'A record that was late at its lane is let go and counted.'
      : `A record that was late at its lane leaves on ${lateTo} instead.`,
  ];
}

function keepsWords(
  { window, keys }: Checked,
  kinds: readonly AccumulatorKind[],
  lanes: Surroundings['lanes'],
): readonly string[] {
  const texts =
    keys.some(({ expression }) => expression.type.kind === 'string') || kinds.includes('bytes');
  const bytes = groupBytes(
    keys.map(({ expression }) => expression.type),
    kinds,
  );
  const open = openWindows(window, lanes);
  const ahead =
    window.time === 'event' && lanes.length > 1
      ? `, and more while one of ${listed(lanes.map(({ name }) => name))} is ahead of another in time`
      : '';
  const groups =
    keys.length === 0
      ? 'one group'
      : `one group for each ${listed(keys.map(({ name }) => name))} seen in it`;
  return [
    `Keeps ${groups}, until its window closes; records themselves are not kept.`,
    `At worst ${counted(open, 'window')} of ${formatDuration(window.size)} ${open === 1 ? 'is' : 'are'} open at a time${ahead}: ${
      keys.length === 0 ? `${open}` : `${open} x the groups of one window`
    }, each of about ${bytes} bytes${texts ? ' and its texts' : ''}.`,
  ];
}

/** Windows that hold records on time: those between a lane's time and its newest record. */
function openWindows({ time, size }: Window, lanes: Surroundings['lanes']): number {
  if (time === 'arrival') return 1;
  return Math.ceil(longest(lanes) / size) + 1;
}

function longest(lanes: Surroundings['lanes']): Micros {
  return Math.max(0, ...lanes.map(({ maxDelay }) => maxDelay));
}

function leavesWords({ time, size }: Window, lanes: Surroundings['lanes']): readonly string[] {
  const span = formatDuration(size);
  if (time === 'arrival') return [`Results leave when the ${span} are over by the clock.`];
  const delay = longest(lanes);
  const than = lanes.length > 1 ? 'records of every lane behind it are' : 'a record comes that is';
  return [
    delay === 0
      ? `Results leave when ${than} at or past the end of the window.`
      : `Results leave when ${than} ${formatDuration(delay)} past the end of the window, as late records may come for so long.`,
    ...(lanes.length > 1
      ? ['A lane that falls silent is waited for no longer than its idle_timeout.']
      : []),
  ];
}

function groupBytes(keys: readonly DataType[], kinds: readonly AccumulatorKind[]): number {
  const columns = [
    ...keys.map(({ kind }) => kind === 'boolean'),
    ...kinds.map((k) => k === 'flag'),
  ];
  return columns.reduce((sum, small) => sum + (small ? 1 : SLOT_BYTES), TABLE_BYTES);
}
