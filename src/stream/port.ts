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
  /** What tells the messages apart, of an exit that keeps the latest of each key. */
  readonly keys?: MessageKeys | undefined;
}

/** Key i is bytes[ends[i - 1] ?? 0 .. ends[i]]; messages of equal bytes have the same key. */
export interface MessageKeys {
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
}

/**
 * How much may be held, and for how long. Nothing of it reaches the engine, whose results are a function of
 * the log alone: bounds act on what has been computed.
 */
export interface HoldBounds {
  /** Older messages expire, by their creation time; null: none does. */
  readonly ttl: Micros | null;
  /** null: as much as the disk takes. */
  readonly maxBytes: number | null;
  readonly maxRecords: number | null;
  /** What a hold does that has more than that. */
  readonly onFull: 'block' | 'drop_oldest' | 'dead_letter';
  /** Only the newest message of each key is held. */
  readonly latest: boolean;
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
  /** Stamps an entry and sees that it is delivered; its bytes are the caller's again when this returns. */
  append(entry: Entry): LogEntry;
}

/** Messages read back from a hold, numbered densely from `first`. Memory of whoever asked for them. */
export interface Slice {
  readonly first: Sequence;
  readonly count: number;
  readonly bytes: Buffer;
  /** Body i is bytes[ends[i - 1] ?? 0 .. ends[i]]. */
  readonly ends: Int32Array;
}

/** The reading side of a hold: what an exit offers from. Numbers that are settled are gone for good. */
export interface HeldMessages {
  /** The highest number that may be offered: its cause is durable and it is written. 0: none. */
  readonly written: Sequence;
  /** How many messages are written and not settled. */
  readonly held: number;
  /** @returns the least number >= `from`, up to `written`, that is not settled; undefined: none */
  firstHeld(from: Sequence): Sequence | undefined;
  /**
   * Reads messages from `from` on, settled ones in between included, at least one and at most about
   * `maxBytes`; `from` must be held. Reads are serial.
   */
  read(from: Sequence, maxBytes: number): Promise<Slice>;
  /** Forgets first..last, inclusive, for good. Written at once, synced within 100 ms. */
  settle(first: Sequence, last: Sequence): void;
  /** Resolves when everything settled so far is durable. */
  synced(): Promise<void>;
  /** How often the delivery of a message failed that is not settled. */
  charges(sequence: Sequence): number;
  /** Counts a failed delivery, as durably as `settle`. @returns how many there are now */
  charge(sequence: Sequence): number;
  /** Calls whenever `written` has risen, never inside `append`. */
  onWritten(call: () => void): Cancel;
  /** Names the one who offers the messages. What it has in hand does not expire, nor is it dropped or superseded. */
  offeredBy(offerer: Offerer): void;
  /** A message is in hand no more and not settled: what has waited for that may take it now. */
  cameBack(sequence: Sequence): void;
}

/** Who offers the messages of a hold, and so knows which of them are on their way. */
export interface Offerer {
  /** Lets a message go that is not in hand, and never offers it from then on. @returns false: it is in hand */
  giveUp(sequence: Sequence): boolean;
}

/** Says whether a lane may read from its sockets: closed while the log or the engine is behind. */
export interface Gate {
  readonly open: boolean;
  /** Calls once when it is open; at once (but not inside this call) if it is. */
  whenOpen(call: () => void): Cancel;
}

/** Something a person may want to know while it runs; the runner prints or counts it. */
export interface Notice {
  readonly level: 'info' | 'warning';
  /** What it is about: `lane orders`, `exit invoices`, `vehicle biller`. */
  readonly about: string;
  readonly text: string;
}
export type Notify = (notice: Notice) => void;
