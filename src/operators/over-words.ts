/** An `over` read aloud. */
import { counted, listed } from '../diagnostics/words.ts';
import { formatDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { Spoken, Surroundings } from './operator.ts';
import type { Checked } from './over-check.ts';

export function describeOver(
  { frame, keys, fields, kept, input, lateTo }: Checked,
  { from: [from], lanes }: Surroundings,
): Spoken {
  const names = keys.map(({ name }) => name);
  const same = names.length === 0 ? '' : ` with the same ${listed(names)}`;
  const computed = fields.map(({ name, expression }) =>
    expression.text === name ? name : `${name} (${expression.text})`,
  );
  const own = [...names, ...kept.map((column) => input.schema.fields[column].name)];
  const together =
    frame.kind === 'rows'
      ? `the ${frame.rows - 1} before it${same}, by their own time`
      : `those${same} of the ${formatDuration(frame.range)} before it, by their own time`;
  const delay = Math.max(0, ...lanes.map(({ maxDelay }) => maxDelay));
  return {
    brief: `${frame.kind === 'rows' ? counted(frame.rows, 'record') : formatDuration(frame.range)}${names.length === 0 ? '' : ` by ${listed(names)}`}`,
    does: [
      `Takes each record of ${from} together with ${together}.`,
      `Each leaves with ${listed([...own, ...computed])}.`,
      lateTo === undefined
        ? 'A record that was late at its lane is let go and counted.'
        : `A record that was late at its lane leaves on ${lateTo} instead.`,
    ],
    keeps: [
      `Keeps each record until ${from} has come past it.`,
      `${keptWords(frame, names)} Others are forgotten when they have become as many, and some thousand more.`,
    ],
    leaves: [
      delay === 0
        ? 'A record leaves when none can come any more that is before it.'
        : `A record leaves when one comes that is ${formatDuration(delay)} past it, as late records may come for so long.`,
    ],
  };
}

function keptWords(frame: Checked['frame'], names: readonly string[]): string {
  const each = names.length === 0 ? '' : ` of each ${listed(names)}`;
  if (frame.kind === 'range') {
    return `Then keeps it for ${formatDuration(frame.range)}${each === '' ? '' : ', by its own time'}.`;
  }
  const last = counted(frame.rows - 1, 'record');
  const until =
    frame.retention === END
      ? 'for ever'
      : `until ${formatDuration(frame.retention)} after the newest`;
  return `Then keeps the last ${last}${each} ${until}.`;
}
