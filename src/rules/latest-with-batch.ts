import { valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const exits = (delivery: string): string =>
  withOrders(
    `exits:\n  results: { from: orders, for: shop, hold: { keep: latest, key: id }${delivery} }\n`,
  );

export const latestWithBatch: Rule = {
  slug: 'latest-with-batch',
  severity: 'error',
  explain:
    'A message of many records has no one key, so a newer record could never take the place of an older one in it.',
  wrong: exits(', delivery: { batch: { records: 10, after: 1s } }'),
  right: exits(''),
  check,
};

function check({ topology, data, report }: RuleContext): void {
  for (const { name, hold } of topology.exits.values()) {
    const path = ['exits', name, 'delivery', 'batch'];
    if (hold.keep !== 'latest' || valueAt(data, path) === undefined) continue;
    report({
      path,
      onKey: true,
      message: `"${name}" keeps the latest of each key, which many records in one message have not`,
      hint: 'leave out "batch", or write keep: all',
      related: [{ path: ['exits', name, 'hold', 'keep'], message: 'kept here' }],
    });
  }
}
