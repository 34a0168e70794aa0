import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

const totals = `operators:
  totals: { type: aggregate, from: orders, retention: 1d, group_by: [region], fields: { n: count(*) } }
`;

export const needsFinalInput: Rule = {
  slug: 'needs-final-input',
  severity: 'error',
  explain:
    'What the operator reads is revised: a later result takes the place of an earlier one, and an operator that counts or pairs them would take both.',
  wrong:
    withOrders(`${totals}  counted: { type: aggregate, from: totals, window: { tumble: 1m }, fields: { n: sum(n) } }
exits:
  results: { from: counted, for: shop }
`),
  right: withOrders(`${totals}exits:
  results: { from: totals, for: shop }
`),
};
