/** Bounds of a hold: what expires, is dropped, superseded or redirected, what is spared, and when it is full. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Disk } from '../../src/store/disk.ts';
import { DiskHold } from '../../src/store/hold.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { HoldBounds, Offerer } from '../../src/stream/port.ts';
import { PIPELINE_ID } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const SECOND = 1_000_000;
/** Of the head of a message, and of its body here. */
const MESSAGE_BYTES = 40 + 60;
const UNBOUNDED: HoldBounds = {
  ttl: null,
  maxBytes: null,
  maxRecords: null,
  onFull: 'block',
  latest: false,
};

/** What a receiver has in hand. */
class Hand implements Offerer {
  readonly has = new Set<number>();

  giveUp(sequence: number): boolean {
    return !this.has.has(sequence);
  }
}

class World {
  readonly clock: ManualClock;
  readonly hold: DiskHold;
  readonly hand = new Hand();
  readonly made: { readonly key: string | undefined; readonly at: number }[] = [];
  /** What was said of `full`. */
  readonly full: boolean[] = [];
  /** What was handed over for the dead letter, and how that is answered. */
  readonly redirected: { readonly sequence: number; readonly text: string; done: () => void }[] =
    [];

  constructor(hold: DiskHold, clock: ManualClock) {
    this.hold = hold;
    this.clock = clock;
    hold.offeredBy(this.hand);
  }

  static async open(
    disk: Disk = new MemoryDisk(),
    clock = new ManualClock(START),
    segmentBytes = 16 * 1024,
  ): Promise<World> {
    const hold = await DiskHold.open({
      disk,
      clock,
      folder: 'hold',
      pipelineId: PIPELINE_ID,
      exit: 1,
      stream: PIPELINE_ID,
      segmentBytes,
      snapshotEvery: 8,
      onFailure: (error) => {
        throw error;
      },
    });
    return new World(hold, clock);
  }

  async bound(bounds: Partial<HoldBounds>): Promise<void> {
    this.hold.bound(
      { ...UNBOUNDED, ...bounds },
      {
        redirect: (sequence, message) =>
          new Promise((done) => {
            const text = Buffer.from(message).toString().trimEnd();
            this.redirected.push({ sequence, text, done });
          }),
        filled: () => this.full.push(this.hold.full),
      },
    );
    await this.hold.flush();
  }

  /** Messages that say their number; those with a key have that one. */
  async append(...keys: (string | undefined)[]): Promise<void> {
    this.put(keys);
    await this.hold.flush();
  }

  put(keys: readonly (string | undefined)[], at = this.clock.now()): void {
    for (const key of keys) {
      this.made.push({ key, at });
      const first = this.hold.next;
      const bytes = Buffer.alloc(60, ' ');
      bytes.write(`message ${first}`);
      const one = { first, count: 1, bytes, ends: Int32Array.of(60), at, cause: 10 * first };
      const own = key === undefined ? undefined : Buffer.from(key);
      const keys = own && { bytes: own, ends: Int32Array.of(own.length) };
      this.hold.append({ ...one, keys });
    }
  }

  /** The log gives again what it gave a process before this one. */
  async replay({ made }: World): Promise<void> {
    for (const { key, at } of made) this.put([key], at);
    await this.hold.endReplay();
  }

  async advance(by: number): Promise<void> {
    this.clock.advance(this.clock.now() + by);
    await this.hold.flush();
  }

  get held(): number[] {
    const numbers: number[] = [];
    for (let n = this.hold.firstHeld(1); n !== undefined; n = this.hold.firstHeld(n + 1)) {
      numbers.push(n);
    }
    return numbers;
  }
}

const none = (count: number): undefined[] => Array.from({ length: count }, () => undefined);

