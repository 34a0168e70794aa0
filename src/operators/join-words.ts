/** A `join` read aloud. */
import { listed } from '../diagnostics/words.ts';
import { formatDuration, type Micros } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { Checked } from './join-check.ts';
import type { Bounds, Form, Kind } from './join-form.ts';
import type { Spoken, Surroundings } from './operator.ts';

const ALONE: Readonly<Record<Kind, string | undefined>> = {
  inner: undefined,
  semi: undefined,
  left: 'A left record that finds no partner leaves with the fields of the right one NULL.',
  right: 'A right record that finds no partner leaves with the fields of the left one NULL.',
  full: 'A record that finds no partner leaves with the fields of the other side NULL.',
  anti: 'Only left records that find no partner leave.',
};

const WITHOUT_PARTNERS = 'A left record without a partner leaves as well.';

export function describeJoin(checked: Checked, { from: [one, other] }: Surroundings): Spoken {
  const { kind, keys, left, form, where, fields, unmatchedTo, lateTo } = checked;
  const names = listed(keys.map((key) => left.schema.fields[key.left].name));
  const also = where === undefined ? '' : `, and ${where.text}`;
  const alone = form.by === 'left' && kind === 'left' ? WITHOUT_PARTNERS : ALONE[kind];
  const late = lateTo.filter((stream) => stream !== undefined);
  return {
    brief: `${one}, ${other} by ${names}`,
    does: [
      `Pairs ${paired(checked, one, other, names)}${also}.`,
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
    keeps: keeps(form, one, other, names),
    leaves: leaves(checked, one),
  };
}

function paired({ form, left }: Checked, one: string, other: string, names: string): string {
  switch (form.by) {
    case 'within':
      return `records of ${one} and ${other} with the same ${names}, ${near(form.bounds, one, other)}`;
    case 'left':
      return `each record of ${one} with all of ${other} with the same ${names}, ${near(form.bounds, one, other)}${form.until === undefined ? '' : `, or until its ${left.schema.fields[form.until].name} if that is earlier`}`;
    case 'window':
      return `results of ${one} and ${other} with the same ${names} and of the same window`;
    case 'forever':
      return `records of ${one} and ${other} with the same ${names}, whenever they came`;
    case 'arrival':
      return `each record of ${one} with the newest of ${other} with the same ${names} that has come before it${atMost(form.retention)}`;
    case 'event_time':
      return `each record of ${one} with the newest of ${other} with the same ${names} by its time, no later than its own${atMost(form.retention)}`;
  }
}

function near({ before, after }: Bounds, one: string, other: string): string {
  return `the one of ${other} from ${formatDuration(before)} before to ${formatDuration(after)} after the one of ${one}`;
}

function atMost(retention: Micros): string {
  return retention === END ? '' : `, if that was less than ${formatDuration(retention)} before`;
}

function keeps(form: Form, one: string, other: string, names: string): readonly string[] {
  switch (form.by) {
    case 'within': {
      const { before, after } = form.bounds;
      return [
        `Keeps a record of ${one} until ${other} has come ${formatDuration(after)} past it, and one of ${other} until ${one} has come ${formatDuration(before)} past it.`,
      ];
    }
    case 'left': {
      const { before, after } = form.bounds;
      const span = formatDuration(before + after);
      return [
        `Keeps a record of ${one} until its time is over, and one of ${other} until both have come ${span} past it.`,
      ];
    }
    case 'window':
      return [
        'Keeps the results of a window of one side until the other has come past it as well.',
      ];
    case 'forever':
      return ['Keeps every record of both for ever: this grows as long as the flow lives.'];
    case 'arrival': {
      const { retention } = form;
      const time = `${formatDuration(retention)} from when it came, by the clock of the log`;
      return [newest(other, names, retention === END ? 'for ever' : `for ${time}`)];
    }
    case 'event_time': {
      const { retention } = form;
      const time = `until both have come ${formatDuration(retention)} past it`;
      return [
        'Keeps the records of both until both have come past them.',
        newest(other, names, retention === END ? 'for ever' : time),
      ];
    }
  }
}

function newest(other: string, names: string, time: string): string {
  return `Keeps the newest record of ${other} for each ${names}, ${time}: another takes its place.`;
}

function leaves({ kind, form, unmatchedTo }: Checked, one: string): readonly string[] {
  if (form.by === 'arrival') {
    return [`A record of ${one} leaves as soon as it comes, whatever comes for it later.`];
  }
  if (form.by === 'event_time') {
    return [`A record of ${one} leaves once both have come past it, in the order of their times.`];
  }
  if (form.by === 'left') {
    return [`A record of ${one} leaves once, when its time is over, and has the time of that end.`];
  }
  return [
    ...(kind === 'anti' ? [] : ['A pair leaves as soon as both are there.']),
    ...(ALONE[kind] === undefined && unmatchedTo === undefined
      ? []
      : ['A record without a partner leaves when none can come any more.']),
  ];
}
