/** A hold after power cuts: reopened and replayed as the runner does, in every state the disk may be left in. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DiskHold } from '../../src/store/hold.ts';
import { MemoryDisk, systemError } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { RoundaboutError } from '../../src/stream/error.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';
import { PIPELINE_ID } from '../tools/flow-world.ts';

const ALL_SUBSETS_MAX = 6;
const SAMPLES = 16;
const SYNC_WITHIN = 100_000;

/** What message `n` says, and where the log has what caused it. */
const bodyOf = (n: number): Buffer => Buffer.alloc((n * 7919) % 1500, `${n} `);
const causeOf = (n: number): number => 4096 + 100 * n;

function append(hold: DiskHold, first: number, last: number): void {
  for (let n = first; n <= last; n++) {
    const bytes = bodyOf(n);
    const ends = Int32Array.of(bytes.length);
    hold.append({ first: n, count: 1, bytes, ends, at: n, cause: causeOf(n) });
  }
}

interface Opened {
  readonly hold: DiskHold;
  readonly clock: ManualClock;
  readonly failures: RoundaboutError[];
}

async function open(disk: CrashDisk | MemoryDisk): Promise<Opened> {
  const clock = new ManualClock(1_767_225_600_000_000);
  const failures: RoundaboutError[] = [];
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

/** The log gives messages 1..numbered again, and has no more. */
async function replay(hold: DiskHold, numbered: number): Promise<void> {
  for (let n = 1; n <= numbered; n++) {
    append(hold, n, n);
    await hold.verify();
  }
  await hold.endReplay();
}

/** Numbers of all messages that are still held, each read back and compared. */
async function heldIn(hold: DiskHold): Promise<number[]> {
  const numbers: number[] = [];
  for (let from = hold.firstHeld(1); from !== undefined; from = hold.firstHeld(from)) {
    const slice = await hold.read(from, 1);
    const equal = bodyOf(from).equals(slice.bytes.subarray(0, slice.ends[0]));
    if (!equal || slice.first !== from) throw new Error(`message ${from} is another one`);
    numbers.push(from);
    from++;
  }
  return numbers;
}

/** One thing that happens to a hold. */
type Step =
  | { readonly append: number }
  | { readonly settle: number; readonly count: number }
  | { readonly pause: true };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ append: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ settle: fc.oneof(fc.constant(0), fc.nat(8)), count: fc.integer({ min: 1, max: 8 }) }),
  fc.constant({ pause: true as const }),
);

/** More than a segment, all of it settled: segments go. */
const EMPTIED: readonly Step[] = [
  { append: 20 },
  { pause: true },
  { settle: 0, count: 200 },
  { pause: true },
];

/** What a test knows of a hold, noted as it happens. */
interface Known {
  numbered: number;
  readonly settled: Set<number>;
  /** Settled, and synced since. */
  readonly sure: Set<number>;
}

async function play({ hold, clock }: Opened, steps: readonly Step[], known: Known): Promise<void> {
  for (const step of steps) {
    if ('append' in step) {
      known.numbered += step.append;
      append(hold, hold.next, known.numbered);
    } else if ('settle' in step) {
      // Only what is written is offered, and only what is offered is settled, not always in order.
      const first = (hold.firstHeld(1) ?? Number.POSITIVE_INFINITY) + step.settle;
      const last = Math.min(hold.written, first + step.count - 1);
      for (let n = first; n <= last; n++) known.settled.add(n);
      if (first <= last) hold.settle(first, last);
    } else {
      const settled = [...known.settled];
      await hold.flush();
      for (let i = 0; i < 3; i++) {
        clock.advance(clock.now() + SYNC_WITHIN);
        for (let turn = 0; turn < 12; turn++) await new Promise(setImmediate);
      }
      for (const n of settled) known.sure.add(n);
    }
    // Sometimes the next step comes while this one is being written.
    if (known.numbered % 3 !== 0) await new Promise(setImmediate);
  }
  await hold.flush();
}

/** @returns what was wrong with the hold found on a disk; undefined: nothing */
async function faultOf(disk: MemoryDisk | CrashDisk, known: Known): Promise<string | undefined> {
  const { hold, failures } = await open(disk);
  if (hold.evidence > causeOf(known.numbered)) return `evidence ${hold.evidence}`;
  await replay(hold, known.numbered);
  const held = new Set(await heldIn(hold));
  if (failures.length > 0) return failures[0].message;
  for (let n = 1; n <= known.numbered; n++) {
    if (held.has(n) && known.sure.has(n))
      return `${n} is held again, its acknowledgement was synced`;
    if (!held.has(n) && !known.settled.has(n)) return `${n} is lost`;
  }
  return held.size === hold.counts().held ? undefined : `it counts ${hold.counts().held}`;
}

