import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const badQuantity: Rule = {
  slug: 'bad-quantity',
  severity: 'error',
  explain:
    'A duration, size or rate is a whole number with its unit: 90s, 1h30m, 64MiB. Without a unit nobody knows what is meant.',
  wrong: withOperator('type: aggregate, window: { tumble: 10s }, fields: { n: count(*) }').replace(
    'event_time: at',
    'event_time: { field: at, max_delay: 5 seconds }',
  ),
  right: withOperator('type: aggregate, window: { tumble: 10s }, fields: { n: count(*) }').replace(
    'event_time: at',
    'event_time: { field: at, max_delay: 5s }',
  ),
};
