/**
 * The work of `roundabout validate`: finds the files, says what is wrong in them, and gives the exit code.
 * Results go to `out`; what could not be opened, and what was passed over, to `err`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { humanFindings, humanSummary } from '../diagnostics/human.ts';
import { jsonFindings } from '../diagnostics/json.ts';
import { validateText } from '../rules/validate.ts';
import { isTopology } from '../topology/is-topology.ts';
import type { Streams } from './command.ts';
import { painter } from './terminal.ts';

const EXIT_FINDINGS = 1;
const EXIT_UNREADABLE = 2;
/** Folders that hold other people's files, or none that a person wrote. */
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', '.git', '.roundabout']);

export interface ValidateOptions {
  readonly format: 'human' | 'json';
}

/** A file that is to be judged. */
export interface Input {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the paths lead to. */
export interface Found {
  readonly inputs: Input[];
  /** YAML files in folders that are no topologies. */
  skipped: number;
  /** A sentence for each path that could not be opened. */
  readonly problems: string[];
}

/**
 * @param paths files, folders, or `-` for standard input; none: the folder it runs in
 * @returns 0; 1 when there is an error in a file; 2 when a path cannot be opened or leads to no topology
 */
export async function validate(
  paths: readonly string[],
  { format }: ValidateOptions,
  streams: Streams,
): Promise<number> {
  const began = performance.now();
  const found = await findInputs(paths.length === 0 ? ['.'] : paths, streams);
  const findings: Diagnostic[] = [];
  const texts = new Map<string, string>();
  for (const { name, bytes } of found.inputs) {
    const validation = validateText(bytes, name);
    findings.push(...validation.findings);
    texts.set(name, validation.text);
  }
  const files = found.inputs.length;
  if (format === 'json') streams.out.write(jsonFindings(findings, files));
  else if (files > 0) {
    const elapsed = performance.now() - began;
    const printed = humanFindings(findings, texts, painter(streams.out));
    streams.out.write(printed + humanSummary(findings, files, elapsed));
  }
  if (found.skipped > 0) {
    const noun = found.skipped === 1 ? 'file is' : 'files are';
    streams.err.write(`${found.skipped} YAML ${noun} no topology and skipped\n`);
  }
  if (files === 0 && found.problems.length === 0) {
    found.problems.push(`no topology in ${paths.join(', ') || '.'}`);
  }
  for (const problem of found.problems) streams.err.write(`error file-unreadable  ${problem}\n`);
  if (found.problems.length > 0) return EXIT_UNREADABLE;
  return findings.some(({ severity }) => severity === 'error') ? EXIT_FINDINGS : 0;
}

/** Also for other commands that take files, folders and `-`. */
export async function findInputs(paths: readonly string[], streams: Streams): Promise<Found> {
  const found: Found = { inputs: [], skipped: 0, problems: [] };
  for (const path of paths) {
    if (path === '-') {
      found.inputs.push({ name: '<stdin>', bytes: await readAll(streams.input) });
      continue;
    }
    try {
      if (statSync(path).isDirectory()) searchFolder(path, found);
      else found.inputs.push({ name: path, bytes: readFileSync(path) });
    } catch (error) {
      found.problems.push(problemWith(path, error));
    }
  }
  return found;
}

/** Files that are named are taken as they are; in a folder only those that look like a topology. */
function searchFolder(folder: string, found: Found): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!PASSED_OVER.has(entry.name)) searchFolder(path, found);
    } else if (/\.ya?ml$/.test(entry.name) && entry.isFile()) {
      const bytes = readFileSync(path);
      if (isTopology(bytes)) found.inputs.push({ name: path, bytes });
      else found.skipped++;
    }
  }
}

export async function readAll(input: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function problemWith(path: string, error: unknown): string {
  const { code, path: inner = path } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? `there is no ${inner}` : `${inner} cannot be read (${code})`;
}
