/** What is refused at an exit, on its way to the dead letter: through the log, once, whatever crashes. */
import { describe, expect, test } from '@jest/globals';
import rhea from 'rhea';
import type { Shard } from '../../src/runner/shard.ts';
import { gapsIn } from '../../src/runner/status.ts';
import type { Disk } from '../../src/store/disk.ts';
import type { DiskHold } from '../../src/store/hold.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { Refusal } from '../../src/stream/entry.ts';
import { CrashDisk } from '../tools/crash-disk.ts';
import { exitStatus, openShard, type World } from '../tools/flow-world.ts';

const START = 1_767_225_600_000_000;
const TOPOLOGY = `
version: 1
name: refused
http: false
amqp: { listen: 0 }
vehicles:
  shop: { lanes: { words: { listen: 0, codec: text } } }
exits:
  out: { from: words, for: shop }
`;
const REJECTED: Refusal = { reason: 'rejected', condition: 'shop:no', description: 'not mine' };
const FAILED: Refusal = {
  reason: 'too-many-deliveries',
  condition: '',
  description: '10 deliveries failed',
};

function holdsOf(shard: Shard): { out: DiskHold; dead: DiskHold; exit: number } {
  const [{ id: exit }] = shard.plan.exits;
  const out = shard.holds.get(exit);
  const dead = shard.holds.get(shard.plan.deadLetter.id);
  if (out === undefined || dead === undefined) throw new Error('a hold is missing');
  return { out, dead, exit };
}

async function open(disk: Disk, count = 0): Promise<World> {
  const world = await openShard(disk, new ManualClock(START), TOPOLOGY);
  const [{ id: lane }] = world.shard.plan.lanes;
  if (count > 0) {
    const connection = world.shard.recovered.connections + 1;
    world.shard.append({ kind: 'opened', lane, connection, peer: 'test' });
    const lines = Array.from({ length: count }, (_, i) => `word ${i + 1}\n`).join('');
    world.shard.append({ kind: 'chunk', lane, connection, bytes: Buffer.from(lines) });
  }
  await world.shard.settled();
  return world;
}

async function messageOf(hold: DiskHold, sequence: number): Promise<Buffer> {
  const slice = await hold.read(sequence, 1);
  return Buffer.from(slice.bytes.subarray(0, slice.ends[0]));
}

interface Letter {
  readonly id: number;
  readonly reason: string;
  readonly bytes: Buffer;
}

async function letters(hold: DiskHold): Promise<Letter[]> {
  const found: Letter[] = [];
  for (let from = hold.firstHeld(1); from !== undefined; from = hold.firstHeld(from + 1)) {
    const { body } = rhea.message.decode(await messageOf(hold, from)) as unknown as {
      body: Letter;
    };
    found.push(body);
  }
  return found;
}

/** The clock stands still, so that a group waits until it is flushed. */
async function redirect(
  shard: Shard,
  sequence: number,
  refusal: Refusal,
  message?: Buffer,
): Promise<void> {
  const { out, exit } = holdsOf(shard);
  const bytes = message ?? (await messageOf(out, sequence));
  const moving = shard.redirect(exit, sequence, refusal, bytes);
  await shard.settled();
  await moving;
}

