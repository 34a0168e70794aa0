/** Operators feed themselves, so none of them could ever begin. */
import type { Report } from '../diagnostics/report.ts';
import { topologicalOrder } from '../topology/graph.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const cycle: Rule = {
  slug: 'cycle',
  severity: 'error',
  explain: 'Operators feed themselves, so none of them could ever begin.',
  wrong: example({
    operators:
      'dear: { type: filter, from: cheap, where: price > 100 }\ncheap: { type: filter, from: dear, where: price < 200 }',
    exits: 'out: { from: orders, for: shop }',
  }),
  right: example({ operators: 'dear: { type: filter, from: orders, where: price > 100 }' }),
  check: (topology: Topology, report: Report) => {
    for (const ring of topologicalOrder(topology).rings) {
      const way = [...ring]
        .reverse()
        .concat(ring[ring.length - 1])
        .join(' -> ');
      const message = `the operators feed themselves: ${way}`;
      report.add({ rule: 'cycle', path: ['operators', ring[0], 'from'], message });
    }
  },
};
