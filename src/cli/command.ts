/** What a command is: one file with its arguments, and the work, loaded when it is called. */
import type { Command } from 'commander';

/** Where a command reads and writes; results go to `out`, everything else to `err`. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly input: NodeJS.ReadableStream;
}

export interface CommandEntry {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Is for other programs, and not listed. */
  readonly hidden?: boolean;
  /** Adds arguments and options; the action resolves to the exit code. */
  readonly define: (command: Command, run: (work: () => Promise<number>) => Promise<void>) => void;
}

/** Where a command finds the secret it logs in with: arguments are public. */
export const SECRET_VARIABLE = 'ROUNDABOUT_SECRET';
