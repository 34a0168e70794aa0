import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

const pairs = `operators:
  pairs:
    type: join
    left: orders
    right: orders
    key: id
    retention: forever
    fields: { id: left.id }
`;

export const needsWatermark: Rule = {
  slug: 'needs-watermark',
  severity: 'error',
  explain:
    'The operator closes or forgets by time, but what it reads can still bring a record of any time, so it could never do so.',
  wrong:
    withOrders(`${pairs}  counted: { type: aggregate, from: pairs, window: { tumble: 1m }, fields: { n: count(*) } }
exits:
  results: { from: counted, for: shop }
`),
  right: withOrders(`${pairs}exits:
  results: { from: pairs, for: shop }
`),
};
