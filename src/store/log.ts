/**
 * The lane log as the runner sees it. `lane-log.ts` keeps it on a disk; `memory-log.ts` keeps nothing, for
 * flows that are not to outlive their process.
 */
import type { LogEntry, Lsn } from '../stream/entry.ts';
import type { RoundaboutError } from '../stream/error.ts';
import type { Journal } from '../stream/port.ts';

export interface Replayed {
  readonly entries: number;
  readonly bytes: number;
  readonly tornBytes: number;
}

export interface Log extends Journal {
  /** The log's first entry; undefined: it is new. */
  first(): Promise<LogEntry | undefined>;
  /**
   * Gives every entry there is to `apply`, in order, and finds the end.
   * @param between is awaited after each group
   * @param evidence the highest position that a stored result names as its cause
   * @throws RoundaboutError `data-damaged`; what `apply` throws
   */
  replay(
    apply: (entry: LogEntry) => void,
    between: () => Promise<void>,
    evidence: Lsn,
  ): Promise<Replayed>;
  /** @param calls onDurable gets every entry once, in order, valid until it returns */
  start(calls: {
    readonly onDurable: (entries: readonly LogEntry[]) => void;
    readonly onFailure: (error: RoundaboutError) => void;
  }): void;
  /** Bytes that are stored. */
  readonly storedBytes: number;
  /** Appended but not yet durable. */
  readonly pendingBytes: number;
  /** Resolves when everything appended so far is durable and has been delivered. */
  flush(): Promise<void>;
  /** Delivers what has been appended, and closes. */
  close(): Promise<void>;
}
