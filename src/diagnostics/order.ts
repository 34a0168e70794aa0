/** Findings in the order a person reads a file, and how many there are of each severity. */
import type { Diagnostic, Severity } from './diagnostic.ts';

/** By file, line, column, then rule; the order of files is that of their names. */
export function inOrder(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...findings].sort(
    (a, b) =>
      compare(a.at.file, b.at.file) ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column ||
      compare(a.rule, b.rule),
  );
}

export function tally(findings: readonly Diagnostic[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
