/**
 * What a rule is: its slug, how bad it is, what it means, and an example that breaks it beside one that
 * does not; the examples are its test. Rules with a `check` judge the model; the others name what a lower
 * layer reports.
 */
import type { Severity } from '../diagnostics/diagnostic.ts';
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';

export interface Rule {
  readonly slug: string;
  readonly severity: Severity;
  /** What it means and why it matters, in one or two sentences. */
  readonly explain: string;
  /** A whole file with exactly this finding; absent where the finding is about bytes, not text. */
  readonly wrong: string;
  /** The same, mended. */
  readonly right: string;
  readonly check?: (topology: Topology, report: Report) => void;
}
