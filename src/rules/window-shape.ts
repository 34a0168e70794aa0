import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const windowShape: Rule = {
  slug: 'window-shape',
  severity: 'error',
  explain:
    'The window is none: it has no size or two, leaves gaps that records would fall into, or reads what it cannot read.',
  wrong: withOperator('type: aggregate, window: { hop: 10s, every: 1m }, fields: { n: count(*) }'),
  right: withOperator('type: aggregate, window: { hop: 1m, every: 10s }, fields: { n: count(*) }'),
};
