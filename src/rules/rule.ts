/**
 * The contract of a rule: its permanent slug, how much it weighs, what it means to a person, and an example
 * of each side. Rules over the whole model also have a `check`; the others are found where the text, a shape
 * or an expression is read, and only their slug is emitted there.
 */
import type { Severity } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/report.ts';
import type { Plan } from '../topology/plan.ts';
import type { Topology } from '../topology/topology.ts';
import type { TopologyTest } from '../topology/topology-test.ts';
import type { Value } from '../topology/value.ts';

export interface Rule {
  /** Never renamed, never used again for another thing. */
  readonly slug: string;
  readonly severity: Severity;
  /** What is wrong and why it matters, for someone who has never met it. */
  readonly explain: string;
  /** A whole file in which this, and nothing else, is found. */
  readonly wrong: string;
  /** The same, mended: nothing is found. */
  readonly right: string;
  readonly check?: (context: RuleContext) => void;
  /** What can be judged only when all the rest is well enough to be planned. */
  readonly checkPlan?: (context: PlanContext) => void;
  /** What is said only where nothing is wrong or doubtful: whoever has mistakes to mend has enough to do. */
  readonly advise?: (context: PlanContext) => void;
}

export interface RuleContext {
  readonly topology: Topology;
  readonly tests: readonly TopologyTest[];
  /** The file as it was written, where the model has filled in defaults; references resolved. */
  readonly data: Value;
  /** The same with references as they stand in the text. */
  readonly written: Value;
  /** Every element that the author named could be read, so a name that is not there is a wrong name. */
  readonly allNamed: boolean;
  /** Everything could be read, so what no one mentions is really not mentioned. */
  readonly complete: boolean;
  /** A finding of this rule. */
  readonly report: (finding: Omit<Finding, 'rule'>) => void;
}

export interface PlanContext extends RuleContext {
  readonly plan: Plan;
}
