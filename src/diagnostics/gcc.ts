/**
 * Findings as compilers print them, one line each: `file:line:column: error: text [slug]`. Editors and log
 * scanners know this form without being told.
 */
import { printable } from './cells.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { type Judged, relativeName } from './judged.ts';
import { inOrder } from './order.ts';

const WORDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function writeGcc({ findings, base }: Judged): string {
  return inOrder(findings)
    .map((finding) => `${line(finding, base)}\n`)
    .join('');
}

function line({ rule, severity, at, message, hint }: Diagnostic, base: string): string {
  const help = hint === undefined ? '' : ` (${hint})`;
  const place = `${relativeName(at.file, base)}:${at.line}:${at.column}`;
  return printable(`${place}: ${WORDS[severity]}: ${message}${help} [${rule}]`);
}
