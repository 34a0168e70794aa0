import type { Path } from '../diagnostics/report.ts';
import { elements } from '../topology/read-value.ts';
import { entry } from '../topology/value.ts';
import { withOrders } from './example.ts';
import { lanesIn, pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const duplicateName: Rule = {
  slug: 'duplicate-name',
  severity: 'error',
  explain:
    'Lanes and operators share one namespace, across all vehicles, and the fields of a record another: a name must say which one is meant.',
  wrong: withOrders(`operators:
  orders: { type: filter, from: orders, where: amount > 10 }
exits:
  results: { from: orders, for: shop }
`),
  right: withOrders(`operators:
  large_orders: { type: filter, from: orders, where: amount > 10 }
exits:
  results: { from: large_orders, for: shop }
`),
  check,
};

function check({ data, report }: RuleContext): void {
  const first = new Map<string, { readonly path: Path; readonly noun: string }>();
  const add = (name: string, path: Path, noun: string): void => {
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, { path, noun });
      return;
    }
    report({
      path,
      onKey: true,
      message: `"${name}" is the name of ${other.noun} already`,
      hint: 'lanes and operators share one namespace: give one of them another name',
      related: [{ path: other.path, message: `${other.noun} "${name}"` }],
    });
  };
  for (const { name, vehicle } of lanesIn(data)) {
    add(name, pathOf(vehicle, name), `a lane of "${vehicle}"`);
  }
  for (const [name] of elements(entry(data, 'operators'))) {
    add(name, ['operators', name], 'an operator');
  }
}
