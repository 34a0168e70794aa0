import { resolve } from '../topology/resolve.ts';
import { entry, valueAt } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

export const cycle: Rule = {
  slug: 'cycle',
  severity: 'error',
  explain: 'Operators that feed themselves would go round for ever: records only move on.',
  wrong: withOrders(`operators:
  large: { type: filter, from: checked, where: amount > 10 }
  checked: { type: filter, from: large, where: id > 0 }
exits:
  results: { from: checked, for: shop }
  all: { from: orders, for: shop }
`),
  right: withOrders(`operators:
  large: { type: filter, from: orders, where: amount > 10 }
  checked: { type: filter, from: large, where: id > 0 }
exits:
  results: { from: checked, for: shop }
`),
  check,
};

/** A ring of more names than this is not read to its end. */
const SHOWN_MAX = 8;

function check({ topology, data, report }: RuleContext): void {
  for (const ring of resolve(topology).rings) {
    const [first] = ring;
    const form = entry(valueAt(data, ['operators', first]), 'left') === undefined ? 'from' : 'left';
    const path = ['operators', first, form];
    const around = [
      ...ring.slice(0, SHOWN_MAX),
      ...(ring.length > SHOWN_MAX ? ['...'] : []),
      first,
    ].join(' -> ');
    const message =
      ring.length === 1 ? `"${first}" reads itself` : `these operators feed themselves: ${around}`;
    report({
      path,
      message,
      hint: 'let one of them read a lane or an operator outside of the ring',
      related: ring
        .slice(1, SHOWN_MAX)
        .map((name) => ({ path: ['operators', name], message: 'part of the ring' })),
    });
  }
}
