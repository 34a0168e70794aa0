/**
 * The file calls the store uses, as a port: the real one, and one in memory (`memory-disk.ts`) that
 * tests make forget what was not synced. Nothing else in the house touches stored files.
 */
/** One open file. Positions and sizes are bytes. Every method rejects with the system's error. */
export interface DiskFile {
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
  /** `create` fails if the file is there; the others fail if it is not. */
  open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile>;
  /** Names in a folder, sorted; an absent folder is empty. */
  list(folder: string): Promise<readonly string[]>;
  makeFolder(folder: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>;
  /** Bytes that an unprivileged process may still use, and all there are. */
  space(folder: string): Promise<{ readonly free: number; readonly total: number }>;
}
