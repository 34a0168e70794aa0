/**
 * The only way from text to a topology that may run: reads the document, checks its shape, builds the model,
 * applies the rules and plans. Reports everything at once, one finding a cause.
 */
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { inOrder } from '../diagnostics/order.ts';
import type { Finding, Path } from '../diagnostics/report.ts';
import { RoundaboutError } from '../stream/error.ts';
import { buildTopology } from '../topology/build.ts';
import { assignIds } from '../topology/canonical.ts';
import { type Document, readDocument } from '../topology/document.ts';
import { locate } from '../topology/locate.ts';
import { planTopology } from '../topology/planner.ts';
import { findShape } from '../topology/shape.ts';
import type { Topology } from '../topology/topology.ts';
import { rules } from './index.ts';

export interface Judged {
  /** Absent when any finding is an error. */
  readonly topology: Topology | undefined;
  readonly findings: readonly Diagnostic[];
  /** What excerpts are cut from. */
  readonly text: string;
}

const SEVERITIES = new Map(rules.map(({ slug, severity }) => [slug, severity]));

/** @throws RoundaboutError `file-unreadable` */
export function validateFile(file: string): Judged {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new RoundaboutError('file-unreadable', `${file} can't be read: ${why}`);
  }
  return validateText(bytes, file);
}

export function validateText(text: string | Uint8Array, file: string): Judged {
  const document = readDocument(text, file);
  const found = document.data === undefined ? [] : judge(document);
  const located = found.map((finding) =>
    locate(document, finding, SEVERITIES.get(finding.rule) ?? 'error'),
  );
  const findings = inOrder([...document.findings, ...located]);
  const wrong = findings.some(({ severity }) => severity === 'error');
  const { data } = document;
  const topology =
    wrong || data === undefined
      ? undefined
      : buildTopology(data, (path) => document.source(path), { add: () => {} });
  return { topology, findings, text: document.text };
}

function judge(document: Document): readonly Finding[] {
  const shape = findShape(document);
  const later: Finding[] = [];
  const report = { add: (finding: Finding): number => later.push(finding) };
  const topology = buildTopology(document.data, (path) => document.source(path), report);
  for (const { check } of rules) check?.(topology, report);
  // Ids and streams mean nothing here: only what the planner reports is wanted.
  const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes);
  planTopology(topology, assignIds(topology, zeros), report);
  return [...shape, ...withoutConsequences(later, shape)];
}

/** Drops what is said of a place whose shape is wrong already, and what is said twice. */
function withoutConsequences(
  later: readonly Finding[],
  shape: readonly Finding[],
): readonly Finding[] {
  const kept: Finding[] = [];
  for (const finding of later) {
    const known = shape.some(
      ({ path, rule }) =>
        within(finding.path, path) || (rule === 'not-yet-supported' && within(path, finding.path)),
    );
    const again = kept.some(
      (other) =>
        other.rule === finding.rule &&
        other.message === finding.message &&
        samePath(other.path, finding.path),
    );
    if (!known && !again) kept.push(finding);
  }
  return kept;
}

function within(path: Path, above: Path): boolean {
  return (
    above.length > 0 && above.length <= path.length && above.every((step, i) => step === path[i])
  );
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && within(a, b);
}
