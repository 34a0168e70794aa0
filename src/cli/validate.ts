/**
 * The work of `roundabout validate`: finds the files, says what is wrong in them, mends what it may, and
 * gives the exit code. Results go to `out`; what could not be opened, what was passed over and what was
 * mended, to `err`.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import { formats } from '../diagnostics/formats.ts';
import { humanSummary } from '../diagnostics/human.ts';
import type { Judged } from '../diagnostics/judged.ts';
import type { Level } from '../diagnostics/level.ts';
import { plainPainter } from '../diagnostics/look.ts';
import { rules } from '../rules/index.ts';
import { refusal } from '../rules/levels.ts';
import { mend } from '../rules/mend.ts';
import { type Reading, validateText } from '../rules/validate.ts';
import { outsideWorld } from '../runner/world.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Streams } from './command.ts';
import { findInputs, type Input, STANDARD_INPUT } from './find-inputs.ts';
import { rewrite } from './rewrite.ts';
import { painter } from './terminal.ts';
import { version } from './version.ts';

/** What reads tables is slow to load, and most files have none. */
const LOOKUP = 'lookup';
const EXIT_FINDINGS = 1;
const EXIT_UNREADABLE = 2;

export interface ValidateOptions {
  /** A name in `formats`. */
  readonly format: string;
  /** Where results go instead of `out`. */
  readonly output?: string;
  readonly denyWarnings?: boolean;
  /** What rules weigh, over what a file says. */
  readonly rule?: ReadonlyMap<string, Level>;
  readonly fix?: boolean;
  readonly skipOthers?: boolean;
  /** Values for parameters, by name. */
  readonly sets?: ReadonlyMap<string, string>;
  /** Resolve references, to files below this folder only. */
  readonly env?: boolean;
}

/**
 * @param paths files, quoted patterns, folders, or `-` for standard input; none: the folder it runs in
 * @returns 0; 1 when a file has what must not be; 2 when a path cannot be opened or leads to no topology
 */
export async function validate(
  paths: readonly string[],
  options: ValidateOptions,
  streams: Streams,
): Promise<number> {
  const began = performance.now();
  const startedAt = new Date().toISOString().slice(0, 19);
  refuseContradictions(paths, options);
  const { skipOthers = false } = options;
  const found = await findInputs(paths.length === 0 ? ['.'] : paths, skipOthers, streams.input);
  const findings: Diagnostic[] = [];
  const texts = new Map<string, string>();
  for (const input of found.inputs) {
    const validation = await judge(input, options, streams);
    findings.push(...validation.findings);
    texts.set(input.name, validation.text);
  }
  const failing: ReadonlySet<Severity> = new Set(
    options.denyWarnings ? ['error', 'warning'] : ['error'],
  );
  const look = painter(streams.out);
  await write(options, streams, {
    findings,
    texts,
    failing,
    base: process.cwd(),
    startedAt,
    elapsedMs: performance.now() - began,
    version: version(),
    look: options.output === undefined ? look : { ...look, paint: plainPainter },
    explain: (slug) => rules.find((rule) => rule.slug === slug)?.explain ?? slug,
  });
  if (found.skipped > 0) {
    const noun = found.skipped === 1 ? 'file is' : 'files are';
    streams.err.write(`${found.skipped} YAML ${noun} no topology and skipped\n`);
  }
  if (texts.size === 0 && found.problems.length === 0 && !skipOthers) {
    found.problems.push(`no topology in ${paths.join(', ') || '.'}`);
  }
  for (const problem of found.problems) streams.err.write(`error file-unreadable  ${problem}\n`);
  if (found.problems.length > 0) return EXIT_UNREADABLE;
  return findings.some(({ severity }) => failing.has(severity)) ? EXIT_FINDINGS : 0;
}

function refuseContradictions(
  paths: readonly string[],
  { fix, rule = new Map() }: ValidateOptions,
) {
  if (fix && paths.includes('-')) {
    throw new RoundaboutError('bad-usage', '--fix cannot mend standard input', {
      hint: 'name the file',
    });
  }
  for (const slug of rule.keys()) {
    const refused = refusal(slug);
    if (refused === undefined) continue;
    const { message, ...hint } = refused;
    throw new RoundaboutError('bad-usage', `--rule ${slug}: ${message}`, hint);
  }
}

async function judge(
  { name, bytes }: Input,
  { fix = false, rule: levels = new Map(), sets = new Map(), env = false }: ValidateOptions,
  { err }: Streams,
): Promise<{ readonly findings: readonly Diagnostic[]; readonly text: string }> {
  const folder = name === STANDARD_INPUT ? '.' : dirname(name);
  const reading: Reading = {
    levels,
    sets,
    ...(env && { world: outsideWorld(folder, '.') }),
    ...(Buffer.from(bytes).includes(LOOKUP) && { tables: await tablesBelow(folder) }),
  };
  if (!fix || name === STANDARD_INPUT) return validateText(bytes, name, reading);
  const { validation, applied } = mend(bytes, name, reading);
  if (applied.length > 0) writing(name, () => rewrite(name, bytes, validation.text));
  for (const { rule: slug, at, message } of applied) {
    err.write(`fixed ${slug}  ${name}:${at.line}:${at.column}  ${message}\n`);
  }
  return validation;
}

/** Who only checks a file, perhaps a stranger's, reads nothing from elsewhere for it. */
async function tablesBelow(folder: string): Promise<NonNullable<Reading['tables']>> {
  const { judgeTables } = await import('../runner/tables.ts');
  return judgeTables(folder, [folder, '.']);
}

async function write(
  { format, output }: ValidateOptions,
  { out, err }: Streams,
  judged: Judged,
): Promise<void> {
  const load = formats.get(format);
  if (load === undefined) throw new RoundaboutError('bad-usage', `there is no format ${format}`);
  const writer = await load();
  const printed = writer(judged);
  if (output === undefined) {
    out.write(printed);
  } else {
    writing(output, () => writeFileSync(output, printed));
    err.write(humanSummary(judged.findings, judged.texts.size, judged.elapsedMs));
  }
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  if (format !== 'github' || !summary) return;
  const { githubSummary } = await import('../diagnostics/github.ts');
  writing(summary, () => appendFileSync(summary, githubSummary(judged)));
}

/** @throws RoundaboutError `file-unwritable` */
function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RoundaboutError('file-unwritable', `${file} cannot be written (${code})`, {
      cause: error,
    });
  }
}
