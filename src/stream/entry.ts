/**
 * The entries of the lane log: everything from outside that the engine may know. The engine is a
 * deterministic function of the sequence of these.
 */
import type { Micros } from './time.ts';

/** Position in the endless log, in bytes. */
export type Lsn = number;
/** The dense number of a lane, exit or vehicle in this state directory; never used twice. */
export type Id = number;

/**
 * How a connection ended. Only `end` is an orderly end of input, which lets an unterminated last line count.
 * `refused`: we have closed it because of what came over it.
 */
export type ConnectionEnd = 'end' | 'reset' | 'limit' | 'stop' | 'refused';

/** How a run ended: its program left with 0, or otherwise, or it was made to leave before it was done. */
export type RunOutcome = 'clean' | 'failed' | 'stopped';

/** Why a message goes to the dead letter: its receiver refused it, it failed too often, or its hold is full. */
export interface Refusal {
  readonly reason: 'rejected' | 'too-many-deliveries' | 'hold-full';
  /** The receiver's error, a symbol; empty if it gave none. */
  readonly condition: string;
  readonly description: string;
}

export type Entry =
  /** Bytes as they came from the socket. The engine finds the lines; lanes never look for them. */
  | {
      readonly kind: 'chunk';
      readonly lane: Id;
      readonly connection: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'opened';
      readonly lane: Id;
      readonly connection: number;
      readonly peer: string;
    }
  | {
      readonly kind: 'closed';
      readonly lane: Id;
      readonly connection: number;
      readonly how: ConnectionEnd;
    }
  /** Nothing but the time: a timer of the engine is due. */
  | { readonly kind: 'tick' }
  | {
      readonly kind: 'run';
      readonly vehicle: Id;
      readonly run: number;
      readonly phase: 'began' | 'ended';
      /** Of an ended one; null: it begins. The next to begin under its number repeats it. */
      readonly outcome: RunOutcome | null;
      /** When its schedule meant it to begin; null: no schedule did, or it ends. */
      readonly planned: Micros | null;
    }
  /** A clean end of a run: closes the windows that contain the lane's newest record. */
  | { readonly kind: 'finish'; readonly lane: Id }
  /** The end of a bounded run: the lane's time goes to infinity. */
  | { readonly kind: 'close'; readonly lane: Id }
  /** A message of an exit becomes a dead letter, by which its own number is settled. */
  | ({
      readonly kind: 'redirect';
      readonly exit: Id;
      readonly sequence: number;
      /** The message as it is held, or its first bytes. */
      readonly bytes: Uint8Array;
      /** Of the whole message. */
      readonly size: number;
    } & Refusal)
  /**
   * A table of a `lookup` has another content from here on: the whole of it, or a piece. Pieces follow each
   * other; the last one, with which `size` bytes are there, puts it in force.
   */
  | {
      readonly kind: 'lookup';
      readonly table: Id;
      /** SHA-256 of the whole, in hex. */
      readonly hash: string;
      /** Bytes of the whole, and those before this piece. */
      readonly size: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** A topology is in force from here on. `plan` is canonical JSON. */
  | {
      readonly kind: 'commit';
      readonly revision: number;
      readonly plan: string;
      readonly hash: string;
    }
  /** A process took the log over. Connections open before it are closed, their partial lines torn. */
  | {
      readonly kind: 'restart';
      readonly epoch: number;
      readonly engine: number;
      readonly v8: string;
      readonly unicode: string;
    };

/** An entry as the log stamped it. `at` is log time: arrival time, clamped never to go back. */
export type LogEntry = { readonly lsn: Lsn; readonly at: Micros } & Entry;
