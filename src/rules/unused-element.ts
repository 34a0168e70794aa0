import { nearest } from '../diagnostics/suggest.ts';
import { laneStreamNames, lanesByStream, makersOf, streamsOf } from '../topology/streams.ts';
import { withOrders } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const unusedElement: Rule = {
  slug: 'unused-element',
  severity: 'warning',
  explain:
    'No operator and no exit reads this lane or operator. It is computed, and its records are counted, but nothing becomes of them.',
  wrong: withOrders(`operators:
  large: { type: filter, from: orders, where: amount > 10 }
exits:
  results: { from: orders, for: shop }
`),
  right: withOrders(`operators:
  large: { type: filter, from: orders, where: amount > 10 }
exits:
  results: { from: large, for: shop }
`),
  check,
};

function check({ topology, complete, report }: RuleContext): void {
  if (!complete) return;
  const { lanes, operators, exits } = topology;
  const makers = makersOf(topology);
  const streams = new Set([...lanesByStream(topology).keys(), ...makers.keys()]);
  const read = new Set<string>();
  const names = [
    ...[...operators.values()].flatMap(({ from }) => from),
    ...[...exits.values()].map(({ from }) => from),
  ];
  for (const name of names) {
    // A misspelt name has its own finding; who was meant by it is not unused.
    const meant = streams.has(name) ? name : nearest(name, streams);
    if (meant === undefined) return; // it may be any of them
    read.add(meant);
  }
  for (const lane of lanes.values()) {
    const { name, vehicle } = lane;
    if (!laneStreamNames(lane).some((stream) => read.has(stream))) {
      report({ path: pathOf(vehicle, name), onKey: true, message: `nothing reads lane "${name}"` });
    }
  }
  for (const operator of operators.values()) {
    const { name } = operator;
    if (!streamsOf(operator).some((stream) => read.has(stream))) {
      report({ path: ['operators', name], onKey: true, message: `nothing reads "${name}"` });
    }
  }
}
