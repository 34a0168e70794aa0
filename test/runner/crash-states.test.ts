/** Log, holds and acknowledgements together after power cuts: reopened by the shard that `run` opens. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessage } from '../../src/codecs/message-reader.ts';
import type { Shard } from '../../src/runner/shard.ts';
import { gapsIn } from '../../src/runner/status.ts';
import type { DiskHold } from '../../src/store/hold.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';
import { edit, exitStatus, openShard } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const TOPOLOGY = `
version: 1
name: cut
vehicles: { shop: { lanes: { orders: { listen: 0, fields: { id: long, note: string } } } } }
operators: { some: { type: filter, from: orders, where: id % 3 != 0 } }
exits: { out: { from: some, for: shop } }
`;
const SAMPLES = 6;

/** One exit's messages by number, as they are held. */
async function messagesIn(hold: DiskHold): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (let from = hold.firstHeld(1); from !== undefined; from = hold.firstHeld(from)) {
    const { bytes, ends } = await hold.read(from, 1);
    found.set(from, Buffer.from(bytes.subarray(0, ends[0])).toString('latin1'));
    from++;
  }
  return found;
}

function outOf(shard: Shard): DiskHold {
  const hold = shard.holds.get(shard.plan.exits[0].id);
  if (hold === undefined) throw new Error('the exit has no hold');
  return hold;
}

test('a shard after a power cut has what was computed before, under the same numbers, and goes on', async () => {
  let states = 0;
  const burst = fc.record({
    lines: fc.integer({ min: 1, max: 8 }),
    size: fc.nat(3000),
    settle: fc.nat(6),
    wait: fc.oneof(fc.nat(20_000), fc.constant(1_200_000)),
    settled: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(burst, { minLength: 4, maxLength: 14 }),
      fc.infiniteStream(fc.nat(99)),
      async (bursts, random) => {
        const next = (): number => Number(random.next().value);
        const disk = new CrashDisk();
        const clock = new ManualClock(START);
        const cuts: {
          readonly cut: PowerCut;
          readonly records: number;
          readonly settled: number;
        }[] = [];
        const { shard, failures } = await openShard(disk, clock, TOPOLOGY);
        const [{ id: lane }] = shard.plan.lanes;
        const hold = outOf(shard);
        const all = new Map<number, string>();
        let settled = 0;
        disk.changed = () => {
          const [{ records }] = shard.account().lanes;
          cuts.push({ cut: disk.cut(), records, settled });
        };
        shard.append({ kind: 'opened', lane, connection: 1, peer: 'test' });
        let id = 0;
        for (const { lines, size, settle, wait, settled: wanted } of bursts) {
          let text = '';
          for (let i = 0; i < lines; i++)
            text += `{"id":${id},"note":"${'n'.repeat(size)}${id++}"}\n`;
          shard.append({ kind: 'chunk', lane, connection: 1, bytes: Buffer.from(text) });
          clock.advance(clock.now() + wait);
          if (wanted) await shard.settled();
          else await new Promise(setImmediate);
          for (const [number, body] of await messagesIn(hold)) all.set(number, body);
          const last = Math.min(hold.written, settled + settle);
          if (last > settled) hold.settle(settled + 1, last);
          settled = Math.max(settled, last);
        }
        await shard.settled();
        for (const [number, body] of await messagesIn(hold)) all.set(number, body);
        expect(failures).toEqual([]);
        for (const { cut, records, settled } of cuts) {
          for (let sample = 0; sample < SAMPLES; sample++) {
            const share = sample === 0 ? 0 : next();
            const names = sample === 0 ? 0 : next() % (cut.names + 1);
            const after = await cut.disk(() => next() < share, names);
            const again = await openShard(after, new ManualClock(START), TOPOLOGY);
            await again.shard.settled();
            expect(again.failures).toEqual([]);
            const { lanes, exits } = again.shard.account();
            expect(lanes[0].records).toBeGreaterThanOrEqual(records);
            expect(exits[0].numbered).toBe(lanes[0].records - Math.ceil(lanes[0].records / 3));
            const found = await messagesIn(outOf(again.shard));
            for (let number = 1; number <= exits[0].numbered; number++) {
              const body = found.get(number);
              if (body === undefined) expect(number).toBeLessThanOrEqual(settled);
              else expect(body).toBe(all.get(number));
            }
            states++;
          }
        }
      },
    ),
    { numRuns: share(4), endOnFailure: true },
  );
  expect(states).toBeGreaterThan(share(250));
});

