import { eventWindows } from './event-windows.ts';
import { inFile } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

const two = (idle: string): string =>
  inFile(`vehicles:
  shop:
    lanes:
      web: { listen: 7001, fields: { id: long, at: timestamp }, event_time: at }
      phone:
        listen: 7002
        fields: { id: long, at: timestamp }
        event_time: { field: at, idle_timeout: ${idle} }
operators:
  orders: { type: union, from: [web, phone] }
  counts: { type: aggregate, from: orders, window: { tumble: 1m }, fields: { n: count(*) } }
exits:
  counts: { from: counts, for: shop }
`);

export const idleLaneStalls: Rule = {
  slug: 'idle-lane-stalls',
  severity: 'warning',
  explain:
    'Several lanes meet at a window, and one of them is never taken for idle. When it falls silent, the window stays open for all of them.',
  wrong: two('never'),
  right: two('10m'),
  check,
};

function check({ topology, report }: RuleContext): void {
  const said = new Set<string>();
  for (const { operator, lanes } of eventWindows(topology)) {
    if (lanes.length < 2) continue;
    for (const { name, vehicle, eventTime } of lanes) {
      if (eventTime === null || eventTime.idleTimeout !== null || said.has(name)) continue;
      // That it is waited for is meant, unless live lanes are there too: `schedule-holds-time`.
      if (topology.vehicles.get(vehicle)?.schedule != null) continue;
      said.add(name);
      report({
        path: [...pathOf(vehicle, name), 'event_time', 'idle_timeout'],
        message: `while lane "${name}" is silent, no window of "${operator}" closes`,
        hint: 'write a duration, such as 10m, after which the others go on without it',
        related: [{ path: ['operators', operator], message: 'lanes meet here' }],
      });
    }
  }
}
