/**
 * Findings for programs: newline-delimited JSON, a header first, a summary last. Fields are added, never
 * renamed. Lines and columns count from 1, columns in code points, ends are exclusive.
 */
import type { Diagnostic, Place } from './diagnostic.ts';
import { inOrder, tally } from './order.ts';

/** @returns whole lines */
export function jsonFindings(findings: readonly Diagnostic[], files: number): string {
  const { error, warning, info } = tally(findings);
  const rows: readonly object[] = [
    { roundabout: 1, kind: 'findings' },
    ...inOrder(findings).map(toRow),
    { kind: 'summary', files, errors: error, warnings: warning, infos: info },
  ];
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function toRow({ rule, severity, at, message, hint, related = [] }: Diagnostic): object {
  return {
    kind: 'finding',
    rule,
    severity,
    ...flat(at),
    message,
    hint: hint ?? null,
    related: related.map((other) => ({ ...flat(other.at), message: other.message })),
  };
}

function flat({ file, line, column, endLine, endColumn }: Place): object {
  return { file, line, column, end_line: endLine, end_column: endColumn };
}
