/**
 * Findings as workflow commands of GitHub Actions, which puts them beside the lines of a pull request:
 * `::error file=..,line=..,col=..,title=..::text`. It shows ten of a kind for a step, so errors come first,
 * and everything is in the summary of the job as well.
 */
import { printable } from './cells.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { type Judged, relativeName } from './judged.ts';
import { inOrder } from './order.ts';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};
/** A step's summary may take 1 MiB; a thousand rows are far below, and more than anybody reads. */
const ROWS_MAX = 1_000;

export function writeGithub({ findings, base }: Judged): string {
  return byWeight(findings)
    .map((finding) => `${command(finding, base)}\n`)
    .join('');
}

/** All findings as a table in Markdown, for the summary of the job. */
export function githubSummary({ findings, base }: Judged): string {
  if (findings.length === 0) return '';
  const rows = byWeight(findings).slice(0, ROWS_MAX);
  const more = findings.length - rows.length;
  return [
    '| | rule | place | what |',
    '|---|---|---|---|',
    ...rows.map(({ severity, rule, at, message, hint }) => {
      const place = `${relativeName(at.file, base)}:${at.line}:${at.column}`;
      const what = hint === undefined ? message : `${message} (${hint})`;
      return `| ${severity} | ${rule} | ${cell(place)} | ${cell(what)} |`;
    }),
    ...(more > 0 ? ['', `and ${more} more`] : []),
    '',
  ].join('\n');
}

function byWeight(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = inOrder(findings);
  return (['error', 'warning', 'info'] as const).flatMap((severity) =>
    sorted.filter((finding) => finding.severity === severity),
  );
}

function command({ rule, severity, at, message, hint }: Diagnostic, base: string): string {
  const properties: Record<string, string | number> = {
    file: relativeName(at.file, base),
    line: at.line,
    col: at.column,
    // A last column is only understood on the same line, and is part of the range.
    ...(at.endLine === at.line && at.endColumn > at.column ? { endColumn: at.endColumn - 1 } : {}),
    title: rule,
  };
  const listed = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  const text = hint === undefined ? message : `${message}\nhelp: ${hint}`;
  return `::${COMMANDS[severity]} ${listed.join(',')}::${data(text)}`;
}

/** Percent, line ends: what would end the command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string | number): string {
  return data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Text that stays text in a cell of a table. */
function cell(text: string): string {
  return printable(text).replace(/[\\`*_{}[\]<>|#~]/g, (sign) => `\\${sign}`);
}
