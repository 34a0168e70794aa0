/**
 * The state directory of a flow: whose it is, and who runs it. One runner at a time, by its lock; `fresh`
 * sets an old one aside instead of deleting it.
 */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { ENGINE_VERSION } from '../engine/engine.ts';
import { type Disk, nodeDisk } from '../store/disk.ts';
import { type Owner, takeLock } from '../store/lock.ts';
import { openManifest } from '../store/manifest.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Clock } from '../stream/port.ts';
import { formatInstant } from '../stream/time.ts';

export interface StateDir {
  readonly disk: Disk;
  readonly folder: string;
  readonly pipelineId: string;
  /** Counts the processes that have opened it. */
  readonly epoch: number;
  close(): Promise<void>;
}

export interface StateDirOptions {
  readonly stateDir: string;
  readonly durability: 'disk' | 'memory';
  readonly fresh: boolean;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
}

/** @throws RoundaboutError `state-locked`, `state-not-writable`, `newer-format`, `older-engine` */
export async function openStateDir(options: StateDirOptions): Promise<StateDir> {
  const { stateDir, random } = options;
  if (options.durability === 'memory') {
    const disk = new MemoryDisk();
    const { pipelineId, epoch } = await openManifest(disk, 'memory', ENGINE_VERSION, random);
    return { disk, folder: 'memory', pipelineId, epoch, close: () => Promise.resolve() };
  }
  const disk = nodeDisk;
  try {
    await disk.makeFolder(stateDir);
    let lock = await takeLock(disk, stateDir, self(), isAlive, random);
    if (options.fresh && existsSync(`${stateDir}/MANIFEST`)) {
      // Nobody runs it, as the lock is ours, and stays ours until it is out of the way.
      const when = formatInstant(options.clock.now()).replace(/[:.]/g, '-');
      const aside = `${stateDir}.${when}`;
      renameSync(stateDir, aside);
      await disk.remove(`${aside}/LOCK`);
      await disk.makeFolder(stateDir);
      lock = await takeLock(disk, stateDir, self(), isAlive, random);
    }
    try {
      const { pipelineId, epoch } = await openManifest(disk, stateDir, ENGINE_VERSION, random);
      return { disk, folder: stateDir, pipelineId, epoch, close: () => lock.release() };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof RoundaboutError) throw error;
    const { message } = error as Error;
    throw new RoundaboutError('state-not-writable', `${stateDir} can't be used: ${message}`, {
      hint: 'give it another --state-dir, or the rights to this one',
      cause: error,
    });
  }
}

function self(): Owner {
  return { pid: process.pid, started: startOf(process.pid) };
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === '' || startOf(pid) === started;
}

/** Boot id and start time of a process where the system tells them, so that a number used again is told apart. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold anything but ends with the last parenthesis: field 22 is the start.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}
