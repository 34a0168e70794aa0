/** A window by event time reads a lane that declares none, so records fall into it by when they arrive. */
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';
import { lanesOf, tumbleOf } from './upstream.ts';

export const windowByArrival: Rule = {
  slug: 'window-by-arrival',
  severity: 'warning',
  explain:
    'A window by event time reads a lane that declares none, so records fall into it by when they arrive.',
  wrong: example({
    lane: 'listen: 7101\nfields: { id: long, price: double }',
    operators:
      'per: { type: aggregate, from: orders, window: { tumble: 10s }, group_by: id, fields: { n: count(*) } }',
    exits: 'out: { from: per, for: shop }',
  }),
  right: example({
    operators:
      'per: { type: aggregate, from: orders, window: { tumble: 10s }, group_by: id, fields: { n: count(*) } }',
    exits: 'out: { from: per, for: shop }',
  }),
  check: (topology: Topology, report: Report) => {
    for (const operator of topology.operators.values()) {
      if (tumbleOf(operator) === undefined) continue;
      const lane = lanesOf(topology, operator.name).find((one) => one.eventTime === null);
      if (lane === undefined) continue;
      const message = `lane "${lane.name}" declares no event time, so this window goes by arrival`;
      const hint = 'write event_time on the lane, or window: { batch: ... } if arrival is meant';
      const path = ['operators', operator.name, 'window'];
      report.add({ rule: 'window-by-arrival', path, message, hint });
    }
  },
};
