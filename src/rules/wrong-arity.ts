/** The function takes fewer or more arguments. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const wrongArity: Rule = {
  slug: 'wrong-arity',
  severity: 'error',
  explain: 'The function takes fewer or more arguments.',
  wrong: example({
    operators: 'dear: { type: filter, from: orders, where: floor(price - 1 - id) = abs() }',
  }),
  right: example(),
};
