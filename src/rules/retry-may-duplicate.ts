import { lanesBehind } from '../topology/resolve.ts';
import type { Topology } from '../topology/topology.ts';
import { entry, valueAt } from '../topology/value.ts';
import { inFile } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

const nightly = (between: string): string =>
  inFile(`vehicles:
  nightly:
    command: [node, nightly.js]
    schedule: { cron: "15 4 * * *" }
    lanes:
      sales: { fields: { id: long, at: timestamp }, event_time: at }
${between}  sales: { from: ${between === 'exits:\n' ? 'sales' : 'once'}, for: nightly }
`);

export const retryMayDuplicate: Rule = {
  slug: 'retry-may-duplicate',
  severity: 'warning',
  explain:
    'A run that fails is repeated from its beginning. What it had sent before it failed was taken, so its records come twice, unless a dedupe stands behind the lane.',
  wrong: nightly('exits:\n'),
  right: nightly(
    'operators:\n  once: { type: dedupe, from: sales, key: id, within: 2d }\nexits:\n',
  ),
  check,
};

function check({ topology, data, complete, report }: RuleContext): void {
  if (!complete) return;
  const reached = reachedTwice(topology);
  for (const { name, schedule, restart, lanes, command } of topology.vehicles.values()) {
    // Where neither is said, a program is taken for one that goes on where it was.
    const written = entry(valueAt(data, ['vehicles', name]), 'restart') !== undefined;
    if (command === null || restart.policy === 'never' || (schedule === null && !written)) continue;
    for (const lane of lanes) {
      if (!reached.has(lane)) continue;
      report({
        path: pathOf(name, lane),
        onKey: true,
        message: `when a run of "${name}" fails it is repeated, and what it brought before comes again`,
        hint: 'put a dedupe behind the lane, or write restart: { policy: never }',
      });
    }
  }
}

/** Lanes whose records come to an exit without a dedupe in between. */
function reachedTwice(topology: Topology): ReadonlySet<string> {
  const lanes = [...topology.exits.values()].flatMap(({ from }) =>
    lanesBehind(topology, from, ({ type }) => type !== 'dedupe'),
  );
  return new Set(lanes);
}
