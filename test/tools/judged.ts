/** What the writers of findings are given, with nothing in it that differs from run to run. */
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { Judged } from '../../src/diagnostics/judged.ts';
import { plainPainter } from '../../src/diagnostics/look.ts';

export function judged(
  findings: readonly Diagnostic[],
  texts: Readonly<Record<string, string>>,
): Judged {
  return {
    findings,
    texts: new Map(Object.entries(texts)),
    failing: new Set(['error']),
    base: '/work',
    startedAt: '2026-01-01T00:00:00',
    elapsedMs: 38,
    version: '1.2.3',
    look: { paint: plainPainter, unicode: true },
    explain: (rule) => `About ${rule}.`,
  };
}
