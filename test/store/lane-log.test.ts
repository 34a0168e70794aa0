/** The lane log after flipped bits, on failing disks, and against what holds know of it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeOf, type Disk } from '../../src/store/disk.ts';
import { MemoryDisk, systemError } from '../../src/store/memory-disk.ts';
import { share } from '../tools/campaign.ts';
import { CrashDisk } from '../tools/crash-disk.ts';
import { anyBurst, type Burst, fill, nothingFilled, readAll } from '../tools/log-world.ts';

const PAGE = 4096;
/** Bytes between two flips in a page: prime to 8 and to the sizes of fields, so that every field is met. */
const FLIP_EVERY = 31;

async function contentOf(disk: Disk): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const name of await disk.list('log')) {
    const file = await disk.open(`log/${name}`, 'read');
    const bytes = Buffer.alloc(await file.size());
    await file.read(bytes, 0);
    contents.set(name, bytes);
  }
  return contents;
}

async function diskOf(contents: ReadonlyMap<string, Buffer>): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const [name, bytes] of contents) {
    await (await disk.open(`log/${name}`, 'create')).write(bytes, 0);
  }
  return disk;
}

/** Whether the log's files are these, byte for byte. */
async function isAsIn(disk: Disk, contents: ReadonlyMap<string, Buffer>): Promise<boolean> {
  const found = await contentOf(disk);
  const same = [...found].every(([name, bytes]) => contents.get(name)?.equals(bytes) === true);
  return same && found.size === contents.size;
}

/** What reading gives: the entries, or the file and byte that are named as damaged. */
async function readOrDamage(
  disk: Disk,
): Promise<{ readonly entries: string[] } | { readonly path: string; readonly byte: number }> {
  try {
    return { entries: (await readAll(disk)).entries };
  } catch (error) {
    expect(error).toMatchObject({ slug: 'data-damaged', exitCode: 6 });
    const [, path, byte] =
      /^(\S+) is damaged at byte (\d+): /.exec(String(Object(error).message)) ?? [];
    return { path, byte: Number(byte) };
  }
}

