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
  const first = limit === 1 ? 'first record' : `first ${limit} records`;
  const each = keys.length === 0 ? '' : ` of each ${listed(keys.map(({ name }) => name))}`;
  const equals = keepsTies ? ', and those equal to the last of them' : '';
  const rank = ranked ? ` with ${output.fields.at(-1)?.name}, the rank among them` : '';
  return {
    brief: `${limit} by ${orderText(order)}`,
    does: [
      `Takes the records of ${from} together ${words.together}.`,
      `The ${first}${each} by ${orderText(order)}${equals} ${limit === 1 ? 'leaves' : 'leave'}${rank}.`,
      ...lateWords(words, checked.lateTo),
    ],
    keeps: keepsWords(checked, words, lanes),
    leaves: leavesWords(window, words, lanes),
  };
}

function keepsWords(
  { window, keys, limit, keepsTies }: Checked,
  words: WindowWords,
  lanes: Surroundings['lanes'],
): readonly string[] {
  const names = listed(keys.map(({ name }) => name));
  const group = keys.length === 0 ? '' : ` for each ${names}`;
  const records = `${counted(limit, 'record')}${keepsTies ? ', with their equals,' : ''}${group}`;
  const others = 'Others are forgotten when they have become as many, and some thousand more';
  if (window.kind === 'running') {
    const how =
      words.span === END
        ? 'for ever'
        : `until ${formatDuration(words.span)} after the newest record of a group`;
    return [`Keeps the first ${records} ${how}. ${others}.`];
  }
  const open = openWindows(words, lanes);
  return [
    `Keeps the first ${records} until the window closes. ${others}.`,
    `At worst ${counted(open, 'window')} of ${formatDuration(words.span)} ${open === 1 ? 'is' : 'are'} open at a time.`,
  ];
}
