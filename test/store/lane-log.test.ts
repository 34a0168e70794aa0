/** The lane log after power cuts, flipped bits and failing disks. */
import { describe, expect, test } from '@jest/globals';
import type { Disk } from '../../src/store/disk.ts';
import { LaneLog } from '../../src/store/lane-log.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { LogEntry, Lsn } from '../../src/stream/entry.ts';
import type { RoundaboutError } from '../../src/stream/error.ts';
import { CrashDisk } from '../tools/crash-disk.ts';
import { PIPELINE_ID } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const SEGMENT = 64 * 1024;

function openLog(disk: Disk, clock = new ManualClock(START)): Promise<LaneLog> {
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9);
  return LaneLog.open({
    disk,
    clock,
    folder: 'log',
    pipelineId: PIPELINE_ID,
    segmentBytes: SEGMENT,
    random,
  });
}

function textOf(entry: LogEntry): string {
  return `${entry.lsn} ${entry.at} ${entry.kind} ${entry.kind === 'chunk' ? Buffer.from(entry.bytes).toString('latin1') : ''}`;
}

async function readAll(
  disk: Disk,
  evidence: Lsn = 0,
): Promise<{ entries: string[]; log: LaneLog }> {
  const log = await openLog(disk);
  const entries: string[] = [];
  await log.replay(
    (entry) => entries.push(textOf(entry)),
    () => Promise.resolve(),
    evidence,
  );
  return { entries, log };
}

/** Small numbers that look random and are the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Appends chunks in bursts; `look` is called before each write and sync. */
async function fill(
  disk: Disk,
  next: () => number,
  bursts: number,
): Promise<{ appended: string[]; delivered: string[]; failures: RoundaboutError[]; log: LaneLog }> {
  const clock = new ManualClock(START);
  const log = await openLog(disk, clock);
  const appended: string[] = [];
  const delivered: string[] = [];
  const failures: RoundaboutError[] = [];
  await log.replay(
    () => {},
    () => Promise.resolve(),
    0,
  );
  log.start({
    onDurable: (entries) => delivered.push(...entries.map(textOf)),
    onFailure: (error) => failures.push(error),
  });
  for (let burst = 0; burst < bursts; burst++) {
    for (let i = 0; i <= next() * 3; i++) {
      const bytes = Buffer.alloc(Math.floor(next() * next() * 9000), 97 + Math.floor(next() * 26));
      appended.push(textOf(log.append({ kind: 'chunk', lane: 1, connection: 1, bytes })));
    }
    clock.advance(clock.now() + Math.floor(next() * 10_000));
    if (next() < 0.7) await new Promise(setImmediate);
    if (next() < 0.3) await log.flush();
  }
  return { appended, delivered, failures, log };
}

