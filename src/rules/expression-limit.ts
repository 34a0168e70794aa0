/** The expression is too long or nested too deep to be read by anyone. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const expressionLimit: Rule = {
  slug: 'expression-limit',
  severity: 'error',
  explain: 'The expression is too long or nested too deep to be read by anyone.',
  wrong: example({
    operators: `dear: { type: filter, from: orders, where: '${'('.repeat(70)}1${')'.repeat(70)} = price' }`,
  }),
  right: example(),
};