test('a power cut at any moment of an edit comes back before it or behind it, with all that was computed', async () => {
  const edited = TOPOLOGY.replace('exits: {', 'exits: { all: { from: orders, for: shop },');
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(fc.nat(99)),
      async (lines, random) => {
        const next = (): number => Number(random.next().value);
        const disk = new CrashDisk();
        const clock = new ManualClock(START);
        const { shard } = await openShard(disk, clock, TOPOLOGY);
        const [{ id: lane }] = shard.plan.lanes;
        const cuts: {
          readonly cut: PowerCut;
          readonly records: number;
          readonly revision: number;
        }[] = [];
        shard.append({ kind: 'opened', lane, connection: 1, peer: 'test' });
        const feed = (from: number): void => {
          let text = '';
          for (let id = from; id < from + lines; id++) text += `{"id":${id},"note":"n"}\n`;
          shard.append({ kind: 'chunk', lane, connection: 1, bytes: Buffer.from(text) });
        };
        feed(0);
        await shard.settled();
        disk.changed = () => {
          const [{ records }] = shard.account().lanes;
          cuts.push({ cut: disk.cut(), records, revision: shard.inForce.revision });
        };
        await edit(shard, edited);
        feed(lines);
        await shard.settled();
        for (const { cut, records, revision } of cuts) {
          for (let sample = 0; sample < SAMPLES; sample++) {
            const share = sample === 0 ? 0 : next();
            const after = await cut.disk(
              () => next() < share,
              sample === 0 ? 0 : next() % (cut.names + 1),
            );
            const again = await openShard(after, new ManualClock(START), TOPOLOGY);
            await again.shard.settled();
            expect(again.failures).toEqual([]);
            const { inForce } = again.shard;
            expect(inForce.revision).toBeGreaterThanOrEqual(revision);
            const account = again.shard.account();
            expect(account.lanes[0].records).toBeGreaterThanOrEqual(records);
            expect(account.gaps).toEqual([]);
            const exits = account.exits.map(({ name, numbered }) => [name, numbered]);
            const read = account.lanes[0].records;
            const out = ['out', read - Math.ceil(read / 3)];
            expect(exits).toEqual(inForce.revision === 1 ? [out] : [['all', read - lines], out]);
            // The edit can be made now, if it was not, and is in force for what comes.
            await edit(again.shard, edited);
            expect(again.shard.inForce.revision).toBe(2);
            seen.set(inForce.revision, (seen.get(inForce.revision) ?? 0) + 1);
          }
        }
      },
    ),
    { numRuns: share(8), endOnFailure: true },
  );
  expect(seen.get(1)).toBeGreaterThan(share(50));
  expect(seen.get(2)).toBeGreaterThan(share(50));
});

/** Numbers of messages of `out` that the dead letter has. */
async function redirected(shard: Shard): Promise<number[]> {
  const hold = shard.holds.get(shard.plan.deadLetter.id);
  if (hold === undefined) throw new Error('the dead letter has no hold');
  const numbers: number[] = [];
  for (let from = hold.firstHeld(1); from !== undefined; from = hold.firstHeld(from + 1)) {
    const { bytes, ends } = await hold.read(from, 1);
    const letter = readMessage(bytes.subarray(0, ends[0]));
    expect(letter.get('reason')).toBe('hold-full');
    numbers.push(Number(letter.get('id')));
  }
  return numbers;
}

test('bounds of holds lose nothing by a power cut: each message is held, taken, at the dead letter or outlived, and at one of them', async () => {
  const bounded = `
version: 1
name: cut
vehicles: { shop: { lanes: { orders: { listen: 0, fields: { id: long, shelf: long } } } } }
exits:
  out: { from: orders, for: shop, hold: { max_records: 6, on_full: dead_letter } }
  shelves: { from: orders, for: shop, hold: { keep: latest, key: shelf, ttl: 3s } }
`;
  let states = 0;
  let moved = 0;
  const burst = fc.record({
    lines: fc.integer({ min: 1, max: 9 }),
    settle: fc.nat(4),
    wait: fc.oneof(fc.nat(20_000), fc.constant(1_200_000)),
    settled: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(burst, { minLength: 3, maxLength: 8 }),
      fc.infiniteStream(fc.nat(99)),
      async (bursts, random) => {
        const next = (): number => Number(random.next().value);
        const disk = new CrashDisk();
        const clock = new ManualClock(START);
        const cuts: {
          readonly cut: PowerCut;
          readonly now: number;
          readonly taken: ReadonlySet<number>;
        }[] = [];
        const { shard, failures } = await openShard(disk, clock, bounded);
        const [{ id: lane }] = shard.plan.lanes;
        const hold = outOf(shard);
        const taken = new Set<number>();
        disk.changed = () =>
          cuts.push({ cut: disk.cut(), now: clock.now(), taken: new Set(taken) });
        shard.append({ kind: 'opened', lane, connection: 1, peer: 'test' });
        let id = 0;
        for (const { lines, settle, wait, settled } of bursts) {
          let text = '';
          for (let i = 0; i < lines; i++, id++) text += `{"id":${id},"shelf":${id % 3}}\n`;
          shard.append({ kind: 'chunk', lane, connection: 1, bytes: Buffer.from(text) });
          clock.advance(clock.now() + wait);
          if (settled) await shard.settled();
          else await new Promise(setImmediate);
          for (let i = 0; i < settle; i++) {
            const first = hold.firstHeld(1);
            if (first === undefined) break;
            taken.add(first);
            hold.settle(first, first);
          }
        }
        await shard.settled();
        expect(failures).toEqual([]);
        expect(gapsIn(exitStatus(shard))).toEqual([]);
        expect(hold.counts().held).toBeLessThanOrEqual(6);
        moved += hold.counts().moved;
        for (const { cut, now, taken } of cuts) {
          for (let sample = 0; sample < SAMPLES / 2; sample++) {
            const share = sample === 0 ? 0 : next();
            const names = sample === 0 ? 0 : next() % (cut.names + 1);
            const after = await cut.disk(() => next() < share, names);
            const again = await openShard(after, new ManualClock(now), bounded);
            await again.shard.settled();
            expect(again.failures).toEqual([]);
            expect(gapsIn(exitStatus(again.shard))).toEqual([]);
            const out = outOf(again.shard);
            const { numbered, held } = out.counts();
            expect(held).toBeLessThanOrEqual(6);
            const letters = await redirected(again.shard);
            expect(new Set(letters).size).toBe(letters.length);
            for (let number = 1; number <= numbered; number++) {
              const isHeld = out.firstHeld(number) === number;
              const isLetter = letters.includes(number);
              if (isHeld) expect(isLetter).toBe(false);
              else if (!isLetter) expect(taken.has(number)).toBe(true);
            }
            states++;
          }
        }
      },
    ),
    { numRuns: share(4), endOnFailure: true },
  );
  expect(states).toBeGreaterThan(share(150));
  expect(moved).toBeGreaterThan(share(10));
});
