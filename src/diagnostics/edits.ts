/** Puts the fixes of findings into a text; every character outside of them stays as it was. */
import type { Diagnostic } from './diagnostic.ts';

/**
 * @param text what the findings are about
 * @returns the new text, and the findings whose fix is in it: of two that overlap only the first
 */
export function applyFixes(
  text: string,
  findings: readonly Diagnostic[],
): { readonly text: string; readonly applied: readonly Diagnostic[] } {
  const sorted = findings
    .flatMap((finding) => (finding.fix === undefined ? [] : [{ finding, fix: finding.fix }]))
    .sort((a, b) => a.fix.start - b.fix.start || b.fix.end - a.fix.end);
  const applied: Diagnostic[] = [];
  let fixed = '';
  let at = 0;
  for (const { finding, fix } of sorted) {
    // An empty range at the end of the last one is a fix of its own.
    if (fix.start < at) continue;
    fixed += text.slice(at, fix.start) + fix.text;
    at = fix.end;
    applied.push(finding);
  }
  return { text: fixed + text.slice(at), applied };
}