describe('the lane log', () => {
  test('recovers from every power cut to a prefix that holds all that was delivered', async () => {
    let states = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const next = random(seed);
      const disk = new CrashDisk();
      const cuts: Promise<void>[] = [];
      const run: { appended: string[]; delivered: string[] } = { appended: [], delivered: [] };
      const clock = new ManualClock(START);
      const log = await openLog(disk, clock);
      await log.replay(
        () => {},
        () => Promise.resolve(),
        0,
      );
      log.start({
        onDurable: (entries) => run.delivered.push(...entries.map(textOf)),
        onFailure: (error) => {
          throw error;
        },
      });
      disk.onStep = () => {
        const pages = disk.dirtyPages;
        const durable = run.delivered.length;
        // All subsets of a few pages, a sample of many.
        const all = pages <= 5 ? 2 ** pages : 40;
        for (let state = 0; state < all; state++) {
          const mask = pages <= 5 ? state : Math.floor(next() * 2 ** 30);
          states++;
          cuts.push(
            disk
              .after((i) => ((mask >> (i % 30)) & 1) === 1)
              .then(async (after) => {
                const { entries, log: again } = await readAll(after);
                expect(entries.length).toBeGreaterThanOrEqual(durable);
                expect(entries).toEqual(run.appended.slice(0, entries.length));
                // It goes on from there, and what it adds is there at the next start.
                if (state > 1) return;
                again.start({ onDurable: () => {}, onFailure: () => {} });
                const added = textOf(again.append({ kind: 'tick' }));
                await again.flush();
                expect((await readAll(after)).entries).toEqual([...entries, added]);
              }),
          );
        }
      };
      for (let burst = 0; burst < 40; burst++) {
        for (let i = 0; i <= next() * 3; i++) {
          const bytes = Buffer.alloc(Math.floor(next() * next() * 9000), 97 + (burst % 26));
          run.appended.push(textOf(log.append({ kind: 'chunk', lane: 1, connection: 1, bytes })));
        }
        clock.advance(clock.now() + Math.floor(next() * 10_000));
        await log.flush();
        await Promise.all(cuts.splice(0));
      }
      expect(run.delivered).toEqual(run.appended);
    }
    expect(states).toBeGreaterThan(5000);
  }, 60_000);

  test('a flipped bit never gives a wrong entry: what it reads is a prefix, or damage is named', async () => {
    const disk = new MemoryDisk();
    const { appended, log } = await fill(disk, random(11), 12);
    await log.close();
    const [name] = await disk.list('log');
    const file = await disk.open(`log/${name}`, 'write');
    const next = random(5);
    let named = 0;
    for (let i = 0; i < 400; i++) {
      const at = Math.floor(next() * Math.min(await file.size(), 40_000));
      const byte = Buffer.alloc(1);
      await file.read(byte, at);
      const flipped = Buffer.from([byte[0] ^ (1 << (i % 8))]);
      await file.write(flipped, at);
      try {
        const copy = await readAll(disk);
        expect(copy.entries).toEqual(appended.slice(0, copy.entries.length));
      } catch (error) {
        expect((error as RoundaboutError).slug).toBe('data-damaged');
        expect((error as RoundaboutError).exitCode).toBe(6);
        named++;
      }
      await file.write(byte, at);
      expect((await readAll(disk)).entries).toEqual(appended);
    }
    expect(named).toBeGreaterThan(50);
  });

  test('a failing write or sync is told once, and nothing is delivered after it', async () => {
    for (const [code, slug] of [
      ['EIO', 'storage-failed'],
      ['ENOSPC', 'disk-full'],
    ] as const) {
      for (let k = 1; k <= 30; k++) {
        const inner = new MemoryDisk();
        let calls = 0;
        let failed = false;
        const step = (): Promise<void> => {
          calls++;
          if (calls < k) return Promise.resolve();
          failed = true;
          return Promise.reject(Object.assign(new Error(code), { code }));
        };
        const disk: Disk = Object.assign(Object.create(inner), {
          makeFolder: () => Promise.resolve(),
          list: (folder: string) => inner.list(folder),
          remove: (path: string) => inner.remove(path),
          syncFolder: () => Promise.resolve(),
          open: async (path: string, mode: 'create' | 'read' | 'write') => {
            const file = await inner.open(path, mode);
            return {
              write: async (bytes: Uint8Array, at: number) => {
                await step();
                await file.write(bytes, at);
              },
              sync: async () => {
                await step();
                await file.sync();
              },
              read: (into: Uint8Array, at: number) => file.read(into, at),
              size: () => file.size(),
              truncate: (bytes: number) => file.truncate(bytes),
              close: () => file.close(),
            };
          },
        });
        const { appended, delivered, failures } = await fill(disk, random(k), 6);
        await new Promise(setImmediate);
        if (failed) {
          expect(failures.map((error) => error.slug)).toEqual([slug]);
          expect(failures[0].exitCode).toBe(5);
        }
        expect(delivered).toEqual(appended.slice(0, delivered.length));
        const { entries } = await readAll(inner);
        expect(entries.slice(0, delivered.length)).toEqual(delivered);
      }
    }
  });

  test('a held message whose cause the log has lost is damage', async () => {
    const disk = new MemoryDisk();
    const { log } = await fill(disk, random(3), 5);
    const end = log.storedBytes;
    await log.close();
    await expect(readAll(disk, end + 100_000)).rejects.toMatchObject({ slug: 'data-damaged' });
  });
});
