/** The exit does not say for whom it is; what it holds may wait for nobody. */
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const exitWithoutVehicle: Rule = {
  slug: 'exit-without-vehicle',
  severity: 'info',
  explain: 'The exit does not say for whom it is; what it holds may wait for nobody.',
  wrong: example({ exits: 'out: { from: dear }' }),
  right: example(),
  check: ({ exits }: Topology, report: Report) => {
    for (const exit of exits.values()) {
      if (exit.for.length > 0) continue;
      const message = `exit "${exit.name}" does not say which vehicle it is for`;
      const path = ['exits', exit.name];
      report.add({
        rule: 'exit-without-vehicle',
        path,
        onKey: true,
        message,
        hint: 'write for: NAME',
      });
    }
  },
};