describe('a flipped bit in the lane log', () => {
  test('is named as damage with its file and byte, or costs what no later group vouches for', async () => {
    const seen = { damage: 0, torn: 0, unread: 0 };
    const bursts = fc.array(anyBurst, { minLength: 4, maxLength: 14 });
    // Fewer would not reach every part of a log.
    const runs = Math.max(9, share(25));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(bursts, fc.nat(FLIP_EVERY - 1), async (script, shift) => {
        const disk = new MemoryDisk();
        const filled = nothingFilled();
        await fill(disk, script, filled);
        await filled.log?.close();
        const { appended } = filled;
        const contents = await contentOf(disk);
        // From the first page of the first segment to the last of the last, so that every part has its turn.
        const pages = [...contents].flatMap(([name, bytes]) =>
          Array.from({ length: Math.ceil(bytes.length / PAGE) }, (_, i) => ({
            name,
            bytes,
            page: i * PAGE,
          })),
        );
        const { name, bytes, page } = pages[Math.floor(((run++ % runs) * pages.length) / runs)];
        // A group is vouched for by those written after its sync: not by the one written meanwhile.
        const [last, before] = filled.groups.slice(-2).reverse();
        const sure = appended.length - last - (before ?? 0);
        for (let at = page + shift; at < Math.min(page + PAGE, bytes.length); at += FLIP_EVERY) {
          bytes[at] ^= 1 << (at % 8);
          const copy = await diskOf(contents);
          const read = await readOrDamage(copy);
          if ('path' in read) {
            seen.damage++;
            expect(read.path).toBe(`log/${name}`);
            expect(read.byte % PAGE).toBe(0);
            expect(read.byte).toBeLessThanOrEqual(at);
            // Told, and left as it was.
            expect(await isAsIn(copy, contents)).toBe(true);
          } else {
            seen[read.entries.length < appended.length ? 'torn' : 'unread']++;
            expect(read.entries).toEqual(appended.slice(0, read.entries.length));
            expect(read.entries.length).toBeGreaterThanOrEqual(sure);
          }
          bytes[at] ^= 1 << (at % 8);
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
    expect(seen.damage).toBeGreaterThan(40 * runs);
    expect(seen.unread).toBeGreaterThan(4 * runs);
  });

  test('in the head of any segment is damage, also where nothing stands behind that segment', async () => {
    const disk = new MemoryDisk();
    const filled = nothingFilled();
    const script: Burst[] = Array.from({ length: 12 }, () => ({
      chunks: [12_000],
      waitMicros: 6000,
      flush: true,
    }));
    await fill(disk, script, filled);
    await filled.log?.close();
    const contents = await contentOf(disk);
    expect(contents.size).toBeGreaterThan(2);
    for (const [name, bytes] of contents) {
      for (let at = 0; at < PAGE; at += 13) {
        bytes[at] ^= 1 << (at % 8);
        expect(await readOrDamage(await diskOf(contents))).toEqual({
          path: `log/${name}`,
          byte: 0,
        });
        bytes[at] ^= 1 << (at % 8);
      }
    }
  });
});

describe('a failing disk under the lane log', () => {
  for (const [code, slug] of [
    ['EIO', 'storage-failed'],
    ['ENOSPC', 'disk-full'],
  ] as const) {
    test(`that answers ${code} once is told once as ${slug}, and nothing is delivered after it`, async () => {
      const script: Burst[] = [400, 9000, 30, 14_000, 14_000, 700, 12_000, 13_000, 50].map(
        (size, i) => ({ chunks: [size, 40, size], waitMicros: 6000, flush: i % 3 === 0 }),
      );
      let failing = true;
      let [atOpening, told] = [0, 0];
      for (let k = 1; failing; k++) {
        const disk = new CrashDisk(k % 2 === 0);
        let calls = 0;
        disk.before = (call, bytes) => {
          // Zeros ahead of a group may fail for want of room: nothing depends on them.
          if (code === 'ENOSPC' && bytes?.every((byte) => byte === 0) === true) return;
          // Only this one call: what is retried would seem to succeed.
          if (++calls === k) throw systemError(code, call);
        };
        const filled = nothingFilled();
        try {
          await fill(disk, script, filled);
        } catch (error) {
          expect(codeOf(error)).toBe(code);
          expect(filled.appended).toEqual([]);
          atOpening++;
          continue;
        }
        failing = calls >= k;
        expect(filled.failures.map((each) => each.slug)).toEqual(failing ? [slug] : []);
        const { delivered, appended, deliveredAtFailure } = filled;
        expect(delivered).toEqual(appended.slice(0, deliveredAtFailure ?? appended.length));
        if (failing) {
          told++;
          expect(filled.failures[0].exitCode).toBe(5);
        }
        const before = calls;
        await filled.log?.close();
        if (failing) expect(calls).toBe(before);
        // A failed sync may have let go all that was not synced before.
        for (const kept of [true, false]) {
          const { entries } = await readAll(await disk.cut().disk(() => kept));
          expect(entries).toEqual(appended.slice(0, entries.length));
          expect(entries.length).toBeGreaterThanOrEqual(delivered.length);
        }
      }
      expect(atOpening).toBeGreaterThan(0);
      expect(told).toBeGreaterThan(20);
    });
  }
});

describe('the lane log', () => {
  test('with a segment under a wrong name is damaged', async () => {
    const disk = new MemoryDisk();
    const filled = nothingFilled();
    await fill(disk, [{ chunks: [100], waitMicros: 0, flush: true }], filled);
    await filled.log?.close();
    await disk.rename('log/0000000000000000', 'log/0000000000000001');
    await expect(readAll(disk)).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
  });

  test('goes on where there is room for a group but none for zeros ahead of it', async () => {
    const disk = new CrashDisk(false);
    const filled = nothingFilled();
    let zeros = 0;
    disk.before = (call, bytes) => {
      if (call.startsWith('write') && bytes?.every((byte) => byte === 0) === true) {
        zeros++;
        throw systemError('ENOSPC', call);
      }
    };
    const script = Array.from({ length: 9 }, () => ({
      chunks: [14_000],
      waitMicros: 0,
      flush: true,
    }));
    await fill(disk, script, filled);
    expect(zeros).toBeGreaterThan(1);
    expect(filled.failures).toEqual([]);
    expect((await readAll(disk)).entries).toEqual(filled.appended);
  });

  test('that has lost the cause of a held message is damaged', async () => {
    const disk = new MemoryDisk();
    const filled = nothingFilled();
    await fill(disk, [{ chunks: [100, 5000], waitMicros: 0, flush: true }], filled);
    await filled.log?.close();
    const end = filled.log?.storedBytes ?? 0;
    expect((await readAll(disk, end - PAGE)).entries).toEqual(filled.appended);
    await expect(readAll(disk, end)).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
  });
});
