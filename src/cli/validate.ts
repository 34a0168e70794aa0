/** The work of `roundabout validate`: finds the files, judges each, prints the findings. Opens no port. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { humanFindings, humanSummary } from '../diagnostics/human.ts';
import { jsonFindings } from '../diagnostics/json.ts';
import { validateText } from '../rules/validate.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Streams } from './command.ts';
import { lookOf } from './terminal.ts';

/** Folders that hold other people's files. */
const SKIPPED = new Set(['node_modules', '.git']);

interface Source {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * @param paths files, folders, or `-` for standard input
 * @returns the exit code: 0 fine, 1 findings of severity error
 * @throws RoundaboutError `file-unreadable` when a path can't be opened or nothing was found
 */
export async function validate(
  paths: readonly string[],
  options: { readonly format: 'human' | 'json' },
  streams: Streams,
): Promise<number> {
  const started = performance.now();
  const sources: Source[] = [];
  for (const path of paths) {
    if (path === '-') sources.push({ file: '-', bytes: await readAll(streams.input) });
    else sources.push(...found(path));
  }
  if (sources.length === 0) {
    throw new RoundaboutError('file-unreadable', `no topology was found in ${paths.join(', ')}`, {
      hint: 'a topology is a YAML file with `version` and one of vehicles, operators, exits',
    });
  }
  const findings: Diagnostic[] = [];
  const texts = new Map<string, string>();
  for (const { file, bytes } of sources) {
    const judged = validateText(bytes, file);
    findings.push(...judged.findings);
    texts.set(file, judged.text);
  }
  if (options.format === 'json') {
    streams.out.write(jsonFindings(findings, sources.length));
  } else {
    const shown = humanFindings(findings, texts, lookOf(streams.out));
    streams.out.write(shown + humanSummary(findings, sources.length, performance.now() - started));
  }
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}

async function readAll(input: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function found(path: string): readonly Source[] {
  try {
    if (!statSync(path).isDirectory()) return [{ file: path, bytes: readFileSync(path) }];
    return inFolder(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file or folder' : message;
    throw new RoundaboutError('file-unreadable', `${path} can't be read: ${why}`);
  }
}

/** In a folder only what looks like a topology is taken; a mistake inside must not hide it. */
function inFolder(folder: string): readonly Source[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): readonly Source[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : inFolder(path);
      if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) return [];
      const bytes = readFileSync(path);
      return looksLikeTopology(bytes.toString('utf8')) ? [{ file: path, bytes }] : [];
    });
}

function looksLikeTopology(text: string): boolean {
  if (/yaml-language-server:.*topology\.schema\.json/.test(text)) return true;
  return /^version:/m.test(text) && /^(vehicles?|operators?|exits?):/m.test(text);
}
