import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const unknownFunction: Rule = {
  slug: 'unknown-function',
  severity: 'error',
  explain: 'The language has no function of this name.',
  wrong: withCondition('lenght(region) > 3'),
  right: withCondition('length(region) > 3'),
};
