import { entry, isSequence } from '../topology/value.ts';
import { withOrders } from './example.ts';
import type { PlanContext, Rule } from './rule.ts';

const FLOW = withOrders('exits:\n  results: { from: orders, for: shop }\n');

export const noTests: Rule = {
  slug: 'no-tests',
  severity: 'info',
  explain:
    'The file carries no tests, so nothing but running it shows what it makes of a record. A test needs a record that is fed and a look at an exit; test --record writes down what came.',
  wrong: FLOW,
  right: `${FLOW}tests:
  - name: an order leaves as it came
    steps:
      - feed: { orders: [{ id: 1, at: "2026-01-01T00:00:00Z" }] }
      - expect: { results: [{ id: 1 }] }
`,
  advise,
};

function advise({ topology, data, report }: PlanContext): void {
  const tests = entry(data, 'tests');
  if (topology.exits.size === 0 || (isSequence(tests) && tests.length > 0)) return;
  report({
    path: ['name'],
    message: 'the file has no tests',
    hint: 'add "tests:" with a "feed" and an empty "expect", and let test --record fill that in',
  });
}
