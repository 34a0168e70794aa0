import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const constantCondition: Rule = {
  slug: 'constant-condition',
  severity: 'warning',
  explain:
    'The condition does not depend on the record: all of them meet it, or none does. Often NULL is compared with "=", or a name stands in quotes.',
  wrong: withCondition("'region' = 'north'"),
  right: withCondition("region = 'north'"),
};
