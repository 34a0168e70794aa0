/**
 * One runner a state directory. The lock is a file that names its process. It is written beside and then linked
 * to its name, so that it is never seen half written and one of several processes wins. Of a process that is gone
 * it is taken over: whoever holds the claim on that very lock may replace it, and the claim is a lock like it.
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

/** An owner as its lock names it: no two lockings have the same token. */
interface Holder extends Owner {
  readonly token: string;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * @param alive whether an owner's process is still there: a process number may be used again
 * @param random bytes that no other process draws
 * @throws RoundaboutError `state-locked` naming the process that has it
 */
export async function takeLock(
  disk: Disk,
  folder: string,
  self: Owner,
  alive: (owner: Owner) => boolean,
  random: (bytes: number) => Uint8Array,
): Promise<Lock> {
  const path = `${folder}/LOCK`;
  const token = Buffer.from(random(8)).toString('hex');
  const mine = `${path}.new-${token}`;
  const file = await disk.open(mine, 'create');
  try {
    await file.write(Buffer.from(JSON.stringify({ ...self, token })), 0);
    await file.close();
    await seize(disk, path, mine, alive);
  } finally {
    await disk.remove(mine);
  }
  await sweep(disk, folder, alive);
  return {
    async release() {
      if ((await holderOf(disk, path))?.token === token) await disk.remove(path);
    },
  };
}

/** Gives the lock `mine` the name `path`, in place of a lock whose process is gone. */
async function seize(
  disk: Disk,
  path: string,
  mine: string,
  alive: (owner: Owner) => boolean,
): Promise<void> {
  for (;;) {
    try {
      await disk.link(mine, path);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = await holderOf(disk, path);
    if (holder === undefined) continue; // released meanwhile
    if (holder.pid > 0 && alive(holder)) {
      throw new RoundaboutError('state-locked', `${path} is held by process ${holder.pid}`, {
        hint: 'stop that one first, or give this one another --state-dir',
      });
    }
    const claim = `${path}.${holder.token}`;
    await seize(disk, claim, mine, alive);
    // Another may have replaced it, and let its claim go, since it was read.
    if ((await holderOf(disk, path))?.token !== holder.token) {
      await removeIfThere(disk, claim);
      continue;
    }
    try {
      await disk.rename(claim, path);
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // swept: the lock above it has been taken
    }
  }
}

async function removeIfThere(disk: Disk, path: string): Promise<void> {
  await disk.remove(path).catch((error) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

/**
 * Removes what processes left that were killed while they took the lock, by the one that has it. A claim is on a
 * lock that is gone by then, so it may go even if a living process replaces it meanwhile: that one finds the lock
 * taken.
 */
async function sweep(disk: Disk, folder: string, alive: (owner: Owner) => boolean): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (!name.startsWith('LOCK.')) continue;
    const path = `${folder}/${name}`;
    const holder = await holderOf(disk, path);
    // One without a token is being written, or was when its process was killed: it is not in the way.
    if (holder === undefined || holder.token === '' || alive(holder)) continue;
    await removeIfThere(disk, path);
  }
}

/** @returns undefined when there is no such lock; one that does not say whose it is names nobody */
async function holderOf(disk: Disk, path: string): Promise<Holder | undefined> {
  const text = await readFile(disk, path);
  if (text === undefined) return undefined;
  try {
    const { pid, started, token }: Partial<Holder> = JSON.parse(text);
    // The token becomes part of a name: what is none of ours is none.
    const ours = typeof token === 'string' && /^[0-9a-f]{16}$/.test(token);
    return { pid: Number(pid ?? 0), started: String(started ?? ''), token: ours ? token : '' };
  } catch {
    return { pid: 0, started: '', token: '' };
  }
}
