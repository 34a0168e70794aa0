/**
 * The file calls the store uses, as a port, and the real implementation. In memory: `memory-disk.ts`.
 * Nothing else in the house touches stored files. What a call means for the data is its callers' matter.
 */
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One open file. Positions and sizes are bytes. Every method rejects with the system's error. */
export interface DiskFile {
  /** What was never written costs nothing, so that zeros need not be written ahead. */
  readonly sparse?: boolean;
  /** Writes all of `bytes` at `at`: a short write is continued, and fails if it makes no progress. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** @returns how many bytes were there, up to into.length; fewer only at the end of the file */
  read(into: Uint8Array, at: number): Promise<number>;
  /** fdatasync: what was written before the call began survives a power cut. Never retried. */
  sync(): Promise<void>;
  size(): Promise<number>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Paths are absolute or relative to the process; made from our own ids, never from names. */
export interface Disk {
  /** `create` fails if the file is there; the others fail if it is not. Links are not followed. */
  open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile>;
  /** Names in a folder, sorted; an absent folder is empty. */
  list(folder: string): Promise<readonly string[]>;
  /** Creates a folder and those above it, durably; one that is there is left as it is. */
  makeFolder(folder: string): Promise<void>;
  /** Replaces `to` if it is there. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; fails if `to` is there, so that one of several processes wins. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>;
  /** Bytes that an unprivileged process may still use, and all there are. */
  space(folder: string): Promise<{ readonly free: number; readonly total: number }>;
}

const FLAGS = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
  read: constants.O_RDONLY | constants.O_NOFOLLOW,
  write: constants.O_RDWR | constants.O_NOFOLLOW,
} as const;

/** What is stored is its owner's alone. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export const nodeDisk: Disk = {
  open: async (path, mode) => new NodeFile(await open(path, FLAGS[mode], FILE_MODE)),
  async list(folder) {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  async makeFolder(folder) {
    const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    if (first === undefined) return;
    // Each new name stands in the folder above it.
    let path = folder;
    for (;;) {
      await syncFolder(dirname(path));
      if (path === first || dirname(path) === path) return;
      path = dirname(path);
    }
  },
  rename,
  link,
  remove: (path) => rm(path),
  syncFolder,
  async space(folder) {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  },
};

/** The system's word for what went wrong (`ENOENT`), where there is one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        at + done,
      );
      if (bytesWritten === 0) throw new Error('the system wrote nothing and gave no reason');
      done += bytesWritten;
    }
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
