/** A name leads to no lane, operator or vehicle. */

import type { Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const danglingReference: Rule = {
  slug: 'dangling-reference',
  severity: 'error',
  explain: 'A name leads to no lane, operator or vehicle.',
  wrong: example({ operators: 'dear: { type: filter, from: order, where: price > 100 }' }),
  right: example(),
  check: (topology: Topology, report: Report) => {
    const streams = [...topology.lanes.keys(), ...topology.operators.keys()];
    const vehicles = [...topology.vehicles.keys()];
    const lead = (
      name: string,
      all: readonly string[],
      path: (string | number)[],
      kind: string,
    ) => {
      if (name === '' || all.includes(name)) return;
      const near = nearest(name, all);
      const hint = near === undefined ? `there are: ${all.join(', ')}` : `did you mean "${near}"?`;
      report.add({
        rule: 'dangling-reference',
        path,
        message: `no ${kind} is called "${name}"`,
        hint,
      });
    };
    for (const { name, from } of topology.operators.values()) {
      for (const one of from) lead(one, streams, ['operators', name, 'from'], 'lane or operator');
    }
    for (const exit of topology.exits.values()) {
      lead(exit.from, streams, ['exits', exit.name, 'from'], 'lane or operator');
      for (const one of exit.for) lead(one, vehicles, ['exits', exit.name, 'for'], 'vehicle');
    }
  },
};
