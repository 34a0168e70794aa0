import { entry, valueAt } from '../topology/value.ts';
import { eventWindows } from './event-windows.ts';
import { withOperator } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

const operator = withOperator('type: aggregate, window: { tumble: 1m }, fields: { n: count(*) }');

export const windowByArrival: Rule = {
  slug: 'window-by-arrival',
  severity: 'warning',
  explain:
    'The lane does not say when its records happened, so the window goes by when they arrive, and the same data gives other results on another day.',
  wrong: operator.replace('        event_time: at\n', ''),
  right: operator.replace('event_time: at\n', 'event_time: arrival # on purpose\n'),
  check,
};

function check({ topology, data, complete, report }: RuleContext): void {
  if (!complete) return;
  for (const { path, lanes } of eventWindows(topology)) {
    for (const { name, vehicle } of lanes) {
      const lane = pathOf(vehicle, name);
      if (entry(valueAt(data, lane), 'event_time') !== undefined) continue;
      report({
        path,
        message: `the window goes by arrival: lane "${name}" has no event time`,
        hint: 'write event_time: FIELD at the lane, or event_time: arrival if that is meant',
        related: [{ path: lane, message: 'this lane' }],
      });
    }
  }
}
