/** The window is none that closes: no span, no time, or by arrival where arrival is not known. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const windowShape: Rule = {
  slug: 'window-shape',
  severity: 'error',
  explain:
    'The window is none that closes: no span, no time, or by arrival where arrival is not known.',
  wrong: example({
    operators:
      'per: { type: aggregate, from: orders, window: { tumble: 0s }, group_by: id, fields: { n: count(*) } }',
    exits: 'out: { from: per, for: shop }',
  }),
  right: example({
    operators:
      'per: { type: aggregate, from: orders, window: { tumble: 10s }, group_by: id, fields: { n: count(*) } }',
    exits: 'out: { from: per, for: shop }',
  }),
};
