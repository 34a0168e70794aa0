import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const unknownColumn: Rule = {
  slug: 'unknown-column',
  severity: 'error',
  explain: 'The stream that is read has no field of this name.',
  wrong: withCondition('amuont > 10'),
  right: withCondition('amount > 10'),
};
