/** From paths, patterns, folders and standard input to the files that are to be judged. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isTopology } from '../topology/is-topology.ts';
import { expandPattern, isPattern, PASSED_OVER } from './glob.ts';

/** The name of what comes from standard input. */
export const STANDARD_INPUT = '<stdin>';

export interface Input {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Found {
  readonly inputs: Input[];
  /** Files that are no topologies. */
  skipped: number;
  /** A sentence for each path that could not be opened. */
  readonly problems: string[];
}

/**
 * @param paths files, quoted patterns, folders, or `-`
 * @param skipOthers named files, too, are taken only if they look like a topology
 */
export async function findInputs(
  paths: readonly string[],
  skipOthers: boolean,
  input: NodeJS.ReadableStream,
): Promise<Found> {
  const found: Found = { inputs: [], skipped: 0, problems: [] };
  for (const path of paths) {
    if (path === '-') {
      found.inputs.push({ name: STANDARD_INPUT, bytes: await readAll(input) });
      continue;
    }
    try {
      findAt(path, skipOthers, found);
    } catch (error) {
      found.problems.push(problemWith(path, error));
    }
  }
  return found;
}

function findAt(path: string, skipOthers: boolean, found: Found): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined && isPattern(path)) {
    const matching = expandPattern(path);
    if (matching.length === 0) found.problems.push(`nothing matches ${path}`);
    for (const one of matching) findAt(one, skipOthers, found);
  } else if (stat?.isDirectory()) {
    searchFolder(path, found);
  } else {
    take({ name: path, bytes: readFileSync(path) }, skipOthers, found);
  }
}

function searchFolder(folder: string, found: Found): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!PASSED_OVER.has(entry.name)) searchFolder(path, found);
    } else if (/\.ya?ml$/.test(entry.name) && entry.isFile()) {
      take({ name: path, bytes: readFileSync(path) }, true, found);
    }
  }
}

/** A file that two paths lead to is judged once. */
function take(input: Input, onlyTopologies: boolean, found: Found): void {
  if (found.inputs.some(({ name }) => name === input.name)) return;
  if (onlyTopologies && !isTopology(input.bytes)) found.skipped++;
  else found.inputs.push(input);
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
