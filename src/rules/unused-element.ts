/** Nothing reads the lane or operator, so its records go nowhere. */
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const unusedElement: Rule = {
  slug: 'unused-element',
  severity: 'warning',
  explain: 'Nothing reads the lane or operator, so its records go nowhere.',
  wrong: example({
    operators:
      'dear: { type: filter, from: orders, where: price > 100 }\ncheap: { type: filter, from: orders, where: price < 10 }',
  }),
  right: example(),
  check: ({ lanes, operators, exits }: Topology, report: Report) => {
    const read = new Set([...exits.values()].map((exit) => exit.from));
    for (const { from } of operators.values()) for (const one of from) read.add(one);
    const unused = (name: string, kind: string, path: (string | number)[]): void => {
      if (read.has(name)) return;
      const message = `nothing reads ${kind} "${name}"`;
      report.add({ rule: 'unused-element', path, onKey: true, message });
    };
    for (const { name, vehicle } of lanes.values()) {
      unused(name, 'lane', ['vehicles', vehicle, 'lanes', name]);
    }
    for (const name of operators.keys()) unused(name, 'operator', ['operators', name]);
  },
};
