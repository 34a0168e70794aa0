import { valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

export const exitWithoutVehicle: Rule = {
  slug: 'exit-without-vehicle',
  severity: 'info',
  explain:
    'Nobody is named in "for". Anyone may attach and take the records, but a reader of this file does not learn who does.',
  wrong: withOrders('exits:\n  results: { from: orders }\n'),
  right: withOrders('exits:\n  results: { from: orders, for: shop }\n'),
  check,
};

function check({ topology, data, complete, report }: RuleContext): void {
  if (!complete) return;
  for (const { name } of topology.exits.values()) {
    if (valueAt(data, ['exits', name, 'for']) !== undefined) continue;
    report({
      path: ['exits', name],
      onKey: true,
      message: `exit "${name}" does not say which vehicle it is for`,
    });
  }
}
