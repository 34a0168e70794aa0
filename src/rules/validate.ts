/**
 * The only way from text to a topology. Everything that is wrong is found in one go: the text, the shape of
 * every value, what elements say about one another, every expression. Where a part could not be read, what
 * depends on it is left unjudged, so that one mistake is one finding.
 */
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { inOrder } from '../diagnostics/order.ts';
import type { Finding, Path, Report } from '../diagnostics/report.ts';
import { RoundaboutError } from '../stream/error.ts';
import { buildTopology } from '../topology/build.ts';
import { buildTests } from '../topology/build-tests.ts';
import { assignIds } from '../topology/canonical.ts';
import { type Document, readDocument } from '../topology/document.ts';
import { interpolate, type World } from '../topology/interpolate.ts';
import { locate } from '../topology/locate.ts';
import type { Plan, TablePlan } from '../topology/plan.ts';
import { plan } from '../topology/planner.ts';
import { findShape } from '../topology/shape.ts';
import type { Topology } from '../topology/topology.ts';
import type { TopologyTest } from '../topology/topology-test.ts';
import { allNamed, damageOf } from './damage.ts';
import { rules } from './index.ts';
import { type Levels, lintFindings, severityOf, weigh } from './levels.ts';
import { silence } from './suppressions.ts';

/** A model of a file, and what would run. */
export interface Outline {
  readonly topology: Topology;
  /** A trial: its ids and stream ids are not those of any state directory. */
  readonly plan: Plan;
}

export interface Validation {
  /** `topology` and `plan` are there exactly when there is no finding of severity error. */
  readonly topology?: Topology;
  readonly plan?: Plan;
  /** The same where nothing else is wrong than that something can't run yet, to be drawn and told of. */
  readonly outline?: Outline;
  /** Those the file carries, as far as they could be read. */
  readonly tests: readonly TopologyTest[];
  /** In order of place. */
  readonly findings: readonly Diagnostic[];
  /** The file as text, to cut excerpts from; empty if it is none. */
  readonly text: string;
  /** The line of what a path leads to, or of what is nearest above it. */
  readonly lineOf: (path: Path) => number;
}

const NO_LEVELS: Levels = new Map();

/** What surrounds a file when it is read. */
export interface Reading {
  /** What rules weigh, over what the file says. */
  readonly levels?: Levels;
  /** Values that flags give to parameters, by name. */
  readonly sets?: ReadonlyMap<string, string>;
  /** What references lead to; absent: the file is only checked, and nothing outside of it is looked at. */
  readonly world?: World;
  /** What is wrong with the file of a table; absent: no such file is looked at. */
  readonly tables?: JudgeTable;
}

export type JudgeTable = (
  table: TablePlan,
) => readonly Pick<Finding, 'rule' | 'message' | 'hint'>[];

/** @throws RoundaboutError `file-unreadable` */
export function validateFile(file: string, reading: Reading = {}): Validation {
  return validateText(readBytes(file), file, reading);
}

/** @throws RoundaboutError `file-unreadable` */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new RoundaboutError('file-unreadable', `${file}: ${why}`, { cause: error });
  }
}

/**
 * @param text bytes are read as UTF-8
 * @param file the name that findings carry
 * @param levels what rules weigh, over what the file says of them
 */
export function validateText(
  text: string | Uint8Array,
  file: string,
  reading: Reading = {},
): Validation {
  const document = readDocument(text, file);
  const read = document.findings.map((found) => ({ ...found, severity: severityOf(found.rule) }));
  const { data } = document;
  const { text: written } = document;
  const lineOf = (path: Path): number => document.place(path, { onKey: true }).line;
  const settle = (findings: readonly Diagnostic[]): readonly Diagnostic[] => {
    const whole = !findings.some(({ severity }) => severity === 'error');
    const { levels = NO_LEVELS } = reading;
    return inOrder(weigh(silence(document, onePerValue(findings), whole), data, levels));
  };
  if (data === undefined) return { tests: [], findings: settle(read), text: written, lineOf };
  const { topology, plan: planned, tests, findings } = judge(document, reading);
  const all = settle([
    ...read,
    ...once(findings).map((finding) => locate(document, finding, severityOf(finding.rule))),
  ]);
  const rest = { tests, findings: all, text: written, lineOf };
  const errors = all.filter(({ severity }) => severity === 'error');
  const outline = planned === undefined ? undefined : { topology, plan: planned };
  if (errors.some(({ rule }) => rule !== 'not-yet-supported')) return rest;
  if (errors.length > 0) return outline === undefined ? rest : { ...rest, outline };
  assert(outline !== undefined, 'a topology without errors has no plan');
  return { ...rest, ...outline, outline };
}

