import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const expressionLimit: Rule = {
  slug: 'expression-limit',
  severity: 'error',
  explain:
    'Expressions have at most 4 KiB and 64 levels. Longer ones are easier to read as several operators.',
  wrong: withCondition(`${'('.repeat(70)}id > 1${')'.repeat(70)}`),
  right: withCondition('((id > 1))'),
};
