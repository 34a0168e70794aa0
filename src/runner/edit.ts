/**
 * The running file, read again: judged, and brought into force if it can be. Whatever it says, the flow goes on;
 * who asked is told what came of it.
 */
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Reading, validateText } from '../rules/validate.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Topology } from '../topology/topology.ts';
import type { EditRequest } from './control.ts';
import type { ReloadResult } from './reload.ts';

/** What an edit asks of a runner. */
export interface Editable {
  plan(topology: Topology, allowReset: ReadonlySet<string>): ReloadResult;
  reload(topology: Topology, allowReset: ReadonlySet<string>): Promise<ReloadResult>;
}

export interface EditAnswer {
  readonly file: string;
  /** Of severity above info. */
  readonly findings: readonly Diagnostic[];
  readonly text: string;
  /** null: the file has errors, or what it asks for failed. */
  readonly result: ReloadResult | null;
  readonly failure: {
    readonly slug: string;
    readonly message: string;
    readonly hint?: string;
  } | null;
  /** Lines of the elements that are refused, by kind and name. */
  readonly lines: Readonly<Record<string, number>>;
}

export interface EditedFile {
  readonly file: string;
  readonly override: (topology: Topology) => Topology;
  /** What surrounds the file when it is read again. */
  readonly reading?: Reading;
}

/** Reads the file and acts on it. Never throws for what a file, a port or a disk can do. */
export function editFile(
  runner: Editable,
  edited: EditedFile,
  request: EditRequest,
): Promise<EditAnswer> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(edited.file);
  } catch (error) {
    const { message } = error as Error;
    const failure = { slug: 'file-unreadable', message };
    const nothing = { file: edited.file, findings: [], text: '', lines: {} };
    return Promise.resolve({ ...nothing, result: null, failure });
  }
  return editText(runner, edited, bytes, request);
}

/** The same with what the file was found to say. */
export async function editText(
  runner: Editable,
  { file, override, reading = {} }: EditedFile,
  bytes: Uint8Array,
  { dryRun, allowReset, sets = {} }: EditRequest,
): Promise<EditAnswer> {
  const { topology, findings, text, lineOf } = validateText(bytes, file, {
    ...reading,
    sets: new Map([...(reading.sets ?? []), ...Object.entries(sets)]),
  });
  const shown = findings.filter(({ severity }) => severity !== 'info');
  const answer = { file, findings: shown, text, lines: {}, failure: null };
  if (topology === undefined) return { ...answer, result: null };
  const allowed = new Set(allowReset);
  try {
    const next = override(topology);
    const result = dryRun ? runner.plan(next, allowed) : await runner.reload(next, allowed);
    const refused = result.kind === 'refused' ? result.refusals : [];
    const lines = refused.flatMap(({ kind, name }) => {
      const place = kind === 'operator' ? 'operators' : kind === 'exit' ? 'exits' : undefined;
      return place === undefined ? [] : [[`${kind} ${name}`, lineOf([place, name])] as const];
    });
    return { ...answer, result, lines: Object.fromEntries(lines) };
  } catch (error) {
    return { ...answer, result: null, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): NonNullable<EditAnswer['failure']> {
  if (error instanceof RoundaboutError) {
    const { slug, message, hint } = error;
    return hint === undefined ? { slug, message } : { slug, message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    slug: 'trial-failed',
    message: `the new flow failed when it was tried out: ${message}`,
    hint: 'this is a defect of roundabout, please report it; the flow goes on as it was',
  };
}
