import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const windowShape: Rule = {
  slug: 'window-shape',
  severity: 'error',
  explain: 'The window is none: it has no size, two sizes, or reads what it cannot read.',
  wrong: withOperator('type: aggregate, window: { tumble: 0s }, fields: { n: count(*) }'),
  right: withOperator('type: aggregate, window: { tumble: 10s }, fields: { n: count(*) }'),
};
