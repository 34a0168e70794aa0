import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

const join = (fields: string): string =>
  withOrders(`operators:
  pairs: { type: join, left: orders, right: orders, key: region, within: 1h${fields} }
exits:
  results: { from: pairs, for: shop }
`);

export const selfJoinWithoutNames: Rule = {
  slug: 'self-join-without-names',
  severity: 'error',
  explain:
    'A stream is joined with itself, so both records of a pair have the same fields, and only you can say by which names they leave.',
  wrong: join(''),
  right: join(', fields: { first: left.id, second: right.id }'),
};