function knownNow(known: Known): Known {
  return {
    numbered: known.numbered,
    settled: new Set(known.settled),
    sure: new Set(known.sure),
  };
}

const nothingKnown = (): Known => ({ numbered: 0, settled: new Set(), sure: new Set() });

describe('a hold after a power cut', () => {
  test('has every message once under its number, and every acknowledgement that was synced', async () => {
    let states = 0;
    let freed = 0;
    const runs = Math.max(10, share(30));
    let run = 0;
    const script = fc.array(anyStep, { minLength: 6, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        script,
        script,
        fc.infiniteStream(fc.nat(99)),
        async (before, behind, random) => {
          const next = (): number => Number(random.next().value);
          const disk = new CrashDisk();
          const known = nothingKnown();
          const cuts: { readonly cut: PowerCut; readonly known: Known }[] = [];
          disk.changed = () => cuts.push({ cut: disk.cut(), known: knownNow(known) });
          const first = await open(disk);
          // What is drawn seldom settles a whole segment.
          await play(first, run++ % 5 === 0 ? [...before, ...EMPTIED] : before, known);
          expect(first.failures).toEqual([]);
          if (!(await disk.list('hold')).includes('0000000000000001')) freed++;
          for (const { cut, known } of cuts) {
            const all = cut.changes <= ALL_SUBSETS_MAX;
            for (let state = 0; state < (all ? 2 ** cut.changes : SAMPLES); state++) {
              const share = next();
              const there = (i: number): boolean =>
                all ? ((state >> i) & 1) === 1 : next() < share;
              const names = state % (cut.names + 1);
              const fault = await faultOf(await cut.disk(there, names), known);
              expect(fault).toBeUndefined();
              states++;
            }
          }
          // It goes on from one of the states, and power is cut again.
          const { cut, known: then } = cuts[next() % cuts.length];
          const share = next();
          const second = await CrashDisk.of(await cut.disk(() => next() < share), 'hold');
          const again = await open(second);
          await replay(again.hold, then.numbered);
          // What it takes for acknowledged now stays so; what is held again may be settled again.
          const held = new Set(await heldIn(again.hold));
          then.settled.clear();
          for (let n = 1; n <= then.numbered; n++) if (!held.has(n)) then.settled.add(n);
          for (const n of then.settled) then.sure.add(n);
          const later: { readonly cut: PowerCut; readonly known: Known }[] = [];
          second.changed = () => later.push({ cut: second.cut(), known: knownNow(then) });
          await play(again, behind, then);
          expect(again.failures).toEqual([]);
          for (const { cut, known } of later) {
            const share = next();
            expect(await faultOf(await cut.disk(() => next() < share), known)).toBeUndefined();
            states++;
          }
        },
      ),
      { numRuns: runs, endOnFailure: true },
    );
    expect(states).toBeGreaterThan(80 * runs);
    expect(freed).toBeGreaterThan(0);
  });

  test('does not repeat what a restart after a kill took for acknowledged', async () => {
    const disk = new CrashDisk();
    const known = nothingKnown();
    const killed = await open(disk);
    const steps = [{ append: 9 }, { pause: true as const }, { settle: 2, count: 3 }];
    await play(killed, steps, known);
    // Killed before the sync that is due after 100 ms.
    expect(disk.cut().changes).toBeGreaterThan(0);
    const again = await open(disk);
    await replay(again.hold, 9);
    expect(await heldIn(again.hold)).toEqual([1, 2, 6, 7, 8, 9]);
    const after = await open(await disk.cut().disk(() => false, 0));
    await replay(after.hold, 9);
    expect(await heldIn(after.hold)).toEqual([1, 2, 6, 7, 8, 9]);
  });
});

