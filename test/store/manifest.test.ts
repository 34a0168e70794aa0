/** What a state directory says it is, and who may open it. */
import { describe, expect, test } from '@jest/globals';
import { openManifest } from '../../src/store/manifest.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);

/** A state directory that a version of this format has written. */
async function written(format: string): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const file = await disk.open('state/MANIFEST', 'create');
  const manifest = { format, engine: 1, pipelineId: '07'.repeat(16), epoch: 3 };
  await file.write(Buffer.from(`${JSON.stringify(manifest)}\n`), 0);
  return disk;
}

describe('a manifest', () => {
  test('of an older minor format is taken over and says the new one', async () => {
    const disk = await written('1.0');
    const manifest = await openManifest(disk, 'state', 1, random);
    expect(manifest).toEqual({ format: '1.1', engine: 1, pipelineId: '07'.repeat(16), epoch: 4 });
  });

  test.each(['1.2', '2.0', '0.9', ''])('of format "%s" is refused', async (format) => {
    const disk = await written(format);
    await expect(openManifest(disk, 'state', 1, random)).rejects.toMatchObject({
      slug: 'newer-format',
    });
  });
});
