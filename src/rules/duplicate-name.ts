import type { Path } from '../diagnostics/report.ts';
import { elements } from '../topology/read-value.ts';
import { entry, isMapping, type Mapping } from '../topology/value.ts';
import { withOrders } from './example.ts';
import { lanesIn, pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';
import { FURTHER_STREAMS } from './streams-in.ts';

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
  const add = (name: string, path: Path, noun: string, onKey = true): void => {
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, { path, noun });
      return;
    }
    report({
      path,
      onKey,
      message: `"${name}" is the name of ${other.noun} already`,
      hint: 'lanes and operators share one namespace: give one of them another name',
      related: [{ path: other.path, message: `${other.noun} "${name}"` }],
    });
  };
  for (const { name, vehicle } of lanesIn(data)) {
    add(name, pathOf(vehicle, name), `a lane of "${vehicle}"`);
  }
  const lanes = lanesIn(data).map(({ name, vehicle, lane }) => ({
    name,
    path: pathOf(vehicle, name),
    element: lane,
  }));
  const others = ['vehicles', 'operators', 'exits'].map((top) =>
    elements(entry(data, top)).map(([name, element]) => ({ name, path: [top, name], element })),
  );
  for (const group of [lanes, ...others]) formerNames(group, report);
  const operators = elements(entry(data, 'operators'));
  for (const [name] of operators) add(name, ['operators', name], 'an operator');
  for (const { name, path, element } of lanes) {
    const late = element.get('late_to');
    if (typeof late === 'string') add(late, [...path, 'late_to'], `a stream of "${name}"`, false);
  }
  for (const [name, operator] of operators) {
    for (const field of FURTHER_STREAMS) {
      const value = operator.get(field);
      const path = ['operators', name, field];
      if (typeof value === 'string') add(value, path, `a stream of "${name}"`, false);
      for (const [side, stream] of isMapping(value) ? value : []) {
        if (typeof stream === 'string')
          add(stream, [...path, side], `a stream of "${name}"`, false);
      }
    }
  }
}

/** A former name that something else still has says nothing about what was renamed. */
function formerNames(
  group: readonly { readonly name: string; readonly path: Path; readonly element: Mapping }[],
  report: RuleContext['report'],
): void {
  for (const { path, element } of group) {
    const was = element.get('was');
    const other = group.find(({ name }) => name === was);
    if (other === undefined) continue;
    report({
      path: [...path, 'was'],
      message: `"${other.name}" is still there, so this was not renamed from it`,
      hint: 'leave out was, or rename the other one',
      related: [{ path: other.path, message: `"${other.name}"` }],
    });
  }
}
