/**
 * A disk that remembers what was not synced, so that any state after a power cut can be made: of the 4 KiB
 * pages written since a file's last sync any subset may have reached it.
 */
import type { Disk, DiskFile } from '../../src/store/disk.ts';
import { MemoryDisk } from '../../src/store/memory-disk.ts';

const PAGE = 4096;

interface Stored {
  synced: Buffer;
  /** Pages written since the last sync, newest content each. */
  readonly dirty: Map<number, Buffer>;
  size: number;
}

export class CrashDisk implements Disk {
  readonly #live = new MemoryDisk();
  readonly #files = new Map<string, Stored>();
  /** Calls before each write or sync; a test takes its states there. */
  onStep: () => void = () => {};

  async open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile> {
    const file = await this.#live.open(path, mode);
    if (mode === 'create') {
      this.#files.set(path, { synced: Buffer.alloc(0), dirty: new Map(), size: 0 });
    }
    const stored = this.#files.get(path);
    if (stored === undefined) throw new Error(`${path} is not known`);
    return {
      write: async (bytes, at) => {
        await file.write(bytes, at);
        stored.size = Math.max(stored.size, at + bytes.length);
        for (let page = Math.floor(at / PAGE); page * PAGE < at + bytes.length; page++) {
          const content = Buffer.alloc(PAGE);
          await file.read(content, page * PAGE);
          stored.dirty.set(page, content);
        }
        this.onStep();
      },
      sync: async () => {
        this.onStep();
        await new Promise(setImmediate);
        await file.sync();
        stored.synced = Buffer.alloc(stored.size);
        await file.read(stored.synced, 0);
        stored.dirty.clear();
      },
      read: (into, at) => file.read(into, at),
      size: () => file.size(),
      truncate: (bytes) => file.truncate(bytes),
      close: () => file.close(),
    };
  }

  /** How many pages may or may not be there. */
  get dirtyPages(): number {
    return [...this.#files.values()].reduce((sum, { dirty }) => sum + dirty.size, 0);
  }

  /** The disk after a power cut; `kept(i)` says whether the i-th unsynced page made it. */
  async after(kept: (index: number) => boolean): Promise<MemoryDisk> {
    const disk = new MemoryDisk();
    let index = 0;
    for (const [path, { synced, dirty }] of this.#files) {
      const file = await disk.open(path, 'create');
      await file.write(synced, 0);
      for (const [page, content] of dirty) {
        if (kept(index++)) await file.write(content, page * PAGE);
      }
    }
    return disk;
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#live.list(folder);
  }
  makeFolder(): Promise<void> {
    return Promise.resolve();
  }
  rename(from: string, to: string): Promise<void> {
    return this.#live.rename(from, to);
  }
  link(from: string, to: string): Promise<void> {
    return this.#live.link(from, to);
  }
  remove(path: string): Promise<void> {
    this.#files.delete(path);
    return this.#live.remove(path);
  }
  syncFolder(): Promise<void> {
    return Promise.resolve();
  }
  space(): Promise<{ readonly free: number; readonly total: number }> {
    return this.#live.space();
  }
}
