import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const wrongArity: Rule = {
  slug: 'wrong-arity',
  severity: 'error',
  explain: 'The function takes another number of arguments.',
  wrong: withCondition('abs(amount, 2) > 3'),
  right: withCondition('abs(amount) > 3'),
};
