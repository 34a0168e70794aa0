import { entry, valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const exits = (second: string): string =>
  withOrders('exits:\n  invoices: { from: orders, for: biller }\n').replace(
    'exits:',
    `  biller: { command: [node, biller.js] }\n  ${second}: { command: [node, second.js] }\nexits:\n` +
      `  results: { from: orders, for: ${second} }`,
  );

export const blockedNeighbour: Rule = {
  slug: 'blocked-neighbour',
  severity: 'info',
  explain:
    'An exit that is full stops the lanes, so that nothing is lost. Then the other exits get nothing either, and the vehicles they are for wait for one that does not come.',
  wrong: exits('board'),
  right: withOrders('exits:\n  results: { from: orders, for: shop }\n'),
  check,
};

function check({ topology, data, complete, report }: RuleContext): void {
  if (!complete) return;
  const blocking = [...topology.exits.values()].filter(({ name }) => {
    const onFull = entry(valueAt(data, ['exits', name, 'hold']), 'on_full');
    return onFull === undefined || onFull === 'block';
  });
  for (const exit of blocking) {
    const own = new Set(exit.for);
    const others = [...topology.exits.values()].flatMap((other) => other.for);
    const stopped = [...new Set(others)]
      .filter((vehicle) => topology.vehicles.has(vehicle) && !own.has(vehicle))
      .sort();
    if (own.size === 0 || stopped.length === 0) continue;
    const names = stopped.map((vehicle) => `"${vehicle}"`).join(', ');
    report({
      path: ['exits', exit.name],
      onKey: true,
      message: `if "${exit.name}" fills up, ${names} ${stopped.length === 1 ? 'gets' : 'get'} nothing more either`,
    });
  }
}
