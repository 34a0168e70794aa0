/**
 * A disk in memory, for `durability: memory`: nothing outlives the process, and a sync costs nothing.
 * Files are blocks that are written in place, so that a write is one copy and an unused part is free.
 */
import type { Disk, DiskFile } from './disk.ts';

/** Small enough for a small file, large enough that a segment is few objects. */
const BLOCK_BYTES = 64 * 1024;
/** Blocks of removed files that are kept for the next ones: 64 MiB. */
const SPARE_BLOCKS_MAX = 1024;

export class MemoryDisk implements Disk {
  readonly #files = new Map<string, Content>();
  readonly #spare: Uint8Array[] = [];

  open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile> {
    let content = this.#files.get(path);
    if (mode === 'create') {
      if (content !== undefined) return Promise.reject(systemError('EEXIST', path));
      content = new Content(this.#spare);
      this.#files.set(path, content);
    }
    return content === undefined
      ? Promise.reject(systemError('ENOENT', path))
      : Promise.resolve(new MemoryFile(content));
  }

  list(folder: string): Promise<readonly string[]> {
    const prefix = `${folder}/`;
    const names = [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix) && !path.includes('/', prefix.length))
      .map((path) => path.slice(prefix.length));
    return Promise.resolve(names.sort());
  }

  makeFolder(): Promise<void> {
    return Promise.resolve();
  }

  rename(from: string, to: string): Promise<void> {
    const content = this.#files.get(from);
    if (content === undefined) return Promise.reject(systemError('ENOENT', from));
    this.#files.delete(from);
    this.#files.set(to, content);
    return Promise.resolve();
  }

  link(from: string, to: string): Promise<void> {
    const content = this.#files.get(from);
    if (content === undefined) return Promise.reject(systemError('ENOENT', from));
    if (this.#files.has(to)) return Promise.reject(systemError('EEXIST', to));
    this.#files.set(to, content);
    content.names++;
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    const content = this.#files.get(path);
    if (content === undefined) return Promise.reject(systemError('ENOENT', path));
    this.#files.delete(path);
    if (--content.names === 0) content.giveBack();
    return Promise.resolve();
  }

  syncFolder(): Promise<void> {
    return Promise.resolve();
  }

  space(): Promise<{ readonly free: number; readonly total: number }> {
    // The system stops a process that takes too much; there is no smaller bound to give.
    return Promise.resolve({ free: Number.MAX_SAFE_INTEGER, total: Number.MAX_SAFE_INTEGER });
  }
}

/** An error of the shape that the system's calls reject with. */
export function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}

class Content {
  bytes = 0;
  names = 1;
  readonly blocks: (Uint8Array | undefined)[] = [];
  readonly #spare: Uint8Array[];

  constructor(spare: Uint8Array[]) {
    this.#spare = spare;
  }

  /** The file is gone, and nobody has it open: its memory serves others. */
  giveBack(): void {
    for (const block of this.blocks.splice(0)) {
      if (block !== undefined && this.#spare.length < SPARE_BLOCKS_MAX) this.#spare.push(block);
    }
  }

  write(from: Uint8Array, at: number): void {
    let done = 0;
    while (done < from.length) {
      const index = Math.floor((at + done) / BLOCK_BYTES);
      const start = at + done - index * BLOCK_BYTES;
      const count = Math.min(BLOCK_BYTES - start, from.length - done);
      let block = this.blocks[index];
      if (block === undefined) {
        block = this.#spare.pop()?.fill(0) ?? new Uint8Array(BLOCK_BYTES);
        this.blocks[index] = block;
      }
      block.set(from.subarray(done, done + count), start);
      done += count;
    }
    this.bytes = Math.max(this.bytes, at + from.length);
  }

  read(into: Uint8Array, at: number): number {
    const total = Math.max(0, Math.min(into.length, this.bytes - at));
    let done = 0;
    while (done < total) {
      const index = Math.floor((at + done) / BLOCK_BYTES);
      const start = at + done - index * BLOCK_BYTES;
      const count = Math.min(BLOCK_BYTES - start, total - done);
      const block = this.blocks[index];
      if (block === undefined) into.fill(0, done, done + count);
      else into.set(block.subarray(start, start + count), done);
      done += count;
    }
    return total;
  }

  truncate(bytes: number): void {
    if (bytes < this.bytes) {
      const whole = Math.ceil(bytes / BLOCK_BYTES);
      this.blocks.length = Math.min(this.blocks.length, whole);
      this.blocks[whole - 1]?.fill(0, bytes - (whole - 1) * BLOCK_BYTES);
    }
    this.bytes = bytes;
  }
}

class MemoryFile implements DiskFile {
  readonly sparse = true;
  readonly #content: Content;

  constructor(content: Content) {
    this.#content = content;
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    this.#content.write(bytes, at);
    return Promise.resolve();
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return Promise.resolve(this.#content.read(into, at));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  size(): Promise<number> {
    return Promise.resolve(this.#content.bytes);
  }

  truncate(bytes: number): Promise<void> {
    this.#content.truncate(bytes);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
