/** A topology and its plan from a text that must be valid. */
import { validateText } from '../../src/rules/validate.ts';
import type { Plan } from '../../src/topology/plan.ts';
import type { Topology } from '../../src/topology/topology.ts';

export function flowOf(text: string): { readonly topology: Topology; readonly plan: Plan } {
  const { topology, plan, findings } = validateText(text, 'test.yaml');
  if (topology === undefined || plan === undefined) {
    const words = findings.map(
      ({ rule, at, message }) => `${rule} ${at.line}:${at.column} ${message}`,
    );
    throw new Error(words.join('\n'));
  }
  return { topology, plan };
}
