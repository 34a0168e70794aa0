/** Findings for people: slug and place, the lines of the file with carets, what to do about it. */
import { cells, printable } from './cells.ts';
import type { Diagnostic } from './diagnostic.ts';
import { excerpt } from './excerpt.ts';
import type { Judged } from './judged.ts';
import type { Look } from './look.ts';
import { inOrder, tally } from './order.ts';
import { counted } from './words.ts';

/** More than these nobody reads in one go; the rest is counted. */
export const SHOWN_PER_FILE_MAX = 20;
/** The place of a finding ends at this column, where there is room. */
const WIDTH = 80;

/** Findings and the line that counts them; nothing where no file was judged. */
export function writeHuman({ findings, texts, look, elapsedMs }: Judged): string {
  if (texts.size === 0) return '';
  return humanFindings(findings, texts, look) + humanSummary(findings, texts.size, elapsedMs);
}

/**
 * @param texts the text of each file that findings name, as far as it could be read
 * @returns whole lines, empty when there are no findings
 */
export function humanFindings(
  findings: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  look: Look,
): string {
  const byFile = new Map<string, Diagnostic[]>();
  for (const finding of inOrder(findings)) {
    const list = byFile.get(finding.at.file);
    if (list === undefined) byFile.set(finding.at.file, [finding]);
    else list.push(finding);
  }
  let printed = '';
  for (const [file, all] of byFile) {
    const lines = texts.get(file)?.split(/\r?\n/) ?? [];
    for (const finding of all.slice(0, SHOWN_PER_FILE_MAX)) {
      printed += printFinding(finding, lines, look);
    }
    const more = all.length - SHOWN_PER_FILE_MAX;
    if (more > 0) printed += `and ${counted(more, 'finding')} more in ${printable(file)}\n`;
  }
  return printed;
}

/** One line: `1 error, 0 warnings in 1 file (38 ms)`. */
export function humanSummary(
  findings: readonly Diagnostic[],
  files: number,
  elapsedMs: number,
): string {
  const { error, warning, info } = tally(findings);
  const notes = info === 0 ? '' : `, ${counted(info, 'note')}`;
  const sums = `${counted(error, 'error')}, ${counted(warning, 'warning')}${notes}`;
  return `${sums} in ${counted(files, 'file')} (${Math.round(elapsedMs)} ms)\n`;
}

function printFinding(finding: Diagnostic, lines: readonly string[], look: Look): string {
  const { rule, severity, at, message, hint, related = [] } = finding;
  const file = printable(at.file);
  const place = `${file}:${at.line}:${at.column}`;
  const gap = WIDTH - cells(severity) - 1 - cells(rule) - cells(place);
  const title = `${look.paint[severity](severity)} ${look.paint.strong(rule)}`;
  const rows = [`${title}${' '.repeat(Math.max(2, gap))}${place}`];
  const here = related.filter((other) => other.at.file === at.file);
  const last = Math.max(at.line, ...here.map((other) => other.at.line));
  const gutter = String(last).length + 2;
  rows.push(...excerpt(lines, { at, message, severity }, gutter, look));
  for (const other of related) {
    if (other.at.file === at.file) {
      rows.push(...excerpt(lines, { ...other, severity: 'info', second: true }, gutter, look));
    } else {
      const { line, column } = other.at;
      rows.push(`  ${printable(`${other.at.file}:${line}:${column}: ${other.message}`)}`);
    }
  }
  if (hint !== undefined) rows.push(`  help: ${printable(hint)}`);
  return `${rows.join('\n')}\n`;
}