/** Everything behind the text: shape, model, rules, plan. */
function judge(
  document: Document,
  { sets, world, tables }: Reading,
): {
  topology: Topology;
  plan: Plan | undefined;
  tests: readonly TopologyTest[];
  findings: readonly Finding[];
} {
  const written = document.data ?? null;
  const { data, hidden, findings: unresolved } = interpolate(written, world);
  // The place of a reference without a value has been spoken of.
  const shape = [
    ...unresolved,
    ...findShape(document, data).filter(({ path }) => !unresolved.some((o) => samePath(o, path))),
    ...lintFindings(data),
  ];
  const found: Finding[] = [];
  const report: Report = { add: (finding) => found.push(finding) };
  const source = (path: Path): string | undefined => document.source(path);
  const topology = buildTopology(data, source, report, { hidden, sets });
  const tests = buildTests(data, source, report);
  const readAll = shape.length === 0 && document.unclear.length === 0;
  const context = {
    topology,
    tests,
    data,
    written,
    allNamed: allNamed(document, shape),
    complete: readAll && !document.findings.some(({ rule }) => severityOf(rule) === 'error'),
  };
  for (const { slug, check } of rules) {
    check?.({ ...context, report: (finding) => report.add({ ...finding, rule: slug }) });
  }
  const errors = found.filter(({ rule }) => severityOf(rule) === 'error');
  const damage = damageOf([...shape, ...errors], document.unclear);
  const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
  const planned = plan(topology, ids, report, damage);
  if (planned !== undefined) {
    const ask = (which: 'checkPlan' | 'advise'): void => {
      for (const { slug, [which]: check } of rules) {
        check?.({ ...context, plan: planned, report: (one) => report.add({ ...one, rule: slug }) });
      }
    };
    ask('checkPlan');
    const all = [...document.findings, ...shape, ...found];
    if (all.every(({ rule }) => severityOf(rule) === 'info')) ask('advise');
  }
  for (const { name, table } of planned?.stages ?? []) {
    // While references are only checked, nobody knows which file is meant.
    if (table === null || (world === undefined && table.file.includes('${'))) continue;
    const path = ['operators', name, 'table', 'file'];
    for (const fault of tables?.(table) ?? []) report.add({ ...fault, path });
  }
  // A rule that speaks of the same value knows more about it than its shape.
  const rest = shape.filter(
    ({ rule, path }) => rule !== 'wrong-type' || !found.some((other) => samePath(other, path)),
  );
  const unclear = ({ path }: Finding): boolean =>
    document.unclear.some((part) => part.every((step, i) => step === path[i]));
  return {
    topology,
    plan: planned,
    tests,
    findings: [...rest, ...found.filter((finding) => !unclear(finding))],
  };
}

function samePath({ path }: Finding, other: Finding['path']): boolean {
  return path.length === other.length && path.every((step, i) => step === other[i]);
}

/** What older readers make of a value is no matter where the value is refused anyway. */
function onePerValue(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  return findings.filter(
    ({ rule, at }) =>
      rule !== 'yaml-1-1-trap' ||
      !findings.some(
        (other) =>
          other.rule !== rule && other.at.line === at.line && other.at.column === at.column,
      ),
  );
}

/** The same words about the same place are said once. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(
    findings.map((finding) => {
      const { rule, path, onKey = false, span = [], message } = finding;
      return [JSON.stringify([rule, path, onKey, span, message]), finding];
    }),
  );
  return [...seen.values()];
}
