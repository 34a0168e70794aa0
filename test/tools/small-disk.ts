/** A real file system of a few MiB, where the system lets this process mount one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../src/store/disk.ts';

export class SmallDisk {
  readonly folder: string;
  readonly #filler: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#filler = join(folder, 'filler');
  }

  /** @returns undefined when this process may not mount */
  static mount(mebibytes: number): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
    try {
      const size = `size=${mebibytes}m`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'small', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      rmdirSync(folder);
      return undefined;
    }
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Others have taken all but `bytes` of what was free. */
  leave(bytes: number): void {
    writeFileSync(this.#filler, '');
    try {
      writeFileSync(this.#filler, Buffer.alloc(Math.max(0, this.free - bytes)));
    } catch (error) {
      // The one under test took some meanwhile: the disk is full, as it is meant to be.
      if (codeOf(error) !== 'ENOSPC') throw error;
    }
  }

  /** Others give back what they took. */
  give(): void {
    truncateSync(this.#filler, 0);
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}
