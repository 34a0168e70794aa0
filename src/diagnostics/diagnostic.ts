/**
 * A finding: an author's mistake as a value, with its place, what to do about it, and nothing thrown.
 * Lines and columns count from 1; columns are code points, as editors show them.
 */
export type Severity = 'error' | 'warning' | 'info';

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number; // exclusive
}

export interface Diagnostic {
  /** The permanent slug of its rule: `dangling-reference`. */
  readonly rule: string;
  readonly severity: Severity;
  /** The cause first, the author's own words quoted, no blame, no final full stop. */
  readonly message: string;
  readonly at: Place;
  readonly hint?: string;
  /** Second places ("first defined here"). */
  readonly related?: readonly { readonly at: Place; readonly message: string }[];
  /** What it is about, by name: `operators.counts`. */
  readonly element?: string;
  /** An edit that mends it and changes nothing else, where there is one that is safe. */
  readonly fix?: Edit;
}

/** Puts `text` in the place of the half-open range of UTF-16 units. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Either a value, perhaps with warnings, or all that is wrong. */
export type Validated<T> =
  | { readonly ok: true; readonly value: T; readonly findings: readonly Diagnostic[] }
  | { readonly ok: false; readonly findings: readonly Diagnostic[] };