describe('a hold with a ttl', () => {
  test('lets messages expire at their time, though nothing else comes', async () => {
    const world = await World.open();
    await world.bound({ ttl: 10 * SECOND });
    await world.append(...none(2));
    await world.advance(4 * SECOND);
    await world.append(...none(1));
    await world.advance(6 * SECOND - 1);
    expect(world.held).toEqual([1, 2, 3]);
    await world.advance(1);
    expect(world.held).toEqual([3]);
    await world.advance(4 * SECOND);
    expect(world.held).toEqual([]);
    expect(world.hold.counts()).toMatchObject({ numbered: 3, delivered: 0, expired: 3, held: 0 });
  });

  test('spares what is in hand until it comes back', async () => {
    const world = await World.open();
    await world.bound({ ttl: SECOND });
    await world.append(...none(3));
    world.hand.has.add(1).add(2);
    await world.advance(5 * SECOND);
    expect(world.held).toEqual([1, 2]);
    world.hand.has.delete(1);
    world.hold.cameBack(1);
    await world.hold.flush();
    expect(world.held).toEqual([2]);
    world.hold.settle(2, 2);
    expect(world.hold.counts()).toMatchObject({ delivered: 1, expired: 2, held: 0 });
  });

  test('that is shortened applies at once to what is held', async () => {
    const world = await World.open();
    await world.bound({ ttl: 100 * SECOND });
    await world.append(...none(2));
    await world.advance(50 * SECOND);
    await world.append(...none(1));
    await world.bound({ ttl: 20 * SECOND });
    expect(world.held).toEqual([3]);
    await world.bound({});
    await world.advance(500 * SECOND);
    expect(world.held).toEqual([3]);
  });

  test('expires after a restart what has grown too old meanwhile, and counts it once', async () => {
    const disk = new MemoryDisk();
    const before = await World.open(disk);
    await before.append(...none(30));
    await before.hold.close();
    const clock = new ManualClock(START + 60 * SECOND);
    const after = await World.open(disk, new ManualClock(START));
    await after.replay(before);
    await after.bound({ ttl: 30 * SECOND });
    expect(after.held.length).toBe(30);
    await after.advance(60 * SECOND);
    expect(after.held).toEqual([]);
    await after.hold.close();
    const last = await World.open(disk, clock);
    expect(last.held).toEqual([]);
  });
});

describe('a hold that drops its oldest', () => {
  test('has the newest so many records', async () => {
    const world = await World.open();
    await world.bound({ maxRecords: 10, onFull: 'drop_oldest' });
    for (let i = 0; i < 40; i++) await world.append(...none(3));
    expect(world.held).toEqual(Array.from({ length: 10 }, (_, i) => 111 + i));
    expect(world.hold.counts()).toMatchObject({ numbered: 120, dropped: 110, held: 10 });
    await world.bound({ maxRecords: 4, onFull: 'drop_oldest' });
    expect(world.held).toEqual([117, 118, 119, 120]);
    expect(world.full).toEqual([]);
  });

  test('has so many bytes at most, and their files go', async () => {
    const disk = new MemoryDisk();
    const world = await World.open(disk);
    await world.bound({ maxBytes: 100 * MESSAGE_BYTES, onFull: 'drop_oldest' });
    for (let i = 0; i < 100; i++) {
      await world.append(...none(20));
      await world.advance(200_000);
    }
    expect(world.held).toEqual(Array.from({ length: 100 }, (_, i) => 1901 + i));
    expect(world.hold.counts().bytes).toBeLessThan(4 * 16 * 1024);
  });

  test('passes over what is in hand', async () => {
    const world = await World.open();
    await world.append(...none(4));
    world.hand.has.add(1).add(3);
    await world.bound({ maxRecords: 2, onFull: 'drop_oldest' });
    expect(world.held).toEqual([1, 3]);
    await world.append(...none(2));
    expect(world.held).toEqual([1, 3]);
    world.hand.has.clear();
    world.hold.cameBack(1);
    await world.append(...none(1));
    expect(world.held).toEqual([3, 7]);
  });
});

