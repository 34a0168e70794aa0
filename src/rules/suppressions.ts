/**
 * Comments that silence one rule on the next line: `# roundabout-disable-next-line SLUG: reason`. One that
 * silences nothing is a finding itself, so that none outlives what it was written for.
 */
import type { Diagnostic, Edit } from '../diagnostics/diagnostic.ts';
import type { Document } from '../topology/document.ts';
import type { TextRange } from '../topology/yaml-spot.ts';
import { refusal, severityOf } from './levels.ts';

const MARK = /^#+[ \t]*roundabout-disable-next-line\b[ \t]*(\S*?)[ \t]*(?::[ \t]*(.*?))?[ \t]*\r?$/;
const RULE = 'stale-suppression';

interface Words {
  readonly message: string;
  readonly hint?: string;
  readonly fix?: Edit;
}

/**
 * @param whole every rule could be judged, so what was not found is not there
 * @returns what is left, and what is wrong with the comments
 */
export function silence(
  document: Document,
  findings: readonly Diagnostic[],
  whole: boolean,
): readonly Diagnostic[] {
  let left = findings;
  const wrong: Diagnostic[] = [];
  for (const range of document.comments) {
    const match = MARK.exec(document.text.slice(...range));
    if (match === null) continue;
    const [, slug, reason = ''] = match;
    const at = document.placeOf(range);
    const say = (words: Words): void => {
      wrong.push({ rule: RULE, severity: severityOf(RULE), at, ...words });
    };
    const refused = refusal(slug);
    if (slug === '' || reason === '') {
      say({
        message: slug === '' ? 'the comment names no rule' : 'the comment gives no reason',
        hint: `write # roundabout-disable-next-line ${slug || 'SLUG'}: why it is meant`,
      });
    } else if (refused !== undefined) {
      say(refused);
    } else {
      const line = lineBelow(document.text, range);
      const rest = left.filter((finding) => finding.rule !== slug || finding.at.line !== line);
      if (rest.length === left.length && whole) {
        say({
          message: `there is no "${slug}" on the next line`,
          hint: 'remove the comment',
          fix: removal(document.text, range),
        });
      }
      left = rest;
    }
  }
  return [...left, ...wrong];
}

/** The first line below that says something: comments may stand one above the other. */
function lineBelow(text: string, [, end]: TextRange): number {
  let line = text.slice(0, end).split('\n').length + 1;
  for (const below of text.slice(end).split('\n').slice(1)) {
    if (!/^[ \t\r]*(?:#|$)/.test(below)) break;
    line++;
  }
  return line;
}

/** With its line, if nothing else stands there. */
function removal(text: string, [start, end]: TextRange): Edit {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(lineStart, start);
  if (before.trim() !== '') return { start: lineStart + before.trimEnd().length, end, text: '' };
  const newline = text.indexOf('\n', end);
  return { start: lineStart, end: newline === -1 ? text.length : newline + 1, text: '' };
}
