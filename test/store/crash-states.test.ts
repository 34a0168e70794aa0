/** The lane log after power cuts: at every change of the disk, every state the disk may be left in. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type MemoryDisk, systemError } from '../../src/store/memory-disk.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';
import { anyBurst, fill, nothingFilled, readAll, textOf } from '../tools/log-world.ts';

/** All subsets of up to two groups of four pages; of more, a sample. */
const ALL_SUBSETS_MAX = 8;
const SAMPLES = 64;
const STATES_MIN = 20_000;

/** The states to look at: which changes are there, and how many changes of names. */
function* statesOf(cut: PowerCut, next: () => number): Generator<Promise<MemoryDisk>> {
  const all = cut.changes <= ALL_SUBSETS_MAX;
  for (let names = 0; names <= cut.names; names++) {
    for (let state = 0; state < (all ? 2 ** cut.changes : SAMPLES); state++) {
      // Of a sample, each has its own share of what is there: few pages and many are looked at.
      const share = next();
      yield cut.disk((i) => (all ? ((state >> i) & 1) === 1 : next() < share), names);
    }
  }
}

/** Small numbers that look random and are the same for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function expectGoesOn(disk: MemoryDisk, entries: readonly string[]): Promise<void> {
  const { log } = await readAll(disk);
  const failures: unknown[] = [];
  log.start({ onDurable: () => {}, onFailure: (error) => failures.push(error) });
  const bytes = Buffer.alloc(5000, 'z');
  const chunk = textOf(log.append({ kind: 'chunk', lane: 1, connection: 2, bytes }));
  await log.flush();
  const tick = textOf(log.append({ kind: 'tick' }));
  await log.close();
  expect(failures).toEqual([]);
  expect((await readAll(disk)).entries).toEqual([...entries, chunk, tick]);
}

describe('the lane log after a power cut', () => {
  test('recovers to a prefix that holds all that was delivered, and goes on from there', async () => {
    let states = 0;
    const bursts = fc.array(anyBurst, { minLength: 3, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(bursts, fc.boolean(), fc.integer(), async (script, sparse, seed) => {
        const disk = new CrashDisk(sparse);
        const filled = nothingFilled();
        const cuts: { readonly cut: PowerCut; readonly delivered: number }[] = [];
        disk.changed = () => cuts.push({ cut: disk.cut(), delivered: filled.delivered.length });
        await fill(disk, script, filled);
        expect(filled.failures).toEqual([]);
        expect(filled.delivered).toEqual(filled.appended);
        const next = numbersFrom(seed);
        const { appended } = filled;
        for (const { cut, delivered } of cuts) {
          for (const made of statesOf(cut, next)) {
            const after = await made;
            const { entries } = await readAll(after);
            const wrong = entries.findIndex((entry, i) => entry !== appended[i]);
            if (entries.length < delivered || wrong !== -1) {
              expect({ kept: entries.length, wrong }).toEqual({
                kept: `>= ${delivered}`,
                wrong: -1,
              });
            }
            if (++states % 16 === 0) await expectGoesOn(after, entries);
          }
        }
      }),
      { numRuns: share(65), endOnFailure: true },
    );
    expect(states).toBeGreaterThan(share(STATES_MIN));
  });

  test('a second power cut, after it went on, leaves a prefix of what went on', async () => {
    let cutsSeen = 0;
    const bursts = fc.array(anyBurst, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(bursts, bursts, fc.integer(), async (before, behind, seed) => {
        const next = numbersFrom(seed);
        const first = new CrashDisk();
        const cuts: PowerCut[] = [];
        first.changed = () => cuts.push(first.cut());
        await fill(first, before, nothingFilled());
        const cut = cuts[Math.floor(next() * cuts.length)];
        const share = next();
        const torn = await cut.disk(() => next() < share);
        const second = await CrashDisk.of(torn, 'log');
        const kept = (await readAll(torn)).entries;
        const filled = nothingFilled();
        const later: { readonly cut: PowerCut; readonly delivered: number }[] = [];
        second.changed = () =>
          later.push({ cut: second.cut(), delivered: filled.delivered.length });
        await fill(second, behind, filled);
        const due = [...kept, ...filled.appended];
        for (const one of later) {
          cutsSeen++;
          const part = next();
          const { entries } = await readAll(await one.cut.disk(() => next() < part));
          expect(entries).toEqual(due.slice(0, entries.length));
          expect(entries.length).toBeGreaterThanOrEqual(kept.length + one.delivered);
        }
      }),
      { numRuns: share(600), endOnFailure: true },
    );
    expect(cutsSeen).toBeGreaterThan(share(500));
  });

  /** The moment before the last sync, and what was written for it. */
  async function beforeLastSync(disk: CrashDisk, chunks: readonly number[]): Promise<PowerCut> {
    const cuts: PowerCut[] = [];
    disk.changed = () => cuts.push(disk.cut());
    await fill(
      disk,
      chunks.map((size) => ({ chunks: [size], waitMicros: 6000, flush: false })),
      nothingFilled(),
    );
    return cuts[cuts.length - 1];
  }

  test('the rest of an abandoned group is not made whole by what is written over it', async () => {
    const first = await beforeLastSync(new CrashDisk(), [5000]);
    expect(first.changes).toBe(2);
    const second = await CrashDisk.of(await first.disk((page) => page === 0), 'log');
    // Equal letters: the second page of the new group has what was lost of the old one.
    const cut = await beforeLastSync(second, [13_000]);
    expect(cut.changes).toBe(4);
    const { entries } = await readAll(await cut.disk((page) => page === 1));
    expect(entries).toEqual([]);
  });

  test('an abandoned group does not chain on one that is appended again byte for byte', async () => {
    const disk = new CrashDisk();
    const cuts: PowerCut[] = [];
    disk.changed = () => cuts.push(disk.cut());
    const filled = nothingFilled();
    await fill(disk, [{ chunks: [100, 5000], waitMicros: 0, flush: true }], filled);
    expect(filled.groups).toEqual([1, 1]);
    const both = cuts.find(({ changes }) => changes === 3);
    const torn = await both?.disk((page) => page > 0);
    expect(torn && (await readAll(torn)).entries).toEqual([]);
    const again = nothingFilled();
    await fill(torn ?? disk, [{ chunks: [100], waitMicros: 0, flush: true }], again);
    expect(again.appended).toEqual(filled.appended.slice(0, 1));
    expect((await readAll(torn ?? disk)).entries).toEqual(again.appended);
  });

  test('what a restart read after a kill is there after a power cut, though the kill came before the sync', async () => {
    let unsynced = 0;
    const bursts = fc.array(anyBurst, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(bursts, bursts, fc.nat(40), async (before, behind, kill) => {
        const disk = new CrashDisk();
        let calls = 0;
        disk.before = (call) => {
          // A process that was killed calls nothing any more.
          if (++calls > kill) throw systemError('EIO', call);
        };
        await fill(disk, before, nothingFilled()).catch(() => {});
        disk.before = () => {};
        if (disk.cut().changes > 0) unsynced++;
        const { entries } = await readAll(disk);
        const none = await disk.cut().disk(() => false, 0);
        expect((await readAll(none)).entries).toEqual(entries);
        const filled = nothingFilled();
        const due = (): number => entries.length + filled.delivered.length;
        const cuts: { readonly cut: PowerCut; readonly due: number }[] = [];
        disk.changed = () => cuts.push({ cut: disk.cut(), due: due() });
        await fill(disk, behind, filled);
        for (const { cut, due } of cuts) {
          const after = await readAll(await cut.disk(() => false, 0));
          expect(after.entries.length).toBeGreaterThanOrEqual(due);
        }
      }),
      { numRuns: share(800), endOnFailure: true },
    );
    expect(unsynced).toBeGreaterThan(share(50));
  });
});
