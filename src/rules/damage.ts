/**
 * How far a finding reaches: what stands in or behind a part that could not be read must not be judged by
 * what is missing from it. One cause is one finding.
 */
import type { Finding, Path } from '../diagnostics/report.ts';
import type { Document } from '../topology/document.ts';
import type { Damage } from '../topology/planner.ts';

/** Fields of a lane that say nothing about what its records look like. */
const HARMLESS: ReadonlySet<string | number> = new Set([
  'listen',
  'connect',
  'limits',
  'tls',
  'insecure',
  'ack',
  'required',
  'event_time',
  'late_to',
  'unknown_fields',
  'bad_record',
  'at_end',
  'was',
]);

/** Parameters, lanes, operators and exits that have something wrong in them. */
export function damageOf(findings: readonly Finding[], unclear: readonly Path[]): Damage {
  const streams = new Set<string>();
  const exits = new Set<string>();
  const params = new Set<string>();
  const judged = findings.filter((finding) => !leavesWhole(finding));
  for (const path of [...judged.map((finding) => finding.path), ...unclear]) {
    const [top, name, , lane, field] = path;
    if (top === 'operators') streams.add(String(name));
    if (top === 'params') params.add(String(name));
    if (top === 'exits') exits.add(String(name));
    if (top === 'vehicles' && path.length > 3 && !(path.length > 4 && HARMLESS.has(field))) {
      streams.add(String(lane));
    }
  }
  return { params, streams, exits };
}

/** What can't run yet is read past where no field of any record depends on it. */
function leavesWhole({ rule, path: [top, , field] }: Finding): boolean {
  if (rule !== 'not-yet-supported') return false;
  return top === 'exits' || (top === 'operators' && field === 'state');
}

/** Whether every name that the author gave to an element is known. */
export function allNamed(document: Document, shape: readonly Finding[]): boolean {
  if (document.unclear.length > 0 || cutShort(document)) return false;
  return !shape.some(({ rule, path }) => {
    if (rule === 'not-yet-supported') return false;
    const [top] = path;
    if (path.length === 1) return rule === 'unknown-field' || CONTAINERS.has(top);
    if (path.length === 0) return true;
    // A vehicle that is no mapping, or whose `lanes` cannot be read or are misspelt.
    const lanes = path[2] === 'lanes' || rule === 'unknown-field';
    return top === 'vehicles' && (path.length < 3 || (path.length === 3 && lanes));
  });
}

const CONTAINERS: ReadonlySet<string | number> = new Set(['vehicles', 'operators', 'exits']);

/** Reading ended before the end of the file. */
function cutShort({ findings }: Document): boolean {
  return findings.some(({ rule }) => rule === 'yaml-syntax' || rule === 'unsupported-yaml');
}
