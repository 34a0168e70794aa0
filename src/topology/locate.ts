/** From a finding at a path to a diagnostic at a place. */
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/report.ts';
import type { Document } from './document.ts';

/**
 * What an alias repeats is shown where the anchor wrote it, with the alias as the second place.
 */
export function locate(document: Document, finding: Finding, severity: Severity): Diagnostic {
  const { rule, path, onKey = false, span, message, hint } = finding;
  const related = (finding.related ?? []).map((other) => ({
    at: document.place(other.path, { onKey: true }),
    message: other.message,
  }));
  const alias = document.alias(path);
  if (alias !== undefined) related.push({ at: alias, message: 'used here through an alias' });
  return {
    rule,
    severity,
    message,
    at: document.place(path, { onKey, ...(span === undefined ? {} : { span }) }),
    ...(hint === undefined ? {} : { hint }),
    ...(related.length === 0 ? {} : { related }),
  };
}
