/** The language has no such field here, so it would do nothing. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const unknownField: Rule = {
  slug: 'unknown-field',
  severity: 'error',
  explain: 'The language has no such field here, so it would do nothing.',
  wrong: example({ operators: 'dear: { type: filter, from: orders, wher: price > 100 }' }),
  right: example(),
};
