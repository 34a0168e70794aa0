/**
 * Findings for programs: newline-delimited JSON, a header first, a summary last. Fields are added, never
 * renamed. Lines and columns count from 1, columns in code points, ends are exclusive.
 */
import type { Diagnostic, Place } from './diagnostic.ts';
import type { Judged } from './judged.ts';
import { inOrder, tally } from './order.ts';

/** The form of each line is in `schemas/findings.schema.json`. */
export function writeJson({ findings, texts }: Judged): string {
  const { error, warning, info } = tally(findings);
  const rows: readonly object[] = [
    { roundabout: 1, kind: 'findings' },
    ...findingRows(findings),
    { kind: 'summary', files: texts.size, errors: error, warnings: warning, infos: info },
  ];
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** A row for each finding, in order of place. */
export function findingRows(findings: readonly Diagnostic[]): readonly object[] {
  return inOrder(findings).map(toRow);
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
