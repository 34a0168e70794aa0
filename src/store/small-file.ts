/** Small files are replaced in one way: written beside, synced, renamed, the folder synced. */
import type { Disk } from './disk.ts';
import { codeOf } from './disk.ts';

/** No small file of ours is larger; what is, is none of ours. */
const SMALL_BYTES_MAX = 1024 * 1024;

export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  text: string,
): Promise<void> {
  const aside = `${folder}/${name}.new`;
  await disk.remove(aside).catch(() => {}); // left by a process that was killed
  const file = await disk.open(aside, 'create');
  await file.write(Buffer.from(text, 'utf8'), 0);
  await file.sync();
  await file.close();
  await disk.rename(aside, `${folder}/${name}`);
  await disk.syncFolder(folder);
}

/** @returns undefined when there is no such file */
export async function readFile(disk: Disk, path: string): Promise<string | undefined> {
  try {
    const file = await disk.open(path, 'read');
    const bytes = Buffer.alloc(Math.min(SMALL_BYTES_MAX, await file.size()));
    await file.read(bytes, 0);
    await file.close();
    return bytes.toString('utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
