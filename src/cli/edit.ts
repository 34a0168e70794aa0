/** The work of `roundabout reload` and `roundabout plan`. Plans go to standard output, everything else to the other. */
import { humanFindings } from '../diagnostics/human.ts';
import { type Reading, validateFile } from '../rules/validate.ts';
import { commitTo } from '../runner/commitment.ts';
import { askEdit, type EditRequest } from '../runner/control.ts';
import type { EditAnswer } from '../runner/edit.ts';
import { RoundaboutError } from '../stream/error.ts';
import { changesOf, isChange } from '../topology/changes.ts';
import type { Topology } from '../topology/topology.ts';
import { answerLines, changeLines, tallyOf } from './change-lines.ts';
import { findRunner } from './find-runner.ts';
import { painter } from './terminal.ts';

/** Findings, a refused plan. */
const EXIT_REFUSED = 1;
const EXIT_ENVIRONMENT = 3;
/** With `--detailed-exitcode`. */
const EXIT_KEPT = 10;
const EXIT_LOST = 11;

/** @returns 0; 1 when the file has errors or the edit is refused; 3 when a port or the like stands in its way */
export async function reloadRunner(
  where: { readonly stateDir?: string; readonly topology?: string },
  request: EditRequest,
): Promise<number> {
  const answer = await ask(where, request);
  process.stderr.write(answerLines(answer, painter(process.stderr)));
  if (answer.failure !== null) return EXIT_ENVIRONMENT;
  return answer.result === null || answer.result.kind === 'refused' ? EXIT_REFUSED : 0;
}

export interface PlanOptions {
  readonly stateDir: string | undefined;
  readonly allowReset: readonly string[];
  /** Values for parameters, by name. */
  readonly sets: ReadonlyMap<string, string>;
  /** Tell by the exit code whether anything changes, and whether anything is lost. */
  readonly detailed: boolean;
}

/**
 * Of one file: against what its runner has in force. Of two: the one against the other, without a runner.
 * @throws RoundaboutError `bad-usage`, `file-unreadable`, `not-running`
 */
export async function planFiles(
  files: readonly string[],
  { stateDir, allowReset, sets, detailed }: PlanOptions,
): Promise<number> {
  if (files.length > 2) {
    throw new RoundaboutError('bad-usage', 'plan takes one file, or two');
  }
  const [file, after] = files;
  if (after !== undefined) {
    return planTwo(file, after, { allowReset: new Set(allowReset), sets, detailed });
  }
  const where = stateDir === undefined ? { topology: file } : { stateDir };
  const answer = await ask(where, {
    dryRun: true,
    allowReset,
    sets: Object.fromEntries(sets),
  });
  process.stdout.write(answerLines(answer, painter(process.stdout)));
  const { result } = answer;
  if (answer.failure !== null) return EXIT_ENVIRONMENT;
  if (result === null) return EXIT_REFUSED;
  if (result.kind === 'refused') return detailed ? EXIT_LOST : EXIT_REFUSED;
  return detailed && result.kind === 'planned' ? EXIT_KEPT : 0;
}

function planTwo(
  before: string,
  after: string,
  {
    allowReset,
    sets,
    detailed,
  }: Omit<PlanOptions, 'allowReset' | 'stateDir'> & {
    readonly allowReset: ReadonlySet<string>;
  },
): number {
  const old = readValid(before, { sets });
  const now = readValid(after, { sets });
  if (old === undefined || now === undefined) return EXIT_REFUSED;
  // Ids only tell elements apart here; they are those of no state directory.
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes);
  const was = commitTo(old, undefined, random);
  const next = commitTo(now, was, random);
  const changes = changesOf(was, next);
  const lost = changes.filter(
    ({ name, losesState }) =>
      losesState && now.operators.get(name)?.onChange !== 'reset' && !allowReset.has(name),
  );
  const loses =
    lost.length === 0
      ? 'Nothing is lost.'
      : `${lost.map(({ name }) => name).join(', ')} would lose ${lost.length === 1 ? 'its' : 'their'} state.`;
  process.stdout.write(`${before} -> ${after}: ${tallyOf(changes)}. ${loses}\n`);
  process.stdout.write(changeLines(changes));
  for (const { name } of lost) {
    // What is gone from the file has no place in it where anything could be written.
    const write = now.operators.has(name)
      ? `write "state: { on_change: reset }" at ${name}, or `
      : '';
    process.stdout.write(
      `refused as it stands, unless it is empty: ${write}give --allow-reset ${name}\n`,
    );
  }
  if (lost.length > 0) return detailed ? EXIT_LOST : EXIT_REFUSED;
  return detailed && changes.some(isChange) ? EXIT_KEPT : 0;
}

function readValid(file: string, reading: Reading): Topology | undefined {
  const { topology, findings, text } = validateFile(file, reading);
  const shown = findings.filter(({ severity }) => severity === 'error');
  process.stderr.write(humanFindings(shown, new Map([[file, text]]), painter(process.stderr)));
  return topology;
}

async function ask(
  where: { readonly stateDir?: string; readonly topology?: string },
  request: EditRequest,
): Promise<EditAnswer> {
  const { stateDir } = await findRunner(where);
  const answer = await askEdit(stateDir, request);
  if (answer === undefined) {
    throw new RoundaboutError('not-running', `the runner in ${stateDir} did not answer`, {
      hint: 'see what it says where it runs',
    });
  }
  return answer as EditAnswer;
}
