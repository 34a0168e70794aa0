/** The lane waits longer for late records than the window is long, so several windows are always open. */

import type { Report } from '../diagnostics/report.ts';
import { formatDuration } from '../stream/time.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';
import { lanesOf, tumbleOf } from './upstream.ts';

export const latenessExceedsWindow: Rule = {
  slug: 'lateness-exceeds-window',
  severity: 'warning',
  explain:
    'The lane waits longer for late records than the window is long, so several windows are always open.',
  wrong: example({
    lane: 'listen: 7101\nfields: { id: long, price: double, at: timestamp }\nevent_time: { field: at, max_delay: 1m }',
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
      const size = tumbleOf(operator);
      if (size === undefined) continue;
      const lane = lanesOf(topology, operator.name).find(
        (one) => (one.eventTime?.maxDelay ?? 0) > size,
      );
      if (lane === undefined) continue;
      const delay = formatDuration(lane.eventTime?.maxDelay ?? 0);
      const message = `lane "${lane.name}" waits ${delay}, longer than this window of ${formatDuration(size)}`;
      const path = ['operators', operator.name, 'window'];
      report.add({ rule: 'lateness-exceeds-window', path, message });
    }
  },
};
