/**
 * Contracts between the engine and the world. The engine, lanes and exits never see one another: the
 * runner joins them through these.
 */
import type { Entry, LogEntry, Lsn } from './entry.ts';
import type { Micros } from './time.ts';

export type Cancel = () => void;

/** The only source of time. Implementations: `clock.ts` (system, manual). */
export interface Clock {
  /** Wall clock, microseconds since the epoch; may jump. */
  now(): Micros;
  /** Monotonic milliseconds since some start, with fraction. */
  elapsed(): number;
  /** Calls once, not before `at` (wall clock); at once if that has passed, but never inside this call. */
  wake(at: Micros, call: () => void): Cancel;
}

/** The dense number of a message at an exit, from 1; its AMQP message id. */
export type Sequence = number;

/**
 * Encoded messages of one exit, numbered densely from `first`. Body i is
 * bytes[ends[i - 1] ?? 0 .. ends[i]]. All come from one log entry. Valid until the call returns.
 */
export interface Bodies {
  readonly first: Sequence;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
  readonly at: Micros; // log time: creation-time of the messages
  readonly cause: Lsn; // the entry that caused them
}

/** Where the results of one exit go. `store/hold.ts` is the durable one. */
export interface Hold {
  /** The number the next message must carry when it is new. */
  readonly next: Sequence;
  /**
   * Takes messages over. Those numbered below `next` (a replay) are compared with what is held, by
   * checksum, and not stored again.
   * @throws RoundaboutError `replay-differs` when a repeated message is not the one that is held
   */
  append(bodies: Bodies): void;
}

/** Where a lane or a supervisor puts what happened. */
export interface Journal {
  /** Stamps and queues an entry; bytes are copied before this returns. */
  append(entry: Entry): LogEntry;
}
