/** What every format is written from: findings, and what a writer may want to say beside them. */
import type { Diagnostic, Severity } from './diagnostic.ts';
import type { Look } from './look.ts';

/** What was judged and what was found, with all that a writer may want to say beside it. */
export interface Judged {
  readonly findings: readonly Diagnostic[];
  /** The text of each judged file by the name that findings carry; empty where it is no text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Severities that make the check fail. */
  readonly failing: ReadonlySet<Severity>;
  /** The folder that relative names start from, absolute. */
  readonly base: string;
  /** ISO 8601 in UTC, to the second, without a zone. */
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly version: string;
  readonly look: Look;
  /** What a rule is about, in a sentence or two. */
  readonly explain: (rule: string) => string;
}

/** @returns whole lines */
export type Writer = (judged: Judged) => string;

/** A file's name as other tools know it: relative to `base` where it lies in it, with forward slashes. */
export function relativeName(file: string, base: string): string {
  const name = file.replaceAll('\\', '/');
  const folder = `${base.replaceAll('\\', '/').replace(/\/$/, '')}/`;
  return (name.startsWith(folder) ? name.slice(folder.length) : name).replace(/^(?:\.\/)+/, '');
}
