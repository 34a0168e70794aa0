import { lanesBehind, lanesTiming } from '../topology/resolve.ts';
import { timedBy } from '../topology/streams.ts';
import type { Lane, Topology } from '../topology/topology.ts';
import { eventWindows } from './event-windows.ts';
import { inFile } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

const prices = (time: string): string =>
  inFile(`vehicles:
  nightly:
    command: [node, nightly.js]
    schedule: { cron: "15 4 * * *" }
    restart: { policy: never }
    lanes:
      prices: { fields: { item: long, price: double, at: timestamp }, event_time: ${time} }
  till:
    lanes:
      sales: { listen: 7001, fields: { item: long, sold: timestamp }, event_time: sold }
operators:
  priced: { type: join, kind: inner, left: sales, right: prices, key: item, within: 1d }
exits:
  priced: { from: priced, for: till }
`);

export const scheduleHoldsTime: Rule = {
  slug: 'schedule-holds-time',
  severity: 'warning',
  explain:
    'A lane that comes by schedule is waited for between two runs, since its data is always a run behind. What a live lane brings is then kept until the next run has come.',
  wrong: prices('at'),
  right: prices('{ field: at, idle_timeout: 10m }'),
  check,
};

function check({ topology, report }: RuleContext): void {
  const isScheduled = ({ vehicle }: Lane): boolean =>
    topology.vehicles.get(vehicle)?.schedule != null;
  const waits = meetings(topology).flatMap(({ operator, lanes }) => {
    const holds = lanes.find(
      (lane) => isScheduled(lane) && lane.eventTime !== null && lane.eventTime.idleTimeout === null,
    );
    const live = lanes.filter((lane) => !isScheduled(lane));
    return holds === undefined || live.length === 0 ? [] : [{ operator, holds, live }];
  });
  const waiting = new Set(waits.map(({ operator }) => operator));
  for (const { operator, holds, live } of waits) {
    // What has waited for the run at an operator before this one does not wait for it again.
    const fresh = lanesBehind(topology, operator, (one) =>
      one.name !== operator && waiting.has(one.name) ? [] : timedBy(one),
    );
    const first = live.find(({ name }) => fresh.includes(name));
    if (first === undefined) continue;
    report({
      path: ['operators', operator],
      onKey: true,
      message: `what lane "${first.name}" brings waits at "${operator}" for the next run of "${holds.vehicle}"`,
      hint: `that keeps records until the run they belong to has come; a join that is to take what the last run brought says as_of: arrival and a retention, and an idle_timeout such as 10m at lane "${holds.name}" ends the wait anywhere`,
      related: [{ path: pathOf(holds.vehicle, holds.name), message: 'comes by schedule' }],
    });
  }
}

/** Operators at which the time of several lanes counts: joins of their records, and windows over them. */
function meetings(
  topology: Topology,
): readonly { readonly operator: string; readonly lanes: readonly Lane[] }[] {
  const joins = [...topology.operators.values()]
    .filter(({ type, spec }) => type === 'join' && spec.get('as_of') !== 'arrival')
    .map(({ name }) => ({
      operator: name,
      lanes: lanesTiming(topology, name).flatMap((lane) => topology.lanes.get(lane) ?? []),
    }));
  const known = new Set(joins.map(({ operator }) => operator));
  return [...joins, ...eventWindows(topology).filter(({ operator }) => !known.has(operator))];
}
