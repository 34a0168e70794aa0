/** A hold: reopened, replayed, acknowledged, read back. */
import { describe, expect, test } from '@jest/globals';
import type { Disk } from '../../src/store/disk.ts';
import { DiskHold } from '../../src/store/hold.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';
import { ManualClock } from '../../src/stream/clock.ts';
import type { Bodies } from '../../src/stream/port.ts';
import { CrashDisk } from '../tools/crash-disk.ts';
import { PIPELINE_ID } from '../tools/flow-world.ts';

function openHold(
  disk: Disk,
  clock = new ManualClock(1_767_225_600_000_000),
  exit = 1,
): Promise<DiskHold> {
  return DiskHold.open({
    disk,
    clock,
    folder: 'hold',
    pipelineId: PIPELINE_ID,
    exit,
    stream: PIPELINE_ID,
    segmentBytes: 16 * 1024,
    onFailure: (error) => {
      throw error;
    },
  });
}

function bodies(first: number, count: number, mark = 'x'): Bodies {
  const texts = Array.from({ length: count }, (_, i) => `${first + i} ${mark.repeat(50)}`);
  const ends = new Int32Array(count);
  let end = 0;
  texts.forEach((text, i) => {
    end += text.length;
    ends[i] = end;
  });
  return {
    first,
    count,
    bytes: Buffer.from(texts.join('')),
    ends,
    at: 1000 + first,
    cause: 10 * first,
  };
}

async function numbersIn(hold: DiskHold): Promise<number[]> {
  const numbers: number[] = [];
  for (let from = hold.firstHeld(1); from !== undefined; from = hold.firstHeld(from)) {
    const slice = await hold.read(from, 8 * 1024);
    for (let i = 0; i < slice.count; i++) {
      const start = i === 0 ? 0 : slice.ends[i - 1];
      const text = Buffer.from(slice.bytes.subarray(start, slice.ends[i])).toString();
      expect(text).toBe(`${from + i} ${'x'.repeat(50)}`);
      numbers.push(from + i);
    }
    from += slice.count;
  }
  return numbers;
}