describe('a hold that redirects its oldest', () => {
  test('offers them no more, and is done with them when the dead letter has them', async () => {
    const world = await World.open();
    await world.bound({ maxRecords: 2, onFull: 'dead_letter' });
    await world.append(...none(5));
    expect(world.redirected.map(({ text }) => text)).toEqual([
      'message 1',
      'message 2',
      'message 3',
    ]);
    expect(world.held).toEqual([4, 5]);
    expect(world.hold.counts()).toMatchObject({ held: 5, moved: 0 });
    for (const { sequence, done } of world.redirected.splice(0)) {
      world.hold.move(sequence);
      done();
    }
    await world.append(...none(1));
    expect(world.redirected.map(({ sequence }) => sequence)).toEqual([4]);
    expect(world.hold.counts()).toMatchObject({ held: 3, moved: 3, dropped: 0 });
  });

  test('does not expire or supersede what is on its way there', async () => {
    const world = await World.open();
    await world.bound({ maxRecords: 1, onFull: 'dead_letter', ttl: SECOND, latest: true });
    await world.append('a', 'b');
    expect(world.redirected.map(({ sequence }) => sequence)).toEqual([1]);
    await world.append('a');
    await world.advance(2 * SECOND);
    expect(world.hold.counts()).toMatchObject({ expired: 1, superseded: 0, held: 2 });
    world.hold.move(1);
    expect(world.hold.counts()).toMatchObject({ moved: 1, held: 1 });
  });
});

describe('a hold that blocks', () => {
  test('is full at its bound, and takes more below nine tenths of it', async () => {
    const world = await World.open();
    await world.bound({ maxRecords: 20 });
    await world.append(...none(19));
    expect(world.hold.full).toBe(false);
    await world.append(...none(6));
    expect(world.full).toEqual([true]);
    expect(world.held.length).toBe(25);
    world.hold.settle(1, 7);
    expect(world.hold.full).toBe(true);
    world.hold.settle(8, 8);
    expect(world.full).toEqual([true, false]);
    await world.append(...none(2));
    expect(world.hold.full).toBe(false);
    await world.append(...none(1));
    expect(world.hold.full).toBe(true);
    await world.bound({ maxRecords: 100 });
    expect(world.hold.full).toBe(false);
  });

  test('goes by bytes too, whatever order messages are settled in', async () => {
    const world = await World.open();
    await world.bound({ maxBytes: 1000 * MESSAGE_BYTES });
    await world.append(...none(1000));
    expect(world.hold.full).toBe(true);
    for (let n = 2; n < 1000; n += 2) world.hold.settle(n, n);
    expect(world.hold.full).toBe(false);
    await world.append(...none(450));
    expect(world.hold.full).toBe(false);
    await world.append(...none(100));
    expect(world.hold.full).toBe(true);
  });

  test('drops nothing, and no bound means that it is never full', async () => {
    const world = await World.open();
    await world.append(...none(500));
    await world.bound({});
    expect(world.hold.full).toBe(false);
    await world.bound({ maxRecords: 1 });
    expect(world.hold.full).toBe(true);
    expect(world.held.length).toBe(500);
    world.hold.unbound();
    expect(world.hold.full).toBe(false);
  });
});

describe('a hold of the latest', () => {
  test('has one message of each key, and those without one', async () => {
    const world = await World.open();
    await world.bound({ latest: true });
    await world.append('a', 'b', undefined, 'a', 'a');
    await world.append('b', 'ab', undefined);
    expect(world.held).toEqual([3, 5, 6, 7, 8]);
    expect(world.hold.counts()).toMatchObject({ superseded: 3, held: 5 });
    // What was taken is no older one of anything.
    world.hold.settle(5, 5);
    await world.append('a');
    expect(world.held).toEqual([3, 6, 7, 8, 9]);
  });

  test('lets what is in hand be, until it comes back', async () => {
    const world = await World.open();
    await world.bound({ latest: true });
    await world.append('a', 'b');
    world.hand.has.add(1).add(2);
    await world.append('a', 'b', 'a');
    expect(world.held).toEqual([1, 2, 4, 5]);
    world.hand.has.clear();
    world.hold.settle(2, 2);
    world.hold.cameBack(1);
    expect(world.held).toEqual([4, 5]);
    expect(world.hold.counts()).toMatchObject({ delivered: 1, superseded: 2 });
  });

  test('knows its keys again after a restart, and begins with what is held when it is told to', async () => {
    const disk = new MemoryDisk();
    const before = await World.open(disk);
    const keys = Array.from({ length: 900 }, (_, i) => `key ${i % 7}`);
    await before.append(...keys);
    expect(before.held.length).toBe(900);
    await before.bound({ latest: true });
    expect(before.held.length).toBe(7);
    await before.append('key 3');
    await before.hold.close();
    const after = await World.open(disk);
    await after.replay(before);
    await after.bound({ latest: true });
    expect(after.hold.counts()).toMatchObject({ superseded: 894, held: 7 });
    await after.append('key 0', 'key 1');
    expect(after.held.length).toBe(7);
  });

  test('frees what lies behind a message that stays for ever', async () => {
    const disk = new MemoryDisk();
    const world = await World.open(disk);
    await world.bound({ latest: true });
    await world.append('stale');
    for (let i = 0; i < 60; i++) {
      await world.append(...Array.from({ length: 100 }, () => 'busy'));
      await world.advance(200_000);
    }
    expect(world.held).toEqual([1, 6001]);
    const { bytes } = world.hold.counts();
    expect(bytes).toBeLessThan(60 * 100 * MESSAGE_BYTES * 0.5);
    await world.hold.close();
    const again = await World.open(disk);
    await again.replay(world);
    expect(again.held).toEqual([1, 6001]);
    const { bytes: read } = await again.hold.read(1, 1);
    expect(read.toString().trimEnd()).toBe('message 1');
    again.hold.settle(1, 1);
    await again.advance(200_000);
    await again.hold.close();
    expect((await disk.list('hold')).filter((name) => !name.startsWith('acks')).length).toBe(1);
  });
});

