/**
 * The tests that a topology file carries, as a model. They are no part of the topology: an edit of a test
 * changes nothing that runs. Whether the names in them lead anywhere is for the rules.
 */
import type { Path } from '../diagnostics/report.ts';
import type { Micros } from '../stream/time.ts';
import type { Mapping } from './value.ts';

/** What a receiver of a test does with each message. */
export type Outcome = 'accepted' | 'released' | 'rejected';

export interface TopologyTest {
  readonly name: string;
  readonly path: Path;
  readonly start: Micros;
  readonly steps: readonly TestStep[];
}

export type TestStep = { readonly path: Path } & (
  | { readonly kind: 'feed'; readonly lanes: readonly LaneFeed[] }
  | { readonly kind: 'advance'; readonly by: Micros }
  | {
      readonly kind: 'attach';
      readonly vehicle: string;
      /** null: no bound. */
      readonly credit: number | null;
      readonly outcome: Outcome;
      readonly side: Side;
    }
  | {
      readonly kind: 'detach';
      readonly vehicle: string;
      readonly end: 'clean' | 'failed';
      readonly side: Side;
    }
  | {
      readonly kind: 'reload';
      /** null: the same file. */
      readonly file: string | null;
      /** What must become of elements, by name. */
      readonly fates: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'restart' }
  | { readonly kind: 'close' }
  | { readonly kind: 'expect'; readonly looks: readonly Look[] }
);

export type Side = 'both' | 'lanes' | 'exits';

export interface LaneFeed {
  readonly lane: string;
  readonly path: Path;
  /** What the vehicle sends, or a file with it. */
  readonly data: { readonly lines: readonly FedLine[] } | { readonly file: string };
}

/** One line or several; the end of the last one may be left out. */
export interface FedLine {
  /** As it is sent; of a record, its JSON. */
  readonly text: string;
  /** null: it was written as a text, and is sent as such whatever the codec. */
  readonly record: FedRecord | null;
}

/** Values of a record as they were written, by field; null: NULL. */
export type FedRecord = ReadonlyMap<string, string | null>;

/** One thing that is looked at. */
export type Look = { readonly path: Path } & (
  | { readonly what: 'exit'; readonly exit: string; readonly expected: Expected | null }
  | {
      readonly what: 'received';
      readonly vehicle: string;
      readonly exit: string;
      readonly expected: Expected | null;
    }
  | { readonly what: 'held' | 'late'; readonly name: string; readonly count: number }
  | { readonly what: 'watermark'; readonly name: string; readonly at: string }
);

/** The dead letter is looked at as an exit of this name. */
export const DEAD_LETTER = 'dead_letter';
/** What `expect` knows besides the names of exits. */
export const LOOKS: readonly string[] = ['received', 'held', 'late', 'watermark', DEAD_LETTER];

/** Records that must have come, all of them; null in its place: whatever comes is to be recorded. */
export interface Expected {
  readonly path: Path;
  readonly records: readonly Mapping[];
  readonly ordered: boolean;
  readonly exact: boolean;
  /** Of numbers, as a share of the greater one. */
  readonly tolerance: number;
}
