/**
 * The log of `durability: memory`: stamps entries, delivers them in order, and keeps none. A chunk is
 * delivered, behind whatever waits, before `append` returns, so its bytes are never copied; all other
 * entries wait for the end of the turn, since who appends them is in the middle of something.
 */
import type { Entry, LogEntry, Lsn } from '../stream/entry.ts';
import type { Clock } from '../stream/port.ts';
import { RECORD_HEADER_BYTES } from './entry-codec.ts';
import type { Log, Replayed } from './log.ts';
import { LogTime } from './log-time.ts';

export class MemoryLog implements Log {
  readonly storedBytes = 0;
  readonly pendingBytes = 0;
  readonly #time: LogTime;
  #next: Lsn = 1;
  #waiting: LogEntry[] = [];
  #delivering = false;
  #onDurable: (entries: readonly LogEntry[]) => void = () => {};

  constructor(clock: Clock) {
    this.#time = new LogTime(clock);
  }

  first(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  replay(): Promise<Replayed> {
    return Promise.resolve({ entries: 0, bytes: 0, tornBytes: 0 });
  }

  start({ onDurable }: Parameters<Log['start']>[0]): void {
    this.#onDurable = onDurable;
  }

  append(entry: Entry): LogEntry {
    const stamped: LogEntry = { ...entry, lsn: this.#next, at: this.#time.stamp() };
    this.#next += RECORD_HEADER_BYTES + (entry.kind === 'chunk' ? entry.bytes.length : 0);
    if (entry.kind === 'chunk' && !this.#delivering) {
      this.#waiting.push(stamped);
      this.#deliver();
      return stamped;
    }
    if (this.#waiting.length === 0) queueMicrotask(() => this.#deliver());
    this.#waiting.push(
      stamped.kind === 'chunk' ? { ...stamped, bytes: Buffer.from(stamped.bytes) } : stamped,
    );
    return stamped;
  }

  async flush(): Promise<void> {
    while (this.#waiting.length > 0) await Promise.resolve();
  }

  close(): Promise<void> {
    return this.flush();
  }

  #deliver(): void {
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    this.#delivering = true;
    this.#onDurable(entries);
    this.#delivering = false;
  }
}
