/** Small files and the manifest: old or new after every power cut, and refused when they are not ours to read. */
import { describe, expect, test } from '@jest/globals';
import { openManifest } from '../../src/store/manifest.ts';
import { MemoryDisk, systemError } from '../../src/store/memory-disk.ts';
import { readFile, replaceFile } from '../../src/store/small-file.ts';
import { CrashDisk, type PowerCut } from '../tools/crash-disk.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
const PIPELINE_ID = '07'.repeat(16);

/** What a file may say after a power cut at any moment of `act`, in every state the disk may be left in. */
async function readings(
  disk: CrashDisk,
  path: string,
  act: () => Promise<void>,
): Promise<Set<string | undefined>> {
  const cuts: PowerCut[] = [];
  disk.changed = () => cuts.push(disk.cut());
  await act();
  cuts.push(disk.cut());
  const found = new Set<string | undefined>();
  for (const cut of cuts) {
    for (let names = 0; names <= cut.names; names++) {
      for (let state = 0; state < 2 ** cut.changes; state++) {
        found.add(await readFile(await cut.disk((i) => ((state >> i) & 1) === 1, names), path));
      }
    }
  }
  return found;
}

describe('a small file', () => {
  // Two pages, so that one may be there without the other.
  const [old, young] = ['old '.repeat(1500), 'young '.repeat(1200)];

  test('is the old one or the new one after a power cut at any moment, and the new one when it returned', async () => {
    const disk = new CrashDisk();
    expect(await readings(disk, 'state/F', () => replaceFile(disk, 'state', 'F', old))).toEqual(
      new Set([undefined, old]),
    );
    expect(await readings(disk, 'state/F', () => replaceFile(disk, 'state', 'F', young))).toEqual(
      new Set([old, young]),
    );
    expect(await readings(disk, 'state/F', async () => {})).toEqual(new Set([young]));
    expect(await disk.list('state')).toEqual(['F']);
  });

  test('is the old one or the new one when a call fails, and can be replaced later', async () => {
    let failures = 0;
    for (let k = 1; k === failures + 1; k++) {
      const disk = new CrashDisk();
      await replaceFile(disk, 'state', 'F', old);
      let calls = 0;
      disk.before = (call) => {
        // That nothing is there to be removed is no failure.
        if (call.startsWith('remove') || ++calls !== k) return;
        throw systemError('ENOSPC', call);
      };
      await replaceFile(disk, 'state', 'F', young).catch((error) => {
        expect(error.code).toBe('ENOSPC');
        failures++;
      });
      disk.before = () => {};
      expect([old, young]).toContain(await readFile(disk, 'state/F'));
      await replaceFile(disk, 'state', 'F', young);
      expect(await readFile(disk, 'state/F')).toBe(young);
      expect(await disk.list('state')).toEqual(['F']);
    }
    expect(failures).toBe(5);
  });
});

describe('a manifest', () => {
  async function written(text: string): Promise<MemoryDisk> {
    const disk = new MemoryDisk();
    await (await disk.open('state/MANIFEST', 'create')).write(Buffer.from(text), 0);
    return disk;
  }

  test('keeps whose it is and counts its openings', async () => {
    const disk = new MemoryDisk();
    const first = await openManifest(disk, 'state', 3, random);
    expect(first).toEqual({ format: '1.1', engine: 3, pipelineId: PIPELINE_ID, epoch: 1 });
    const other = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(9);
    expect(await openManifest(disk, 'state', 3, other)).toEqual({ ...first, epoch: 2 });
  });

  test('that is of a newer format or of another engine is refused with exit code 3, and left as it was', async () => {
    for (const [differs, slug] of [
      [{ format: '1.2' }, 'newer-format'],
      [{ format: '2.0' }, 'newer-format'],
      [{ engine: 2 }, 'older-engine'],
    ] as const) {
      const manifest = { format: '1.0', engine: 3, pipelineId: PIPELINE_ID, epoch: 4, ...differs };
      const disk = await written(JSON.stringify(manifest));
      const refused = openManifest(disk, 'state', 3, random);
      await expect(refused).rejects.toMatchObject({ slug, exitCode: 3 });
      expect(await readFile(disk, 'state/MANIFEST')).toBe(JSON.stringify(manifest));
    }
  });

  test('that cannot be read is damage, and left as it was', async () => {
    const whole = JSON.stringify({ format: '1.0', engine: 3, pipelineId: PIPELINE_ID, epoch: 4 });
    for (const text of [
      '',
      'null',
      '7',
      '{}',
      whole.slice(0, -5),
      whole.replace('0707', '07x7'),
      whole.replace('4}', '"4"}'),
    ]) {
      const disk = await written(text);
      const refused = openManifest(disk, 'state', 3, random);
      await expect(refused).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
      expect(await readFile(disk, 'state/MANIFEST')).toBe(text);
    }
  });

  test('that is missing where there is a log is damage, and none is made', async () => {
    const disk = new MemoryDisk();
    await disk.open('state/log/0000000000000000', 'create');
    const refused = openManifest(disk, 'state', 3, random);
    await expect(refused).rejects.toMatchObject({ slug: 'data-damaged', exitCode: 6 });
    expect(await disk.list('state')).toEqual([]);
  });

  test('counts an opening or does not after a power cut, and never forgets whose it is', async () => {
    const disk = new CrashDisk();
    const epochs = async (): Promise<unknown[]> => {
      const texts = await readings(disk, 'state/MANIFEST', async () => {
        await openManifest(disk, 'state', 3, random);
      });
      return [...texts].map((text) => text && JSON.parse(text)).map((one) => one?.epoch);
    };
    expect(await epochs()).toEqual([undefined, 1]);
    expect(await epochs()).toEqual([1, 2]);
  });
});
