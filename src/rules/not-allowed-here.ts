/** The expression is well formed but may not stand here, as an aggregate outside of an aggregate. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const notAllowedHere: Rule = {
  slug: 'not-allowed-here',
  severity: 'error',
  explain:
    'The expression is well formed but may not stand here, as an aggregate outside of an aggregate.',
  wrong: example({ operators: 'dear: { type: filter, from: orders, where: count(*) > 100 }' }),
  right: example(),
};
