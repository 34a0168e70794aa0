import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const unboundedState: Rule = {
  slug: 'unbounded-state',
  severity: 'error',
  explain:
    'Without a window or a retention the operator would keep its groups for ever, and memory would be full one day.',
  wrong: withOperator('type: aggregate, group_by: [region], fields: { n: count(*) }'),
  right: withOperator(
    'type: aggregate, window: { tumble: 10s }, group_by: [region], fields: { n: count(*) }',
  ),
};
