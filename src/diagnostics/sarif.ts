/**
 * Findings as SARIF 2.1.0 (OASIS), for code scanning. A fingerprint is made of rule and element, never of
 * lines, so a finding that moved stays the same alert.
 */
import type { Diagnostic, Place, Severity } from './diagnostic.ts';
import { type Judged, relativeName } from './judged.ts';
import { inOrder } from './order.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function writeSarif({ findings, base, version, explain }: Judged): string {
  const sorted = inOrder(findings);
  const slugs = [...new Set(sorted.map(({ rule }) => rule))].sort();
  const fingerprint = fingerprints(base);
  const run = {
    tool: {
      driver: {
        name: 'roundabout',
        semanticVersion: version,
        rules: slugs.map((slug) => ({ id: slug, shortDescription: { text: explain(slug) } })),
      },
    },
    columnKind: 'unicodeCodePoints',
    results: sorted.map((finding) => ({
      ruleId: finding.rule,
      ruleIndex: slugs.indexOf(finding.rule),
      level: LEVELS[finding.severity],
      message: { text: textOf(finding) },
      locations: [{ physicalLocation: physical(finding.at, base) }],
      ...(finding.related === undefined
        ? {}
        : {
            relatedLocations: finding.related.map(({ at, message }, id) => ({
              id,
              message: { text: message },
              physicalLocation: physical(at, base),
            })),
          }),
      partialFingerprints: { 'ruleAndElement/v1': fingerprint(finding) },
    })),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

/** Several findings of one rule in one element are numbered, in order of place. */
function fingerprints(base: string): (finding: Diagnostic) => string {
  const counts = new Map<string, number>();
  return ({ rule, element = '', at }) => {
    const name = `${relativeName(at.file, base)}#${element}:${rule}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}:${count}`;
  };
}

function textOf({ message, hint }: Diagnostic): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

function physical({ file, line, column, endLine, endColumn }: Place, base: string): object {
  const uri = relativeName(file, base).split('/').map(encodeURIComponent).join('/');
  const region = { startLine: line, startColumn: column, endLine, endColumn };
  return { artifactLocation: { uri }, region };
}
