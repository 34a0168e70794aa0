import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const typeMismatch: Rule = {
  slug: 'type-mismatch',
  severity: 'error',
  explain:
    'A value is of another type than what stands beside it needs. Types do not change by themselves, except that a long becomes a double.',
  wrong: withCondition('amount = region'),
  right: withCondition('CAST(amount AS STRING) = region'),
};