/** What happens to a hold, and to a model of it that remembers everything. */
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('append' as const),
      keys: fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }),
    }),
    fc.record({
      kind: fc.constantFrom('take' as const, 'accept' as const, 'return' as const),
      which: fc.nat(9),
    }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 6 }) }),
  ),
  { minLength: 5, maxLength: 40 },
);

test('whatever happens, a hold has what its bounds say, and never lets go what is in hand', async () => {
  let gone = 0;
  const bounds = fc.record({
    ttl: fc.constantFrom(null, 8 * SECOND),
    maxRecords: fc.constantFrom(null, 5),
    latest: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(bounds, steps, async (bounded, script) => {
      const world = await World.open();
      await world.bound({ ...bounded, onFull: 'drop_oldest' });
      const made = new Map<number, { readonly key: number; readonly at: number }>();
      const accepted = new Set<number>();
      for (const step of script) {
        const { held, hand, hold } = world;
        if (step.kind === 'append') {
          for (const key of step.keys) {
            made.set(made.size + 1, { key, at: world.clock.now() });
          }
          await world.append(...step.keys.map(String));
        } else if (step.kind === 'wait') {
          await world.advance(step.seconds * SECOND);
        } else if (step.kind === 'take') {
          const free = held.filter((n) => !hand.has.has(n));
          if (free.length > 0) hand.has.add(free[step.which % free.length]);
        } else if (hand.has.size > 0) {
          const sequence = [...hand.has][step.which % hand.has.size];
          hand.has.delete(sequence);
          if (step.kind === 'return') hold.cameBack(sequence);
          else {
            accepted.add(sequence);
            hold.settle(sequence, sequence);
          }
          await hold.flush();
        }
        const now = world.held;
        for (const n of hand.has) expect(now).toContain(n);
        const free = now.filter((n) => !hand.has.has(n));
        const { ttl, maxRecords, latest } = bounded;
        for (const n of free) {
          const { key = -1, at = 0 } = made.get(n) ?? {};
          if (ttl !== null) expect(world.clock.now()).toBeLessThan(at + ttl);
          if (latest) expect(now.filter((m) => m > n && made.get(m)?.key === key)).toEqual([]);
        }
        if (maxRecords !== null && free.length > 0) {
          expect(now.length).toBeLessThanOrEqual(maxRecords);
        }
        const { numbered, delivered, expired, dropped, superseded, moved } = hold.counts();
        expect(delivered).toBe(accepted.size);
        expect(numbered).toBe(made.size);
        expect(delivered + expired + dropped + superseded + moved + now.length).toBe(numbered);
        if (ttl === null && maxRecords === null && !latest) {
          expect(now.length).toBe(made.size - accepted.size);
        }
        gone += expired + dropped + superseded;
      }
    }),
    { numRuns: 150, endOnFailure: true },
  );
  expect(gone).toBeGreaterThan(1000);
});
