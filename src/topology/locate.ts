/** From a finding at a path to a diagnostic at a place. */
import type { Diagnostic, Edit, Severity } from '../diagnostics/diagnostic.ts';
import type { Finding, Path } from '../diagnostics/report.ts';
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
  const fix = editOf(document, finding);
  return {
    rule,
    severity,
    message,
    at: document.place(path, { onKey, ...(span === undefined ? {} : { span }) }),
    ...(hint === undefined ? {} : { hint }),
    ...(related.length === 0 ? {} : { related }),
    element: elementOf(path),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** The element that a path leads into: `operators.counts`, `vehicles.shop.lanes.orders`. */
function elementOf(path: Path): string {
  const [top] = path;
  const named = top === 'operators' || top === 'exits' || top === 'vehicles';
  const steps = !named ? 1 : top === 'vehicles' && path[2] === 'lanes' ? 4 : 2;
  return path.slice(0, steps).join('.');
}

function editOf(document: Document, { path, fix }: Finding): Edit | undefined {
  const range = fix && document.range(path);
  const text = range && fix(document.text.slice(...range));
  if (range === undefined || text === undefined) return undefined;
  return { start: range[0], end: range[1], text };
}
