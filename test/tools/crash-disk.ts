/**
 * A disk that remembers what was not synced, so that every state after a power cut can be made: of the 4 KiB
 * pages written since a file's last sync any subset is there, and of the names changed since a folder's last
 * sync any beginning is (file systems journal names in order). A call can be made to fail.
 */
import { dirname } from 'node:path';
import type { Disk, DiskFile } from '../../src/store/disk.ts';
import { MemoryDisk, systemError } from '../../src/store/memory-disk.ts';

const PAGE = 4096;

/** What one call did to one page, or to the length; each reaches the disk or not. */
type Change = { readonly page: number; readonly bytes: Uint8Array } | { readonly length: number };

interface Inode {
  live: Buffer;
  synced: Buffer;
  unsynced: readonly Change[];
}

interface NameChange {
  readonly folder: string;
  apply(names: Map<string, Inode>): void;
}

export interface PowerCut {
  /** How many changes of files may or may not be there. */
  readonly changes: number;
  /** How many changes of names may be there. */
  readonly names: number;
  /** @param kept whether the i-th change is there @param names how many changes of names are there */
  disk(kept: (index: number) => boolean, names?: number): Promise<MemoryDisk>;
}

export class CrashDisk implements Disk {
  readonly #names = new Map<string, Inode>();
  readonly #durable = new Map<string, Inode>();
  /** What `space` tells. */
  free: number = Number.MAX_SAFE_INTEGER;
  total: number = Number.MAX_SAFE_INTEGER;
  #journal: NameChange[] = [];
  readonly #sparse: boolean;
  /** Called before each call, with what is to be written; the call fails with what it throws. */
  before: (call: string, bytes?: Uint8Array) => void = () => {};
  /** Called when something has changed, and between the begin and the end of a sync. */
  changed: () => void = () => {};

  /** @param sparse as DiskFile.sparse: false has the zeros written ahead */
  constructor(sparse = true) {
    this.#sparse = sparse;
  }

  /** A disk on which the files of a folder are there, all synced. */
  static async of(from: Disk, folder: string): Promise<CrashDisk> {
    const disk = new CrashDisk();
    for (const name of await from.list(folder)) {
      const path = `${folder}/${name}`;
      const file = await from.open(path, 'read');
      const live = Buffer.alloc(await file.size());
      await file.read(live, 0);
      const inode: Inode = { live, synced: live, unsynced: [] };
      disk.#names.set(path, inode);
      disk.#durable.set(path, inode);
    }
    return disk;
  }

