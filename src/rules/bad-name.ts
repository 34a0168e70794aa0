/** A name has characters that expressions or addresses can not carry, or is reserved. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const badName: Rule = {
  slug: 'bad-name',
  severity: 'error',
  explain: 'A name has characters that expressions or addresses can not carry, or is reserved.',
  wrong: example({
    operators: 'Dear: { type: filter, from: orders, where: price > 100 }',
    exits: 'out: { from: Dear, for: shop }',
  }),
  right: example(),
};
