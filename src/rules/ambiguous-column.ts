import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

export const ambiguousColumn: Rule = {
  slug: 'ambiguous-column',
  severity: 'error',
  explain: 'Both sides of a join have a field of this name; say which one is meant.',
  wrong: withOrders(`operators:
  pairs: { type: join, left: orders, right: orders, key: id, within: 1h, where: amount > 1, fields: { id: id } }
exits:
  results: { from: pairs, for: shop }
`),
  right: withOrders(`operators:
  pairs: { type: join, left: orders, right: orders, key: id, within: 1h, where: left.amount > 1, fields: { id: id } }
exits:
  results: { from: pairs, for: shop }
`),
};
