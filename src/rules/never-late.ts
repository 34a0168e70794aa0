import { lanesBehind } from '../topology/resolve.ts';
import type { Lane } from '../topology/topology.ts';
import { entry } from '../topology/value.ts';
import { withOperator } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

const operator = withOperator(
  'type: aggregate, window: { tumble: 1m }, fields: { n: count(*) }, late_to: late_orders',
).concat('  late_orders: { from: late_orders, for: shop }\n');

export const neverLate: Rule = {
  slug: 'never-late',
  severity: 'warning',
  explain:
    'The stream of late records stays empty: time goes by arrival here, and what has just arrived is never late.',
  wrong: operator.replace('event_time: at', 'event_time: arrival'),
  right: operator,
  check,
};

function check({ topology, complete, report }: RuleContext): void {
  if (!complete) return;
  for (const { name, vehicle, eventTime, lateTo } of topology.lanes.values()) {
    if (lateTo === null || eventTime !== null) continue;
    report({
      path: [...pathOf(vehicle, name), 'late_to'],
      message: `no late record can come here: lane "${name}" goes by arrival`,
      hint: 'leave it out, or write event_time: FIELD',
    });
  }
  for (const { name, spec } of topology.operators.values()) {
    if (!spec.has('late_to')) continue;
    const path = ['operators', name, 'late_to'];
    const lanes = lanesBehind(topology, name).flatMap((lane) => topology.lanes.get(lane) ?? []);
    if (entry(spec.get('window'), 'batch') !== undefined) {
      report({ path, message: 'a window by arrival has no late records' });
    } else if (lanes.length > 0 && lanes.every(({ eventTime }) => eventTime === null)) {
      const names = lanes.map((lane) => `"${lane.name}"`).join(', ');
      report({
        path,
        message: `no late record can come here: ${names} ${lanes.length === 1 ? 'goes' : 'go'} by arrival`,
        hint: 'leave it out, or write event_time: FIELD at the lane',
      });
    } else if (lanes.length > 0 && lanes.every(isNeverLate)) {
      const [lane] = lanes.filter(({ lateTo }) => lateTo !== null);
      report({
        path,
        message: `no late record can come here: those of "${lane.name}" leave on "${lane.lateTo}"`,
        hint: 'leave it out here, or at the lane',
      });
    }
  }
}

/** Whatever reads the lane gets no late record of it. */
function isNeverLate({ eventTime, lateTo }: Lane): boolean {
  return eventTime === null || lateTo !== null;
}
