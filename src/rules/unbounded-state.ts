/** State would grow without a bound. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const unboundedState: Rule = {
  slug: 'unbounded-state',
  severity: 'error',
  explain: 'State would grow without a bound.',
  wrong: example({
    operators: 'per: { type: aggregate, from: orders, group_by: id, fields: { n: count(*) } }',
    exits: 'out: { from: per, for: shop }',
  }),
  right: example({
    operators:
      'per: { type: aggregate, from: orders, window: { tumble: 10s }, group_by: id, fields: { n: count(*) } }',
    exits: 'out: { from: per, for: shop }',
  }),
};