function heldNumbers(hold: DiskHold): number[] {
  const found: number[] = [];
  for (let from = hold.firstHeld(1); from !== undefined; from = hold.firstHeld(from + 1)) {
    found.push(from);
  }
  return found;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('a refused message', () => {
  test('is a dead letter with its reason, its place and its bytes, and counts as moved', async () => {
    const { shard } = await open(new MemoryDisk(), 5);
    const { out, dead } = holdsOf(shard);
    const message = await messageOf(out, 2);
    await redirect(shard, 2, REJECTED);
    await redirect(shard, 4, FAILED);
    const [first, second] = await letters(dead);
    expect(first).toEqual({
      reason: 'rejected',
      detail: 'shop:no: not mine',
      element: 'out',
      at: new Date(START / 1000),
      connection: null,
      line: null,
      id: 2,
      bytes: message,
      size: message.length,
    });
    expect(second).toMatchObject({
      reason: 'too-many-deliveries',
      detail: '10 deliveries failed',
      id: 4,
    });
    expect(rhea.message.decode(first.bytes)).toMatchObject({
      message_id: 2,
      body: { line: 'word 2' },
    });
    expect(heldNumbers(out)).toEqual([1, 3, 5]);
    expect(shard.account().exits).toMatchObject([{ numbered: 5, moved: 2 }]);
    expect(shard.account().deadLetters).toBe(2);
    expect(out.counts()).toMatchObject({ numbered: 5, delivered: 0, moved: 2, held: 3 });
    expect(gapsIn(exitStatus(shard))).toEqual([]);
  });

  test('of which the log keeps the first bytes says how large it was', async () => {
    const { shard } = await open(new MemoryDisk(), 1);
    const { dead } = holdsOf(shard);
    // The segments of this log are small, so less than 64 KiB fits.
    const large = Buffer.alloc(500_000, 'x');
    await redirect(shard, 1, { ...REJECTED, condition: '', description: '' }, large);
    const [letter] = await letters(dead);
    expect(letter).toMatchObject({ size: 500_000, detail: 'its receiver gave no reason' });
    expect(letter.bytes.length).toBe(16 * 1024);
  });

  test('is where it was when the log is replayed, byte for byte', async () => {
    const disk = new MemoryDisk();
    const { shard } = await open(disk, 5);
    for (const sequence of [3, 1]) await redirect(shard, sequence, REJECTED);
    const wanted = await messageOf(holdsOf(shard).dead, 2);
    await shard.close();
    // Compared by checksum with what is there; and once more with nothing there.
    for (const gone of [false, true]) {
      const { deadLetter } = shard.plan;
      for (const name of gone ? await disk.list(`state/holds/${deadLetter.id}`) : []) {
        await disk.remove(`state/holds/${deadLetter.id}/${name}`);
      }
      const again = await open(disk);
      const { out: outAgain, dead } = holdsOf(again.shard);
      expect(await messageOf(dead, 2)).toEqual(wanted);
      expect((await letters(dead)).map(({ id }) => id)).toEqual([3, 1]);
      expect(heldNumbers(outAgain)).toEqual([2, 4, 5]);
      expect(gapsIn(exitStatus(again.shard))).toEqual([]);
      await again.shard.close();
    }
  });

  test('is at its exit or at the dead letter, never at both or neither, after every power cut', async () => {
    let states = 0;
    const disk = new CrashDisk();
    const { shard } = await open(disk, 20);
    const { out } = holdsOf(shard);
    const cuts: Promise<MemoryDisk>[] = [];
    disk.changed = () => {
      const cut = disk.cut();
      for (let mask = 0; mask < Math.min(64, 2 ** cut.changes); mask++) {
        cuts.push(cut.disk((i) => ((mask >> i) & 1) === 1));
      }
    };
    const accepted = [1, 2, 3, 6];
    const refused = [5, 9, 20];
    for (const sequence of refused) {
      const moving = redirect(shard, sequence, REJECTED);
      const done = accepted.pop() ?? 4;
      out.settle(done, done);
      await moving;
    }
    for (const cut of cuts) {
      const { shard: again } = await open(await cut);
      const { out: outAgain, dead } = holdsOf(again);
      const atExit = heldNumbers(outAgain);
      const moved = (await letters(dead)).map(({ id }) => id);
      expect(refused.slice(0, moved.length)).toEqual(moved);
      for (const id of refused) expect(atExit.includes(id)).toBe(!moved.includes(id));
      const untouched = upTo(20).filter((id) => ![...refused, 1, 2, 3, 6].includes(id));
      expect(atExit).toEqual(expect.arrayContaining(untouched));
      expect(outAgain.counts().moved).toBe(moved.length);
      expect(gapsIn(exitStatus(again))).toEqual([]);
      states++;
    }
    expect(states).toBeGreaterThan(100);
  }, 20_000);
});