  /** What a power cut may leave of this moment; later changes don't alter it. */
  cut(): PowerCut {
    const durable = new Map(this.#durable);
    const journal = [...this.#journal];
    const inodes = new Set([...durable.values(), ...this.#names.values()]);
    const files = [...inodes].map((inode) => ({ inode, ...inode }));
    const changes = files.reduce((sum, { unsynced }) => sum + unsynced.length, 0);
    return {
      changes,
      names: journal.length,
      async disk(kept, names = journal.length) {
        const contents = new Map<Inode, Buffer>();
        let index = 0;
        for (const { inode, synced, unsynced } of files) {
          const there = unsynced.filter(() => kept(index++));
          contents.set(inode, applyAll(synced, there));
        }
        const after = new Map(durable);
        for (const change of journal.slice(0, names)) change.apply(after);
        const disk = new MemoryDisk();
        for (const [path, inode] of after) {
          const file = await disk.open(path, 'create');
          await file.write(contents.get(inode) ?? Buffer.alloc(0), 0);
        }
        return disk;
      },
    };
  }

  async open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile> {
    this.before(`open ${path}`);
    let inode = this.#names.get(path);
    if (mode === 'create') {
      if (inode !== undefined) throw systemError('EEXIST', path);
      const created: Inode = { live: Buffer.alloc(0), synced: Buffer.alloc(0), unsynced: [] };
      inode = created;
      this.#rename(path, (names) => names.set(path, created));
    }
    if (inode === undefined) throw systemError('ENOENT', path);
    return this.#file(path, inode);
  }

  async list(folder: string): Promise<readonly string[]> {
    this.before(`list ${folder}`);
    return [...this.#names.keys()]
      .filter((path) => dirname(path) === folder)
      .map((path) => path.slice(folder.length + 1))
      .sort();
  }

  async makeFolder(folder: string): Promise<void> {
    this.before(`makeFolder ${folder}`);
  }

  async rename(from: string, to: string): Promise<void> {
    this.before(`rename ${from}`);
    const inode = this.#inodeOf(from);
    this.#rename(from, (names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  async link(from: string, to: string): Promise<void> {
    this.before(`link ${from}`);
    const inode = this.#inodeOf(from);
    if (this.#names.has(to)) throw systemError('EEXIST', to);
    this.#rename(to, (names) => names.set(to, inode));
  }

  async remove(path: string): Promise<void> {
    this.before(`remove ${path}`);
    this.#inodeOf(path);
    this.#rename(path, (names) => names.delete(path));
  }

  async syncFolder(folder: string): Promise<void> {
    this.before(`syncFolder ${folder}`);
    for (const change of this.#journal) if (change.folder === folder) change.apply(this.#durable);
    this.#journal = this.#journal.filter((change) => change.folder !== folder);
  }

  async space(folder: string): Promise<{ readonly free: number; readonly total: number }> {
    this.before(`space ${folder}`);
    return { free: this.free, total: this.total };
  }

  #inodeOf(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw systemError('ENOENT', path);
    return inode;
  }

  #rename(path: string, apply: (names: Map<string, Inode>) => void): void {
    apply(this.#names);
    this.#journal.push({ folder: dirname(path), apply });
    this.changed();
  }

  #file(path: string, inode: Inode): DiskFile {
    const change = (changes: readonly Change[]): void => {
      inode.live = applyAll(inode.live, changes);
      inode.unsynced = [...inode.unsynced, ...changes];
      this.changed();
    };
    return {
      sparse: this.#sparse,
      write: async (bytes, at) => {
        this.before(`write ${path}`, bytes);
        change(pagesOf(inode.live, bytes, at));
      },
      sync: async () => {
        this.before(`sync ${path}`);
        const covered = inode.unsynced;
        this.changed();
        // Others write in the meantime; what they write is not covered.
        await new Promise(setImmediate);
        inode.synced = applyAll(inode.synced, covered);
        inode.unsynced = inode.unsynced.filter((change) => !covered.includes(change));
      },
      read: async (into, at) => {
        this.before(`read ${path}`);
        return at < inode.live.length ? inode.live.copy(into, 0, at) : 0;
      },
      size: async () => inode.live.length,
      truncate: async (length) => {
        this.before(`truncate ${path}`);
        change([{ length }]);
      },
      close: async () => {},
    };
  }
}

/** The pages that a write gives, each as it is afterwards. */
function pagesOf(live: Buffer, bytes: Uint8Array, at: number): Change[] {
  const end = at + bytes.length;
  const changes: Change[] = [];
  for (let page = Math.floor(at / PAGE); page * PAGE < end; page++) {
    const start = page * PAGE;
    const stop = Math.min(start + PAGE, Math.max(end, live.length));
    const content = Buffer.alloc(stop - start);
    content.set(live.subarray(start, stop));
    content.set(bytes.subarray(Math.max(0, start - at), stop - at), Math.max(0, at - start));
    changes.push({ page, bytes: content });
  }
  return changes;
}

/** What a file is after some changes, made one after the other. */
function applyAll(content: Buffer, changes: readonly Change[]): Buffer {
  const endOf = (change: Change): number =>
    'length' in change ? change.length : change.page * PAGE + change.bytes.length;
  const changed = Buffer.alloc(Math.max(content.length, ...changes.map(endOf)));
  content.copy(changed);
  let { length } = content;
  for (const change of changes) {
    if ('page' in change) changed.set(change.bytes, change.page * PAGE);
    else changed.fill(0, Math.min(length, change.length));
    length = 'length' in change ? change.length : Math.max(length, endOf(change));
  }
  return changed.subarray(0, length);
}
