/** A `top` read aloud. The worst case is said in records: how many of each group, and in how many windows. */
import { counted, listed } from '../diagnostics/words.ts';
import { formatDuration } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import {
  lateWords,
  leavesWords,
  openWindows,
  type WindowWords,
  wordsOf,
} from './aggregate-words.ts';
import type { Spoken, Surroundings } from './operator.ts';
import { orderText } from './order-by.ts';
import type { Checked } from './top-check.ts';

export function describeTop(checked: Checked, { from: [from], lanes }: Surroundings): Spoken {
  const { window, keys, order, limit, keepsTies, output, ranked } = checked;
  const words = wordsOf(window);
  const by = orderText(order);
  const each = keys.length === 0 ? '' : ` of each ${listed(keys.map(({ name }) => name))}`;
  const rank = ranked ? ` with ${output.fields.at(-1)?.name}, the rank among them` : '';
  const leave =
    limit === 1
      ? `The first record${each} by ${by} leaves${rank}${keepsTies ? ', and all that are equal to it' : ''}.`
      : `The first ${limit} records${each} by ${by} leave${rank}${keepsTies ? ', and all that are equal to the last of them' : ''}.`;
  return {
    brief: `first ${limit} by ${by}`,
    does: [
      `Takes the records of ${from} together ${words.together}.`,
      leave,
      ...lateWords(words, checked.input, checked.lateTo),
    ],
    keeps: keepsWords(checked, words, from, lanes),
    leaves: leavesWords(window, words, lanes),
  };
}

function keepsWords(
  { window, keys, limit, keepsTies }: Checked,
  words: WindowWords,
  from: string,
  lanes: Surroundings['lanes'],
): readonly string[] {
  const group = keys.length === 0 ? '' : ` for each ${listed(keys.map(({ name }) => name))}`;
  const kept = `Keeps ${counted(limit, 'record')}${group}${keepsTies ? `, and ${limit === 1 ? 'its' : 'their'} equals` : ''}`;
  const further =
    'Further ones are kept until they are as many, and some thousand more: then they are forgotten.';
  if (window.kind === 'running') {
    const how =
      words.span === END
        ? 'for ever'
        : `until ${formatDuration(words.span)} after ${keys.length === 0 ? 'the newest' : 'its newest'}`;
    return [`${kept} ${how}. ${further}`];
  }
  return [
    `${kept}, until the window closes. ${further}`,
    `${openWindows(window, words, from, lanes).sentence}.`,
  ];
}
