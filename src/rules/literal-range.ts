import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const literalRange: Rule = {
  slug: 'literal-range',
  severity: 'error',
  explain:
    'The number or the time does not fit the type that holds it, so it would silently be another one.',
  wrong: withCondition('id = 99999999999999999999'),
  right: withCondition('id = 9999'),
};
