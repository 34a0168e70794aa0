/** A hold with bounds after power cuts: what it let go was let go for a reason, and nothing else is missing. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DiskHold } from '../../src/store/hold.ts';
import type { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { HoldBounds } from '../../src/stream/port.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';
import { PIPELINE_ID } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const SECOND = 1_000_000;
const SYNC_WITHIN = 100_000;
const SAMPLES = 8;

const around = { redirect: () => Promise.resolve(), filled: () => {} };

interface Opened {
  readonly hold: DiskHold;
  readonly clock: ManualClock;
  readonly failures: unknown[];
}

async function open(disk: CrashDisk | MemoryDisk, now: number): Promise<Opened> {
  const clock = new ManualClock(now);
  const failures: unknown[] = [];
  const hold = await DiskHold.open({
    disk,
    clock,
    folder: 'hold',
    pipelineId: PIPELINE_ID,
    exit: 1,
    stream: PIPELINE_ID,
    segmentBytes: 8 * 1024,
    snapshotEvery: 4,
    onFailure: (error) => failures.push(error),
  });
  return { hold, clock, failures };
}

/** When each message was made, the first at 0: what the log would give again. */
type Made = readonly number[];

function append(hold: DiskHold, made: Made): void {
  while (hold.next <= made.length) {
    const first = hold.next;
    const bytes = Buffer.alloc((first * 7919) % 900, `${first} `);
    const key = Buffer.from(`key ${first % 5}`);
    const keys = { bytes: key, ends: Int32Array.of(key.length) };
    const ends = Int32Array.of(bytes.length);
    hold.append({ first, count: 1, bytes, ends, at: made[first - 1], cause: 100 * first, keys });
  }
}

function heldIn(hold: DiskHold): Set<number> {
  const numbers = new Set<number>();
  for (let n = hold.firstHeld(1); n !== undefined; n = hold.firstHeld(n + 1)) numbers.add(n);
  return numbers;
}

const turn = (): Promise<void> => new Promise(setImmediate);

const script = fc.array(
  fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ accept: fc.integer({ min: 1, max: 4 }), skip: fc.nat(3) }),
    fc.record({ seconds: fc.integer({ min: 1, max: 4 }) }),
  ),
  { minLength: 6, maxLength: 18 },
);

const anyBounds: fc.Arbitrary<HoldBounds> = fc.record({
  ttl: fc.constantFrom(null, 6 * SECOND),
  maxBytes: fc.constantFrom(null, 6000),
  maxRecords: fc.constantFrom(null, 7),
  onFull: fc.constantFrom('block' as const, 'drop_oldest' as const),
  latest: fc.boolean(),
});

/** What is known at the moment of a cut. */
interface Known {
  readonly cut: PowerCut;
  readonly made: Made;
  readonly now: number;
  /** Not held any more by the hold itself. */
  readonly gone: ReadonlySet<number>;
  /** The same, synced since. */
  readonly sure: ReadonlySet<number>;
  readonly counts: ReturnType<DiskHold['counts']>;
}

test('a hold with bounds loses nothing by a power cut that it had not let go, and keeps its account', async () => {
  let states = 0;
  let lettingGo = 0;
  await fc.assert(
    fc.asyncProperty(
      anyBounds,
      script,
      fc.infiniteStream(fc.nat(99)),
      async (bounds, steps, random) => {
        const next = (): number => Number(random.next().value);
        const disk = new CrashDisk();
        const made: number[] = [];
        const sure = new Set<number>();
        const cuts: Known[] = [];
        const { hold, clock, failures } = await open(disk, START);
        const gone = (): Set<number> => {
          const held = heldIn(hold);
          return new Set(
            made.flatMap((_, i) => (i < hold.written && !held.has(i + 1) ? i + 1 : [])),
          );
        };
        hold.bound(bounds, around);
        disk.changed = () =>
          cuts.push({
            cut: disk.cut(),
            made: [...made],
            now: clock.now(),
            gone: gone(),
            sure: new Set(sure),
            counts: hold.counts(),
          });
        for (const step of steps) {
          if ('append' in step) {
            for (let i = 0; i < step.append; i++) made.push(clock.now());
            append(hold, made);
          } else if ('accept' in step) {
            const first = (hold.firstHeld(1) ?? Number.POSITIVE_INFINITY) + step.skip;
            for (let n = first; n < first + step.accept; n++) {
              if (hold.firstHeld(n) === n) hold.settle(n, n);
            }
          } else {
            await hold.flush();
            const settled = gone();
            for (let i = 0; i < step.seconds * 10; i++) {
              clock.advance(clock.now() + SYNC_WITHIN);
              await turn();
            }
            for (let i = 0; i < 12; i++) await turn();
            for (const n of settled) sure.add(n);
          }
          if (made.length % 3 !== 0) await hold.flush();
        }
        await hold.flush();
        expect(failures).toEqual([]);
        const { expired, dropped, superseded } = hold.counts();
        lettingGo += expired + dropped + superseded;
        for (const { cut, made, now, gone, sure, counts } of cuts) {
          for (let sample = 0; sample < SAMPLES; sample++) {
            const share = sample === 0 ? 0 : next();
            const names = sample === 0 ? 0 : next() % (cut.names + 1);
            const again = await open(await cut.disk(() => next() < share, names), now);
            append(again.hold, made);
            await again.hold.endReplay();
            const held = heldIn(again.hold);
            for (let n = 1; n <= made.length; n++) {
              if (held.has(n)) expect(sure.has(n)).toBe(false);
              else expect(gone.has(n)).toBe(true);
            }
            const then = again.hold.counts();
            for (const fate of ['expired', 'dropped', 'superseded', 'delivered'] as const) {
              expect(then[fate]).toBeLessThanOrEqual(counts[fate]);
            }
            // Under the same bounds it lets go again what it had let go, and may go on.
            again.hold.bound(bounds, around);
            await again.hold.flush();
            await again.hold.flush();
            const after = again.hold.counts();
            const all = after.delivered + after.expired + after.dropped + after.superseded;
            expect(all + heldIn(again.hold).size).toBe(made.length);
            for (const n of heldIn(again.hold)) {
              if (bounds.ttl !== null) expect(made[n - 1] + bounds.ttl).toBeGreaterThan(now);
              if (bounds.latest) expect(held.has(n + 5)).toBe(false);
            }
            expect(again.failures).toEqual([]);
            states++;
          }
        }
      },
    ),
    { numRuns: share(45), endOnFailure: true },
  );
  expect(states).toBeGreaterThan(share(2500));
  expect(lettingGo).toBeGreaterThan(share(30));
});
