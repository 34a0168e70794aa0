/** There is no such function. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const unknownFunction: Rule = {
  slug: 'unknown-function',
  severity: 'error',
  explain: 'There is no such function.',
  wrong: example({ operators: 'dear: { type: filter, from: orders, where: flor(price) > 100 }' }),
  right: example(),
};
