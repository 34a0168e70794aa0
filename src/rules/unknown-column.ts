/** There is no such field in what the element reads. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const unknownColumn: Rule = {
  slug: 'unknown-column',
  severity: 'error',
  explain: 'There is no such field in what the element reads.',
  wrong: example({ operators: 'dear: { type: filter, from: orders, where: prize > 100 }' }),
  right: example(),
};