describe('a hold', () => {
  test('20,000 messages come back in order, also after it was reopened and the log replayed', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    for (let first = 1; first <= 20_000; first += 500) hold.append(bodies(first, 500));
    await hold.flush();
    expect((await numbersIn(hold)).length).toBe(20_000);
    await hold.close();
    const again = await openHold(disk);
    expect(again.written).toBe(20_000);
    expect(again.evidence).toBe(10 * 19_501);
    for (let first = 1; first <= 20_000; first += 500) {
      again.append(bodies(first, 500));
      await again.verify();
    }
    await again.endReplay();
    again.append(bodies(20_001, 3));
    await again.flush();
    expect(await numbersIn(again)).toEqual(Array.from({ length: 20_003 }, (_, i) => i + 1));
  });

  test('a replay that gives another message is told, before anything new is offered', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 10));
    await hold.close();
    const again = await openHold(disk);
    again.append(bodies(1, 10, 'y'));
    await expect(again.endReplay()).rejects.toMatchObject({ slug: 'replay-differs', exitCode: 70 });
  });

  test('what was acknowledged stays gone, and its segments are deleted', async () => {
    const disk = new MemoryDisk();
    const clock = new ManualClock(1_767_225_600_000_000);
    const hold = await openHold(disk, clock);
    for (let first = 1; first <= 1000; first += 100) {
      hold.append(bodies(first, 100));
      await hold.flush();
    }
    const before = (await disk.list('hold')).length;
    hold.settle(1, 900);
    hold.settle(950, 960);
    expect(hold.counts()).toMatchObject({ numbered: 1000, delivered: 911, held: 89 });
    await hold.close();
    expect((await disk.list('hold')).length).toBeLessThan(before);
    const again = await openHold(disk);
    for (let first = 1; first <= 1000; first += 100) again.append(bodies(first, 100));
    await again.endReplay();
    expect(again.firstHeld(1)).toBe(901);
    expect(again.firstHeld(950)).toBe(961);
    expect(again.counts()).toMatchObject({ numbered: 1000, delivered: 911, held: 89 });
  });

  test('a broken header is damage when messages stand behind it, and is left as it was', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    for (let first = 1; first <= 1000; first += 100) {
      hold.append(bodies(first, 100));
      await hold.flush();
    }
    await hold.close();
    const before = await disk.list('hold');
    const names = before.filter((one) => !one.startsWith('acks'));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const file = await disk.open(`hold/${name}`, 'write');
      const byte = Buffer.alloc(1);
      await file.read(byte, 100);
      await file.write(Buffer.from([byte[0] ^ 4]), 100);
      const damaged = { slug: 'data-damaged', message: expect.stringContaining(`hold/${name} is`) };
      await expect(openHold(disk)).rejects.toMatchObject(damaged);
      await file.write(byte, 100);
      expect(await disk.list('hold')).toEqual(before);
    }
    expect((await openHold(disk)).written).toBe(1000);
  });

  test('a segment that has lost its messages is damage, unless all of them were settled', async () => {
    const disk = new MemoryDisk();
    const clock = new ManualClock(1_767_225_600_000_000);
    const hold = await openHold(disk, clock);
    for (let first = 1; first <= 1000; first += 100) {
      hold.append(bodies(first, 100));
      await hold.flush();
    }
    const segments = (await disk.list('hold')).filter((one) => !one.startsWith('acks'));
    const second = Number.parseInt(segments[1], 16);
    const third = Number.parseInt(segments[2], 16);
    hold.settle(second, third - 2);
    await hold.close();
    const file = await disk.open(`hold/${segments[1]}`, 'write');
    const size = await file.size();
    const whole = Buffer.alloc(size);
    await file.read(whole, 0);
    await file.truncate(4096);
    const damaged = { slug: 'data-damaged', message: expect.stringContaining(segments[1]) };
    await expect(openHold(disk)).rejects.toMatchObject(damaged);
    await file.write(whole, 0);
    const again = await openHold(disk);
    again.settle(third - 1, third - 1);
    await again.close();
    await file.truncate(4096);
    const last = await openHold(disk);
    for (let first = 1; first <= 1000; first += 100) last.append(bodies(first, 100));
    await last.endReplay();
    expect(last.counts()).toMatchObject({ delivered: third - second, held: 1000 - third + second });
    expect(last.firstHeld(second)).toBe(third);
  });

  test('a segment under a wrong name, or of another exit, is damage', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 10));
    await hold.close();
    await disk.rename('hold/0000000000000001', 'hold/0000000000000002');
    await expect(openHold(disk)).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
    await disk.rename('hold/0000000000000002', 'hold/0000000000000001');
    await expect(openHold(disk, undefined, 2)).rejects.toMatchObject({ slug: 'data-damaged' });
    expect((await openHold(disk)).written).toBe(10);
  });

  test('a segment whose creation was cut short goes; what stands before it still names causes', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    await hold.close();
    for (const size of [0, 17, 4096]) {
      const cut = await disk.open('hold/0000000000000065', 'create');
      await cut.write(Buffer.alloc(size), 0);
      const again = await openHold(disk);
      expect(again).toMatchObject({ written: 100, evidence: 10 });
      expect(await disk.list('hold')).not.toContain('0000000000000065');
    }
  });

  test('the causes of messages are known when the newest segment has none yet', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    for (let first = 1; first <= 1000; first += 100) {
      hold.append(bodies(first, 100));
      await hold.flush();
    }
    await hold.close();
    const names = (await disk.list('hold')).filter((one) => !one.startsWith('acks'));
    const newest = await disk.open(`hold/${names.at(-1)}`, 'write');
    await newest.truncate(4096);
    const first = Number.parseInt(names.at(-1) ?? '', 16);
    expect(first).toBeGreaterThan(500);
    const again = await openHold(disk);
    expect(again).toMatchObject({ written: first - 1, evidence: 10 * (first - 100) });
  });

  test('what stands behind a broken message is let go only when the log has given it again', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    await hold.close();
    const file = await disk.open('hold/0000000000000001', 'write');
    const size = await file.size();
    const byte = Buffer.alloc(1);
    await file.read(byte, 5000);
    await file.write(Buffer.from([byte[0] ^ 4]), 5000);
    const again = await openHold(disk);
    expect(again.written).toBeLessThan(100);
    expect(await file.size()).toBe(size);
    again.append(bodies(1, 20));
    await expect(again.endReplay()).resolves.toBeUndefined();
    expect(await file.size()).toBeLessThan(size);
  });

  test('moved ones count apart from delivered ones, and once, whatever is opened again', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    hold.settle(1, 10);
    for (const moved of [11, 13, 13, 5]) hold.move(moved);
    const counts = { numbered: 100, delivered: 10, moved: 2, held: 88 };
    expect(hold.counts()).toMatchObject(counts);
    await hold.close();
    const again = await openHold(disk);
    again.append(bodies(1, 100));
    for (const moved of [13, 11]) again.move(moved);
    await again.endReplay();
    expect(again.counts()).toMatchObject(counts);
    expect([11, 13].map((from) => again.firstHeld(from))).toEqual([12, 14]);
    await again.close();
  });

  test('failed deliveries are counted until the message is settled, also by the next process', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    for (const charged of [3, 3, 4, 5, 6, 3]) hold.charge(charged);
    hold.settle(4, 4);
    hold.move(5);
    await hold.close();
    const again = await openHold(disk);
    again.append(bodies(1, 100));
    await again.endReplay();
    expect([3, 4, 5, 6, 7].map((sequence) => again.charges(sequence))).toEqual([3, 0, 0, 1, 0]);
    expect(again.charge(6)).toBe(2);
    again.settle(1, 100);
    expect([3, 6].map((sequence) => again.charges(sequence))).toEqual([0, 0]);
  });

  test('what is settled and synced survives a power cut that takes everything unsynced', async () => {
    const disk = new CrashDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    await hold.flush();
    hold.settle(1, 10);
    const first = hold.synced();
    hold.settle(11, 20);
    hold.move(30);
    hold.charge(40);
    await Promise.all([first, hold.synced()]);
    hold.settle(50, 60);
    const again = await openHold(await disk.cut().disk(() => false));
    again.append(bodies(1, 100));
    await again.endReplay();
    expect(again.counts()).toMatchObject({ delivered: 20, moved: 1, held: 79 });
    expect(again.charges(40)).toBe(1);
  });

  test('a snapshot says what the records before it said', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    await hold.flush();
    hold.move(2);
    hold.settle(4, 4);
    hold.charge(7);
    const before = await disk.list('hold');
    // One record each, until a new file has taken the place of the first.
    for (let i = 0; i < 70_000; i++) {
      hold.charge(8);
      await new Promise(setImmediate);
    }
    await hold.close();
    const files = await disk.list('hold');
    expect(files.length).toBe(before.length);
    expect(files).not.toEqual(before);
    const again = await openHold(disk);
    again.append(bodies(1, 100));
    await again.endReplay();
    expect(again.counts()).toMatchObject({ numbered: 100, delivered: 1, moved: 1, held: 98 });
    expect([2, 7, 8].map((sequence) => again.charges(sequence))).toEqual([0, 1, 70_000]);
  });

  test('a torn end is cut, and the replay brings it again', async () => {
    const disk = new MemoryDisk();
    const hold = await openHold(disk);
    hold.append(bodies(1, 100));
    await hold.close();
    const [name] = (await disk.list('hold')).filter((one) => !one.startsWith('acks'));
    for (let cut = 1; cut < 400; cut += 37) {
      const file = await disk.open(`hold/${name}`, 'write');
      await file.truncate((await file.size()) - cut);
      const again = await openHold(disk);
      expect(again.written).toBeLessThan(100);
      again.append(bodies(1, 100));
      await again.endReplay();
      expect((await numbersIn(again)).length).toBe(100);
      await again.close();
    }
  });
});
