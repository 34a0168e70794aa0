import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

const join = (key: string): string =>
  withOrders(`operators:
  pairs: { type: join, left: orders, right: orders, key: ${key}, within: 1h, fields: { id: left.id } }
exits:
  results: { from: pairs, for: shop }
`);

export const joinKeyType: Rule = {
  slug: 'join-key-type',
  severity: 'error',
  explain:
    'The two fields of a key have different types, so no record of one side could ever have a partner on the other.',
  wrong: join('{ left: id, right: region }'),
  right: join('{ left: id, right: id }'),
};
