/** The text is no expression of the language. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const expressionSyntax: Rule = {
  slug: 'expression-syntax',
  severity: 'error',
  explain: 'The text is no expression of the language.',
  wrong: example({ operators: 'dear: { type: filter, from: orders, where: price > }' }),
  right: example(),
};
