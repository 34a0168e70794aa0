/**
 * A file that is followed: what it says is given on once it has come to rest. Events of the system are only
 * hints, since editors save by renaming, mounted configuration is swapped by links, and network folders say
 * nothing; the content decides, read twice alike.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type FSWatcher, watch } from 'chokidar';
import type { Cancel, Clock } from '../stream/port.ts';
import { MICROS_PER_MS } from '../stream/time.ts';

/** An editor may write a file in several steps. */
const DEBOUNCE_MS = 150;
/** Between two readings that must agree. */
const AGAIN_MS = 50;
/** Where no event comes, this finds the edit. */
const POLL_MS = 2000;
/** An empty file is more likely to be half saved than meant. */
const EMPTY_MS = 2000;
/** Reading less than this every two seconds costs nothing: then the content decides in any case. */
const LARGE_BYTES = 1024 * 1024;
/** A file that was written so long ago is written with another time of change, however coarse times are. */
const OLD_MS = 2000;
/** A file that is being replaced may be missing for a moment. */
const MISSING_MS = 5000;

export interface FollowedFileOptions {
  readonly file: string;
  /** What the file said when it was read first; absent: whatever it says is given on. */
  readonly known?: Uint8Array;
  /** Why a file of so many bytes is not read, as if it could not be; absent: it is, however large. */
  readonly tooLarge?: (bytes: number) => string | undefined;
  readonly clock: Clock;
  /** It says something else now. Calls never overlap; only the newest content is given on. */
  readonly onChange: (bytes: Uint8Array) => Promise<void>;
  /** It cannot be read, in words; called once until it can be. */
  readonly onMissing: (why: string) => void;
}

export class FollowedFile {
  readonly #options: FollowedFileOptions;
  readonly #watcher: FSWatcher;
  #judged: string;
  #seen: string;
  /** What the system says of the file as it has been judged; undefined: it must be read to be known. */
  #known: string | undefined;
  #emptySince: number | undefined;
  #missingSince: number | undefined;
  #missingTold = false;
  #cancel: Cancel = () => {};
  #busy = false;
  #closed = false;

  constructor(options: FollowedFileOptions) {
    this.#options = options;
    this.#judged = options.known === undefined ? '' : hashOf(options.known);
    this.#seen = this.#judged;
    this.#watcher = watch(options.file, { ignoreInitial: true });
    this.#watcher.on('all', () => this.#lookIn(DEBOUNCE_MS));
    // No more watches to be had, a folder that went: polling goes on.
    this.#watcher.on('error', () => {});
    this.#lookIn(POLL_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#watcher.close();
  }

  #lookIn(ms: number): void {
    this.#cancel();
    if (this.#closed || this.#busy) return;
    const { clock } = this.#options;
    this.#cancel = clock.wake(clock.now() + ms * MICROS_PER_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#busy = true;
    const nextMs = await this.#judge();
    this.#busy = false;
    this.#lookIn(nextMs);
  }

  /** @returns when to look again, in milliseconds */
  async #judge(): Promise<number> {
    const { file, clock, onChange, onMissing } = this.#options;
    const nowMs = clock.elapsed();
    let bytes: Uint8Array;
    let known: string | undefined;
    try {
      known = await this.#stamp();
      if (known !== undefined && known === this.#known) return POLL_MS;
      this.#known = undefined;
      bytes = await readFile(file);
    } catch (error) {
      this.#missingSince ??= nowMs;
      if (nowMs - this.#missingSince >= MISSING_MS && !this.#missingTold) {
        this.#missingTold = true;
        onMissing((error as Error).message);
      }
      return POLL_MS / 4;
    }
    this.#missingSince = undefined;
    this.#missingTold = false;
    this.#emptySince = bytes.length > 0 ? undefined : (this.#emptySince ?? nowMs);
    const hash = hashOf(bytes);
    const settled = hash === this.#seen;
    this.#seen = hash;
    if (hash === this.#judged) {
      this.#known = known;
      return POLL_MS;
    }
    if (!settled) return AGAIN_MS;
    if (this.#emptySince !== undefined && nowMs - this.#emptySince < EMPTY_MS) return AGAIN_MS;
    if (this.#closed) return POLL_MS;
    this.#judged = hash;
    await onChange(bytes);
    // What was saved meanwhile was not heard.
    return AGAIN_MS;
  }

  /**
   * Of a large file: which it is, its size and its time of change; undefined: it is small, or too young to tell
   * two contents apart by that. @throws Error when it is too large, or not there
   */
  async #stamp(): Promise<string | undefined> {
    const { ino, size, mtimeMs } = await stat(this.#options.file);
    const tooLarge = this.#options.tooLarge?.(size);
    if (tooLarge !== undefined) throw new Error(tooLarge);
    const ageMs = this.#options.clock.now() / MICROS_PER_MS - mtimeMs;
    return size > LARGE_BYTES && ageMs > OLD_MS ? `${ino} ${size} ${mtimeMs}` : undefined;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
