/**
 * One runner a state directory. The lock is a file, created exclusively, that names its process; one
 * whose process is gone is taken over. A process number that is used again is told apart by boot and
 * start time, where the system tells them.
 */
import { RoundaboutError } from '../stream/error.ts';
import type { Disk } from './disk.ts';
import { codeOf } from './disk.ts';
import { readFile } from './small-file.ts';

export interface Owner {
  readonly pid: number;
  /** Boot id and start time of the process; empty where the system does not tell. */
  readonly started: string;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * @param alive whether an owner's process is still there
 * @throws RoundaboutError `state-locked` naming the process that has it
 */
export async function takeLock(
  disk: Disk,
  folder: string,
  self: Owner,
  alive: (owner: Owner) => boolean,
): Promise<Lock> {
  const path = `${folder}/LOCK`;
  for (;;) {
    try {
      const file = await disk.open(path, 'create');
      await file.write(Buffer.from(JSON.stringify(self)), 0);
      await file.close();
      return { release: () => disk.remove(path) };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const owner = parse(await readFile(disk, path));
    if (owner !== undefined && alive(owner)) {
      throw new RoundaboutError('state-locked', `${folder} is in use by process ${owner.pid}`, {
        hint: 'stop that one first, or give this one another --state-dir',
      });
    }
    await disk.remove(path).catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
}

/** A lock that was being written when its process was killed names nobody. */
function parse(text: string | undefined): Owner | undefined {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
