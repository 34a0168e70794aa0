import { withCondition, withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const notAllowedHere: Rule = {
  slug: 'not-allowed-here',
  severity: 'error',
  explain:
    'This is part of the language, but not in this place: an aggregate has no meaning where records are looked at one by one.',
  wrong: withCondition('count(*) > 3'),
  right: withOperator(
    'type: aggregate, window: { tumble: 1m }, fields: { n: count(*) }, having: n > 3',
  ),
};
