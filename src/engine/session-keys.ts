/**
 * The keys of sessions: dense ids, and the newest session of each. A key outlives its sessions for a while;
 * once those without any are the larger part, the others move to a new table.
 */
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { Table } from './table.ts';

const NONE = -1;
/** Fewer keys without sessions than this are not worth the move. */
const IDLE_KEYS_MIN = 64;

export class SessionKeys {
  /** By row of the batch at hand. */
  ids = new Int32Array(0);
  /** By key; -1: it has no session. As long as there are keys, or longer. */
  newest = new Int32Array(0);
  readonly #types: readonly DataType[];
  readonly #seed: number;
  #table: Table;
  #idle = 0;

  constructor(types: readonly DataType[], seed: number) {
    this.#types = types;
    this.#seed = seed;
    this.#table = new Table(types, [], seed);
  }

  locate(keys: readonly Column[], rows: Int32Array | null, count: number): void {
    if (count === 0) return;
    const end = rows === null ? count : rows[count - 1] + 1;
    if (this.ids.length < end) this.ids = new Int32Array(2 * end);
    const before = this.#table.size;
    this.#table.locate(keys, rows, count, this.ids);
    const { size } = this.#table;
    if (this.newest.length < size) {
      const newest = new Int32Array(2 * size).fill(NONE);
      newest.set(this.newest);
      this.newest = newest;
    }
    // Each of them gets a session from this very batch.
    this.#idle += size - before;
  }

  /** How many keys have a session. */
  get used(): number {
    return this.#table.size - this.#idle;
  }

  columns(): readonly Column[] {
    return this.#table.keys();
  }

  /** A session is the newest of a key. */
  enter(key: number, id: number): void {
    if (this.newest[key] === NONE) this.#idle--;
    this.newest[key] = id;
  }

  /** The last session of a key has gone. */
  leave(key: number): void {
    this.newest[key] = NONE;
    this.#idle++;
  }

  /** Forgets keys without sessions, if they are many. Keys then have other ids, in the same order. */
  compact(): boolean {
    const { size } = this.#table;
    if (this.#idle < IDLE_KEYS_MIN || 2 * this.#idle < size) return false;
    const kept = new Int32Array(size - this.#idle);
    let count = 0;
    for (let key = 0; key < size; key++) if (this.newest[key] !== NONE) kept[count++] = key;
    const table = new Table(this.#types, [], this.#seed);
    const moved = new Int32Array(size);
    table.locate(this.#table.keys(), kept, count, moved);
    const newest = new Int32Array(count);
    for (let i = 0; i < count; i++) newest[i] = this.newest[kept[i]];
    this.#table = table;
    this.newest = newest;
    this.#idle = 0;
    return true;
  }
}
