/** The lock: one holder at a time, whoever comes, and whoever was killed at whatever moment. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Disk, nodeDisk } from '../../src/store/disk.ts';
import { type Lock, type Owner, takeLock } from '../../src/store/lock.ts';
import { MemoryDisk, systemError } from '../../src/store/memory-disk.ts';

/** Processes of a test: they live until they are killed; none draws another's random bytes. */
class Processes {
  readonly #living = new Set<string>();
  #drawn = 0;
  readonly alive = ({ pid, started }: Owner): boolean => this.#living.has(`${pid} ${started}`);

  start(pid: number, started = 'boot 1'): Owner {
    this.#living.add(`${pid} ${started}`);
    return { pid, started };
  }

  kill({ pid, started }: Owner): void {
    this.#living.delete(`${pid} ${started}`);
  }

  take(disk: Disk, owner: Owner): Promise<Lock> {
    const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(++this.#drawn);
    return takeLock(disk, 'state', owner, this.alive, random);
  }
}

/** A disk whose process is killed at its n-th call, and whose calls take turns with those of others as drawn. */
function killedAt(disk: Disk, call: number, turn: () => Promise<void>, killed: () => void): Disk {
  let calls = 0;
  return new Proxy(disk, {
    get(target, name: keyof Disk) {
      return async (...parts: never[]) => {
        await turn();
        if (++calls === call) killed();
        if (calls >= call) throw systemError('KILLED', name);
        return (target[name] as (...parts: never[]) => unknown)(...parts);
      };
    },
  });
}

describe('the lock', () => {
  test('is held by one, named to the next, and free when released', async () => {
    const disk = new MemoryDisk();
    const processes = new Processes();
    const lock = await processes.take(disk, processes.start(11));
    const locked = {
      slug: 'state-locked',
      exitCode: 3,
      message: expect.stringContaining('process 11'),
    };
    await expect(processes.take(disk, processes.start(12))).rejects.toMatchObject(locked);
    await lock.release();
    expect(await disk.list('state')).toEqual([]);
    await processes.take(disk, processes.start(13));
    expect(await disk.list('state')).toEqual(['LOCK']);
  });

  test('of a dead process is taken over, also when its number is used again', async () => {
    const disk = new MemoryDisk();
    const processes = new Processes();
    const dead = processes.start(11);
    await processes.take(disk, dead);
    processes.kill(dead);
    processes.start(11, 'boot 1, later');
    await processes.take(disk, processes.start(12));
    expect(await disk.list('state')).toEqual(['LOCK']);
    await expect(processes.take(disk, processes.start(13))).rejects.toMatchObject({
      message: expect.stringContaining('process 12'),
    });
  });

  test('that says nothing readable, or is of an older version, holds nobody up', async () => {
    for (const text of ['', '{"pid":', 'null', '7', '{"pid":11,"started":"boot 0"}']) {
      const disk = new MemoryDisk();
      await (await disk.open('state/LOCK', 'create')).write(Buffer.from(text), 0);
      const processes = new Processes();
      await processes.take(disk, processes.start(11));
      expect(await disk.list('state')).toEqual(['LOCK']);
    }
  });

  test('that was taken over is not released by the one it was taken from', async () => {
    const disk = new MemoryDisk();
    const processes = new Processes();
    const thought = processes.start(11);
    const lock = await processes.take(disk, thought);
    processes.kill(thought);
    await processes.take(disk, processes.start(12));
    await lock.release();
    expect(await disk.list('state')).toEqual(['LOCK']);
  });

  test('is never held by two of many that start at once over a dead one, on a real disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lock-'));
    try {
      for (let round = 0; round < 40; round++) {
        const state = join(folder, String(round));
        await nodeDisk.makeFolder(state);
        const processes = new Processes();
        const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
        const dead = processes.start(1);
        if (round % 4 !== 0) await takeLock(nodeDisk, state, dead, processes.alive, random);
        processes.kill(dead);
        const taken = await Promise.allSettled(
          Array.from({ length: 8 }, (_, i) =>
            takeLock(nodeDisk, state, processes.start(10 + i), processes.alive, random),
          ),
        );
        expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await nodeDisk.list(state)).toEqual(['LOCK']);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is taken by one at most, and by the next, whichever calls others were killed at', async () => {
    let won = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(24), { minLength: 1, maxLength: 5 }),
        fc.scheduler(),
        async (kills, scheduler) => {
          const disk = new MemoryDisk();
          const processes = new Processes();
          const dead = processes.start(1);
          await processes.take(disk, dead);
          processes.kill(dead);
          const holders = new Set<number>();
          const turn = (): Promise<void> => scheduler.schedule(Promise.resolve());
          const take = async (pid: number, kill: number): Promise<void> => {
            const owner = processes.start(pid);
            const mortal = killedAt(disk, kill, turn, () => {
              processes.kill(owner);
              holders.delete(pid);
            });
            try {
              await processes.take(mortal, owner);
            } catch (error) {
              if (processes.alive(owner)) expect(error).toMatchObject({ slug: 'state-locked' });
              return;
            }
            holders.add(pid);
            expect(holders.size).toBe(1);
          };
          const tries = kills.map((kill, i) => take(10 + i, kill < 20 ? kill + 1 : Infinity));
          await scheduler.waitFor(Promise.all(tries));
          won += holders.size;
          for (const pid of holders) processes.kill({ pid, started: 'boot 1' });
          await processes.take(disk, processes.start(99));
          const left = await disk.list('state');
          // What was killed before it had written its name is not told from what is being written.
          expect(left.filter((name) => !name.startsWith('LOCK.new-'))).toEqual(['LOCK']);
        },
      ),
      { numRuns: 400 },
    );
    expect(won).toBeGreaterThan(50);
  });
});
