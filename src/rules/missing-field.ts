/** A field without which the element means nothing is absent. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const missingField: Rule = {
  slug: 'missing-field',
  severity: 'error',
  explain: 'A field without which the element means nothing is absent.',
  wrong: example({
    exits: 'out: { for: shop }',
    operators: 'dear: { type: filter, from: orders, where: price > 100 }',
  }),
  right: example(),
};
