/** A `join` read aloud. */
import { listed } from '../diagnostics/words.ts';
import { formatDuration } from '../stream/time.ts';
import type { Checked, Kind } from './join-check.ts';
import type { Spoken, Surroundings } from './operator.ts';

const ALONE: Readonly<Record<Kind, string | undefined>> = {
  inner: undefined,
  semi: undefined,
  left: 'A left record that finds no partner leaves with the fields of the right one NULL.',
  right: 'A right record that finds no partner leaves with the fields of the left one NULL.',
  full: 'A record that finds no partner leaves with the fields of the other side NULL.',
  anti: 'Only left records that find no partner leave.',
};

export function describeJoin(
  { kind, keys, left, bounds, where, fields, unmatchedTo, lateTo }: Checked,
  { from: [one, other] }: Surroundings,
): Spoken {
  const names = listed(keys.map((key) => left.schema.fields[key.left].name));
  const near =
    bounds === undefined
      ? 'whenever they came'
      : `the one of ${other} from ${formatDuration(bounds.before)} before to ${formatDuration(bounds.after)} after the one of ${one}`;
  const also = where === undefined ? '' : `, and ${where.text}`;
  const alone = ALONE[kind];
  const late = lateTo.filter((stream) => stream !== undefined);
  return {
    brief: `${one}, ${other} by ${names}`,
    does: [
      `Pairs records of ${one} and ${other} with the same ${names}, ${near}${also}.`,
      ...(kind === 'semi' ? ['A left record leaves once, when it has found a partner.'] : []),
      ...(alone === undefined ? [] : [alone]),
      ...(unmatchedTo === undefined
        ? []
        : [`A record of ${one} that finds no partner leaves on ${unmatchedTo}.`]),
      `A result has ${listed(fields.map(({ name }) => name))}.`,
      late.length === 0
        ? 'A record that was late at its lane is let go and counted.'
        : `Records that were late at their lanes leave on ${listed([...new Set(late)])}.`,
    ],
    keeps:
      bounds === undefined
        ? ['Keeps every record of both for ever: this grows as long as the flow lives.']
        : [
            `Keeps a record of ${one} until ${other} has come ${formatDuration(bounds.after)} past it, and one of ${other} until ${one} has come ${formatDuration(bounds.before)} past it.`,
          ],
    leaves: [
      ...(kind === 'anti' ? [] : ['A pair leaves as soon as both are there.']),
      ...(alone === undefined && unmatchedTo === undefined
        ? []
        : ['A record without a partner leaves when none can come any more.']),
    ],
  };
}
