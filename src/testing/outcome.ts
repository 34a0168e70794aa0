/** What came of a test: values, for whoever prints them. Nothing here is printed. */
import type { ReadRecord } from '../codecs/message-reader.ts';
import type { Path } from '../diagnostics/report.ts';
import type { Micros } from '../stream/time.ts';
import type { Mapping } from '../topology/value.ts';
import type { StepPlace } from './exits.ts';

export interface TestOutcome {
  readonly name: string;
  readonly path: Path;
  /** Empty: it has passed. All of one step, at which it ended. */
  readonly failures: readonly Failure[];
  /** Expectations that the author left empty, and what to fill in. */
  readonly recorded: readonly Recorded[];
  /** How much time has passed in it. */
  readonly virtual: Micros;
  /** Streams that have carried a record. */
  readonly carried: ReadonlySet<string>;
}

export interface Failure {
  readonly path: Path;
  /** Counts from 1. */
  readonly step: number;
  /** `expect invoices`, `reload`. */
  readonly what: string;
  readonly message: string;
  /** Records side by side, where there are any. */
  readonly rows: readonly DiffRow[];
  /** The fields of them that matter, in order. */
  readonly columns: readonly string[];
}

export type DiffRow =
  | { readonly sign: '='; readonly record: ReadRecord }
  | { readonly sign: '-'; readonly record: Mapping }
  /** With the step in which it came. */
  | { readonly sign: '+'; readonly record: ReadRecord; readonly step: StepPlace };

export interface Recorded {
  readonly path: Path;
  readonly records: readonly ReadRecord[];
}
