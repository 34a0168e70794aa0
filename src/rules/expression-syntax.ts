import { withCondition } from './example.ts';
import type { Rule } from './rule.ts';

export const expressionSyntax: Rule = {
  slug: 'expression-syntax',
  severity: 'error',
  explain: 'The text is no expression. The caret stands where it could not be read further.',
  wrong: withCondition('amount >'),
  right: withCondition('amount > 10'),
};