describe('a hold', () => {
  /** 40 messages in several segments, of which 1..25 and 30 are acknowledged and the first segments gone. */
  async function used(): Promise<MemoryDisk> {
    const disk = new MemoryDisk();
    const opened = await open(disk);
    const known = nothingKnown();
    await play(
      opened,
      Array.from({ length: 20 }, () => ({ append: 2 })),
      known,
    );
    opened.hold.settle(1, 25);
    opened.hold.settle(30, 30);
    await opened.hold.close();
    return disk;
  }

  async function flip(disk: MemoryDisk, name: string, at: number): Promise<void> {
    const file = await disk.open(`hold/${name}`, 'write');
    const byte = Buffer.alloc(1);
    await file.read(byte, at);
    await file.write(Buffer.from([byte[0] ^ 1]), at);
  }

  const segmentsOf = async (disk: MemoryDisk): Promise<string[]> =>
    (await disk.list('hold')).filter((name) => !name.startsWith('acks'));

  test('an older segment that is damaged is told at the start, with file and byte', async () => {
    const disk = await used();
    const [name, newer] = await segmentsOf(disk);
    expect(newer).toBeDefined();
    await flip(disk, name, 4096 + 50);
    const { hold } = await open(disk);
    const message = `hold/${name} is damaged at byte 4096: a held message does not verify`;
    await expect(replay(hold, 40)).rejects.toMatchObject({ slug: 'data-damaged', message });
  });

  test('acknowledgements that are gone though their messages were let go are damage', async () => {
    const disk = await used();
    const [first] = await segmentsOf(disk);
    expect(first > '0000000000000001').toBe(true);
    const [name] = (await disk.list('hold')).filter((one) => one.startsWith('acks'));
    const file = await disk.open(`hold/${name}`, 'write');
    const size = await file.size();
    for (const bytes of [size - 17, 28, 12]) {
      await file.truncate(bytes);
      await file.truncate(size);
      await expect(open(disk)).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
    }
  });

  test('an ack log that does not begin as it was written is damage, one that was cut short is not', async () => {
    const disk = await used();
    const [name] = (await disk.list('hold')).filter((one) => one.startsWith('acks'));
    await flip(disk, name, 9);
    const message = `hold/${name} is damaged at byte 0: its first record does not verify`;
    await expect(open(disk)).rejects.toMatchObject({ slug: 'data-damaged', message });
    await flip(disk, name, 9);
    const next = `acks-${Number(name.slice(5)) + 1}`;
    await (await disk.open(`hold/${next}`, 'create')).write(Buffer.alloc(40), 0);
    const { hold } = await open(disk);
    await replay(hold, 40);
    expect(await heldIn(hold)).toEqual([26, 27, 28, 29, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    expect(await disk.list('hold')).not.toContain(next);
  });

  test('an acknowledgement beyond what is stored is damage only if the log has not given the message', async () => {
    const disk = new MemoryDisk();
    const { hold } = await open(disk);
    append(hold, 1, 9);
    await hold.flush();
    hold.settle(8, 9);
    await hold.close();
    await disk.remove('hold/0000000000000001');
    const less = await open(disk);
    await expect(replay(less.hold, 8)).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
    const enough = await open(disk);
    await replay(enough.hold, 9);
    expect(await heldIn(enough.hold)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('whose acknowledgements cannot be written says so once, and lets nothing go', async () => {
    for (const failing of ['write hold/acks', 'sync hold/acks', 'open hold/acks-2']) {
      const disk = new CrashDisk();
      const opened = await open(disk);
      const known = nothingKnown();
      await play(
        opened,
        Array.from({ length: 20 }, () => ({ append: 2 })),
        known,
      );
      const before = await disk.list('hold');
      let failed = false;
      disk.before = (call) => {
        // Only once: what is tried again would seem to succeed.
        if (failed || !call.startsWith(failing)) return;
        failed = true;
        throw systemError('ENOSPC', call);
      };
      for (let i = 0; i < 6; i++) {
        await play(opened, [{ settle: 0, count: 5 }, { pause: true }], known);
      }
      expect(failed).toBe(true);
      await opened.hold.close();
      expect(opened.failures.map(({ slug }) => slug)).toEqual(['disk-full']);
      disk.before = () => {};
      const after = await open(await disk.cut().disk(() => false, 0));
      await replay(after.hold, 40);
      const held = await heldIn(after.hold);
      expect(held).toEqual([...new Set(held)].sort((a, b) => a - b));
      const lost = Array.from({ length: 40 }, (_, i) => i + 1).filter(
        (n) => !held.includes(n) && !known.settled.has(n),
      );
      expect(lost).toEqual([]);
      if (failing !== 'open hold/acks-2') expect(await disk.list('hold')).toEqual(before);
    }
  });
});
