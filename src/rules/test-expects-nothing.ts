import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const FLOW =
  'exits:\n  results: { from: orders, for: shop }\ntests:\n  - name: orders leave\n    steps:\n      - feed: { orders: [{ id: 1 }] }\n';

export const testExpectsNothing: Rule = {
  slug: 'test-expects-nothing',
  severity: 'warning',
  explain:
    'The test feeds the flow and never looks at what comes out. It passes whatever the flow does, so it proves nothing.',
  wrong: withOrders(FLOW),
  right: withOrders(`${FLOW}      - expect: { results: [{ id: 1 }] }\n`),
  check,
};

function check({ tests, report }: RuleContext): void {
  for (const { path, steps, name } of tests) {
    const looks = steps.some(
      (step) => step.kind === 'expect' || (step.kind === 'reload' && step.fates.size > 0),
    );
    if (looks || steps.length === 0) continue;
    report({
      path: [...path, 'name'],
      message: `"${name}" feeds the flow and expects nothing`,
      hint: 'end it with "- expect: { EXIT: }" and let test --record fill that in',
    });
  }
}
