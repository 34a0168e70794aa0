/**
 * What reading found at a position of the text, before there are paths: a finding by offset. Turned into a
 * diagnostic by whoever owns the text.
 */
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import type { SourceText } from './source-text.ts';

export interface Remark {
  readonly rule: string;
  /** `error` unless given. */
  readonly severity?: Severity;
  /** Half-open range of UTF-16 units in the text. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
  /** What to write in the place of the range, where that mends it and nothing else changes. */
  readonly fix?: string;
  readonly related?: { readonly start: number; readonly end: number; readonly message: string };
}

export function remarkToDiagnostic(remark: Remark, source: SourceText): Diagnostic {
  const { rule, severity = 'error', start, end, message, hint, related, fix } = remark;
  return {
    rule,
    severity,
    message,
    at: source.place(start, end),
    ...(hint === undefined ? {} : { hint }),
    ...(fix === undefined ? {} : { fix: { start, end, text: fix } }),
    ...(related === undefined
      ? {}
      : {
          related: [{ at: source.place(related.start, related.end), message: related.message }],
        }),
  };
}
