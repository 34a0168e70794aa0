/** What a state directory is: format, whose it is, and how often it was opened. */
import { RoundaboutError } from '../stream/error.ts';
import type { Disk } from './disk.ts';
import { FORMAT_MAJOR, FORMAT_MINOR } from './header-page.ts';
import { readFile, replaceFile } from './small-file.ts';
import { damaged, newerFormat } from './storage-error.ts';

export interface Manifest {
  readonly format: string;
  readonly engine: number;
  /** 128 random bits in hex. */
  readonly pipelineId: string;
  /** Counts the processes that have opened it. */
  readonly epoch: number;
}

/**
 * Reads the manifest, or makes one, and counts this opening. The lock must be held.
 * @throws RoundaboutError `newer-format`, `older-engine`, `data-damaged`
 */
export async function openManifest(
  disk: Disk,
  folder: string,
  engine: number,
  random: (bytes: number) => Uint8Array,
): Promise<Manifest> {
  const path = `${folder}/MANIFEST`;
  const text = await readFile(disk, path);
  // A manifest is durable before there is a log: without one, whose log it is cannot be known.
  if (text === undefined && (await disk.list(`${folder}/log`)).length > 0) {
    throw damaged(path, 0, 'it is missing, though there is a log');
  }
  const format = `${FORMAT_MAJOR}.${FORMAT_MINOR}`;
  const before = text === undefined ? undefined : parse(text, path);
  if (before !== undefined && !known(before.format)) throw newerFormat(path, before.format, format);
  if (before !== undefined && before.engine !== engine) {
    throw new RoundaboutError(
      'older-engine',
      `${folder} was written by engine ${before.engine}; this is engine ${engine}`,
      { hint: 'run the old version once, or start anew with --fresh' },
    );
  }
  const manifest = {
    format,
    engine,
    pipelineId: before?.pipelineId ?? Buffer.from(random(16)).toString('hex'),
    epoch: (before?.epoch ?? 0) + 1,
  };
  await replaceFile(disk, folder, 'MANIFEST', `${JSON.stringify(manifest)}\n`);
  return manifest;
}

/** Every older minor is; what was written stays what it is, so going back to an older version is not. */
function known(format: string): boolean {
  const [major, minor] = format.split('.').map(Number);
  return major === FORMAT_MAJOR && minor <= FORMAT_MINOR;
}

function parse(text: string, path: string): Manifest {
  try {
    const manifest: Manifest = JSON.parse(text);
    const { pipelineId, epoch } = manifest;
    if (/^[0-9a-f]{32}$/.test(pipelineId) && Number.isSafeInteger(epoch)) return manifest;
  } catch {
    // said below
  }
  throw damaged(path, 0, 'it is no manifest');
}
