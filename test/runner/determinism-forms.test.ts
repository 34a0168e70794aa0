/**
 * The bet on determinism over every form that an operator, a lane and an exit has: together in one flow with a
 * table that is saved now and then, under random traffic and edits. See determinism.test.ts for what is bet.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Shard } from '../../src/runner/shard.ts';
import type { Disk } from '../../src/store/disk.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';
import {
  anyEdits,
  applied,
  EXITS,
  OPERATORS,
  START,
  TOPOLOGY,
  TRAFFIC,
  topology,
  unbounded,
  unmoved,
} from '../tools/flow-of-forms.ts';
import { held, openShard, SlowDisk } from '../tools/flow-world.ts';
import { cutLog, drive, driveOn, loseHolds, stepsOf } from '../tools/random-traffic.ts';

const steps = stepsOf(TRAFFIC);
/** How many records each exit has been given. */
const met = new Map<string, number>();

function meet(shard: Shard): void {
  for (const { name, numbered } of shard.account().exits) {
    met.set(name, (met.get(name) ?? 0) + numbered);
  }
}

/** Replays the files of a flow that was closed: with its holds there, compared by checksum, and without, made anew. */
async function replay(
  disk: Disk,
  clock: ManualClock,
  wanted: ReadonlyMap<number, readonly string[]>,
): Promise<Shard> {
  const compared = await openShard(disk, new ManualClock(clock.now()), TOPOLOGY);
  await compared.shard.settled();
  expect(await held(compared.shard)).toEqual(wanted);
  await compared.shard.close();
  await loseHolds(disk, wanted.keys());
  const anew = await openShard(disk, new ManualClock(clock.now()), TOPOLOGY);
  await anew.shard.settled();
  expect(await held(anew.shard)).toEqual(wanted);
  expect(anew.shard.account().gaps).toEqual([]);
  return anew.shard;
}

test('a replay, whole or with the holds gone, gives the holds of the live run byte for byte', async () => {
  const delays = fc.array(fc.nat(4), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(steps, anyEdits(8), delays, async (all, edits, turns) => {
      const memory = new MemoryDisk();
      const clock = new ManualClock(START);
      let turn = 0;
      const disk = new SlowDisk(memory, () => turns[turn++ % turns.length]);
      const { shard, failures } = await openShard(disk, clock, TOPOLOGY);
      await drive({ shard, clock }, TRAFFIC, all, applied(edits));
      const wanted = await held(shard);
      expect(shard.account().gaps).toEqual([]);
      expect(failures).toEqual([]);
      const { revision, text } = shard.inForce;
      const { operators, exits } = shard.account();
      meet(shard);
      await shard.close();
      const replayed = await replay(memory, clock, wanted);
      expect(replayed.inForce).toMatchObject({ revision, text });
      expect(replayed.account()).toMatchObject({ operators, exits });
    }),
    { numRuns: share(12), endOnFailure: true },
  );
}, 120_000);

test('a log cut off at a durable group holds a prefix of every exit', async () => {
  await fc.assert(
    fc.asyncProperty(steps, anyEdits(3), fc.nat(100), async (all, edits, share) => {
      const memory = new MemoryDisk();
      const clock = new ManualClock(START);
      const live = await openShard(memory, clock, unbounded(TOPOLOGY));
      await drive({ ...live, clock }, TRAFFIC, all, applied(edits).map(unbounded));
      const wanted = await held(live.shard);
      meet(live.shard);
      await live.shard.close();
      await cutLog(memory, share);
      await loseHolds(memory, wanted.keys());
      // At the time of then: else what time alone brings about comes, with what there is at the cut.
      const again = await openShard(memory, new ManualClock(START), unbounded(TOPOLOGY));
      await again.shard.settled();
      for (const [id, bodies] of await held(again.shard)) {
        expect(bodies).toEqual(wanted.get(id)?.slice(0, bodies.length));
      }
      expect(again.shard.account().gaps).toEqual([]);
    }),
    { numRuns: share(12), endOnFailure: true },
  );
}, 120_000);

test('after a power cut at any moment a flow goes on, and all of that replays to the same bytes', async () => {
  const random = fc.infiniteStream(fc.nat(99));
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(
      steps,
      steps,
      anyEdits(3),
      anyEdits(3),
      random,
      async (all, more, before, after, dice) => {
        const next = (): number => Number(dice.next().value);
        const disk = new CrashDisk();
        const clock = new ManualClock(START);
        const { shard, failures } = await openShard(disk, clock, unbounded(TOPOLOGY));
        const cuts: PowerCut[] = [];
        const chance = 1 + next();
        disk.changed = () => {
          if (next() * 10 < chance) cuts.push(disk.cut());
        };
        await driveOn({ shard, clock }, TRAFFIC, all, applied(before).map(unbounded));
        await shard.settled();
        cuts.push(disk.cut());
        disk.changed = () => {};
        const whole = await held(shard);
        expect(failures).toEqual([]);
        const cut = cuts[((next() * cuts.length) / 100) | 0];
        const odds = next();
        const left = await cut.disk(() => next() < odds, next() % (cut.names + 1));
        const now = new ManualClock(START);
        const again = await openShard(left, now, unbounded(TOPOLOGY));
        await again.shard.settled();
        for (const [id, bodies] of await held(again.shard)) {
          const made = whole.get(id) ?? [];
          if (bodies.length < made.length) lost++;
          expect(bodies).toEqual(made.slice(0, bodies.length));
        }
        now.advance(clock.now());
        await drive({ shard: again.shard, clock: now }, TRAFFIC, more, applied(after));
        const wanted = await held(again.shard);
        expect(again.failures).toEqual([]);
        meet(again.shard);
        expect(again.shard.account().gaps).toEqual([]);
        await again.shard.close();
        await replay(left, now, wanted);
      },
    ),
    { numRuns: share(12), endOnFailure: true },
  );
  expect(lost).toBeGreaterThan(0);
}, 120_000);

test('a flow that keeps no log, or whose file is permuted, gives the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.shuffledSubarray(OPERATORS, { minLength: OPERATORS.length }),
      fc.shuffledSubarray(EXITS, { minLength: EXITS.length }),
      anyEdits(2),
      async (all, operators, exits, edits) => {
        const results = [];
        for (const [text, forgetLog] of [
          [TOPOLOGY, false],
          [TOPOLOGY, true],
          [topology(operators, exits), false],
        ] as const) {
          const clock = new ManualClock(START);
          const { shard, failures } = await openShard(
            new MemoryDisk(),
            clock,
            unmoved(text),
            forgetLog,
          );
          await drive({ shard, clock }, TRAFFIC, all, applied(edits, text).map(unmoved));
          expect(failures).toEqual([]);
          expect(shard.account().gaps).toEqual([]);
          meet(shard);
          results.push(await held(shard));
          await shard.close();
        }
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
      },
    ),
    { numRuns: share(12), endOnFailure: true },
  );
}, 120_000);

test('every exit of this flow has been given records in these campaigns', () => {
  const exits = EXITS.map((one) => one.slice(0, one.indexOf(':')));
  expect(exits.filter((name) => (met.get(name) ?? 0) === 0)).toEqual([]);
});
