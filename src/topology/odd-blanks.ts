/**
 * Blanks that only look like one, and marks that nobody sees: to YAML they are letters, so a copied line means
 * something else than it shows. Inside of a text they may be meant; at its ends, behind a colon or at the
 * beginning of a line they are not.
 */
import type { Remark } from './remark.ts';
import type { TextRange } from './yaml-spot.ts';

const BLANK = '[\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]+';
const UNSEEN = '[\\u200b\\u2060]+';
/** With `m`: a text without quotes may go on over several lines. */
const ODD = new RegExp(`^${BLANK}|${BLANK}$|(?<=[:-])${BLANK}|${UNSEEN}`, 'gm');
const BYTE_ORDER_MARK = '\ufeff';

/** @param plain where texts without quotes stand */
export function oddBlanks(text: string, plain: readonly TextRange[]): readonly Remark[] {
  const remarks: Remark[] = [];
  const mark = text.indexOf(BYTE_ORDER_MARK);
  if (mark !== -1) {
    const message = 'a byte order mark stands in the middle of the file';
    remarks.push(stray(mark, 1, message, ''));
  }
  for (const [start, end] of plain) {
    for (const { index, 0: run } of text.slice(start, end).matchAll(ODD)) {
      const unseen = /[\u200b\u2060]/.test(run);
      const message = unseen
        ? `a mark that nobody sees (${codeOf(run)}) stands here and is part of the text`
        : `${run.startsWith('\u00a0') ? 'a no-break space' : 'an odd blank'} (${codeOf(run)}) is a letter to YAML`;
      remarks.push(stray(start + index, run.length, message, unseen ? '' : ' '.repeat(run.length)));
    }
  }
  return remarks;
}

function stray(start: number, length: number, message: string, fix: string): Remark {
  return {
    rule: 'stray-whitespace',
    severity: 'warning',
    start,
    end: start + length,
    message,
    hint: fix === '' ? 'remove it' : 'write a plain space',
    fix,
  };
}

function codeOf(run: string): string {
  return `U+${run.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
