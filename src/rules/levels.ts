/**
 * How much a rule weighs here: the file's own `lint`, and over it what the command line says. What is an
 * error stays one, since a file with it can't run.
 */
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import { LEVELS, type Level } from '../diagnostics/level.ts';
import type { Finding } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { entry, isMapping, type Value } from '../topology/value.ts';
import { rules } from './index.ts';

export type Levels = ReadonlyMap<string, Level>;

const SEVERITIES: ReadonlyMap<string, Severity> = new Map(
  rules.map(({ slug, severity }) => [slug, severity]),
);

/** What a rule weighs by itself; one that is not in the list is an error: nothing unlisted may pass. */
export function severityOf(slug: string): Severity {
  return SEVERITIES.get(slug) ?? 'error';
}

/** Why a rule's level can't be chosen; undefined: it can. */
export function refusal(slug: string): { message: string; hint?: string } | undefined {
  if (!SEVERITIES.has(slug)) {
    const meant = nearest(slug, SEVERITIES.keys());
    const hint = meant === undefined ? {} : { hint: `did you mean "${meant}"?` };
    return { message: `no rule is called "${slug}"`, ...hint };
  }
  if (severityOf(slug) !== 'error') return undefined;
  return { message: `"${slug}" is an error and stays one: a file with it cannot run` };
}

/** What is wrong with the names under `lint`; its values are a matter of shape. */
export function lintFindings(data: Value): readonly Finding[] {
  const lint = entry(data, 'lint');
  if (!isMapping(lint)) return [];
  return [...lint.keys()].flatMap((slug) => {
    const refused = refusal(slug);
    if (refused === undefined) return [];
    const rule = SEVERITIES.has(slug) ? 'value-not-allowed' : 'unknown-field';
    return [{ rule, path: ['lint', slug], onKey: true, ...refused }];
  });
}

/** The findings as heavy as the file, and over it `levels`, want them. */
export function weigh(
  findings: readonly Diagnostic[],
  data: Value | undefined,
  levels: Levels,
): readonly Diagnostic[] {
  const lint = entry(data, 'lint');
  return findings.flatMap((finding) => {
    const { rule, severity } = finding;
    const written = LEVELS.find((level) => level === entry(lint, rule));
    const level = levels.get(rule) ?? written ?? severity;
    if (severity === 'error' || level === severity) return [finding];
    return level === 'ignore' ? [] : [{ ...finding, severity: level }];
  });
}
