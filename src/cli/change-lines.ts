/** What an edit does, or would do, as lines for a person. */
import { humanFindings } from '../diagnostics/human.ts';
import type { Look } from '../diagnostics/look.ts';
import { count } from '../diagnostics/words.ts';
import type { EditAnswer } from '../runner/edit.ts';
import type { ReloadResult } from '../runner/reload.ts';
import type { Refusal } from '../runner/stakes.ts';
import { type Change, type Fate, isChange } from '../topology/changes.ts';

const SIGNS: Readonly<Record<Fate, string>> = {
  kept: '=',
  rewired: '~',
  reset: '!',
  added: '+',
  removed: '-',
  restart: '!',
};

/** `7 kept, 1 rewired, 1 added`: what became of how many, the largest class of news last. */
export function tallyOf(changes: readonly Change[]): string {
  const order: readonly Fate[] = ['kept', 'rewired', 'reset', 'added', 'removed', 'restart'];
  const sums = order.flatMap((fate) => {
    const many = changes.filter((change) => change.fate === fate).length;
    return many === 0 ? [] : [`${count(many)} ${fate === 'restart' ? 'for a new start' : fate}`];
  });
  return sums.length === 0 ? 'nothing in it' : sums.join(', ');
}

/** A line for each element that does not stay as it is. */
export function changeLines(changes: readonly Change[]): string {
  const shown = changes.filter(isChange);
  const names = shown.map(({ kind, name }) => `${kind} ${name}`);
  const width = Math.max(0, ...names.map((name) => name.length));
  return shown
    .map((change, i) => {
      const cells = [names[i].padEnd(width), change.fate.padEnd(7), detailsOf(change)];
      return `  ${SIGNS[change.fate]} ${cells.join('   ').trimEnd()}\n`;
    })
    .join('');
}

function detailsOf({ kind, was, fate, details }: Change): string {
  const words = was === null ? [...details] : [`was ${was}`, ...details];
  if (kind === 'exit' && fate === 'removed') {
    words.push('what it holds stays on offer until it is taken');
  }
  return words.join('; ');
}

/** Why an edit is refused, each with its place and what to write. */
export function refusalLines(
  refusals: readonly Refusal[],
  file: string,
  lines: Readonly<Record<string, number>>,
): string {
  return refusals
    .map(({ rule, kind, name, message, hint }) => {
      const line = lines[`${kind} ${name}`];
      const place = line === undefined ? file : `${file}:${line}`;
      return `${place}: ${rule}  ${message}\n  help: ${hint}\n`;
    })
    .join('');
}

/** What came of reading the file again: everything a person needs who has just saved it. */
export function answerLines(answer: EditAnswer, look: Look): string {
  const { file, findings, text, result, failure, lines } = answer;
  const found = humanFindings(findings, new Map([[file, text]]), look);
  if (failure !== null) {
    const { slug, message, hint } = failure;
    const help = hint === undefined ? '' : `  help: ${hint}\n`;
    return `${found}refused: ${slug}  ${message}\n${help}  the flow goes on as it was\n`;
  }
  if (result === null) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    const [first] = errors;
    const more = errors.length > 1 ? ` and ${errors.length - 1} more` : '';
    const at = first === undefined ? '' : ` ${first.at.file}:${first.at.line}:${first.at.column}`;
    return `${found}refused: ${first?.rule ?? ''}${at}${more}. The flow goes on as it was.\n`;
  }
  const { kind, revision } = result;
  if (kind === 'unchanged')
    return `${found}revision ${revision}: nothing in the file has changed\n`;
  const tally = tallyOf(result.changes);
  const changes = changeLines(result.changes);
  if (kind === 'planned') {
    return `${found}revision ${revision} -> ${revision + 1}: ${tally}. Nothing is lost.\n${changes}`;
  }
  if (kind === 'committed') {
    const paused = `paused ${Math.max(1, Math.round(result.pausedMs))} ms`;
    return `${found}revision ${revision}   ${tally}   ${paused}\n${changes}`;
  }
  return (
    `${found}revision ${revision + 1} refused: ${tally}. Revision ${revision} goes on.\n` +
    `${changes}${refusalLines(result.refusals, file, lines)}`
  );
}

/** What was done at a start, because the file was edited while nothing ran; empty: nothing. */
export function startChangeLines(result: ReloadResult): string {
  if (result.kind !== 'committed') return '';
  const { revision, changes } = result;
  return `  the file was edited since the last run: revision ${revision}, ${tallyOf(changes)}\n${changeLines(changes)}`;
}
