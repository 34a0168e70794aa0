import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const needsQuotes: Rule = {
  slug: 'needs-quotes',
  severity: 'error',
  explain:
    'Between braces YAML ends a text at a comma or a colon, and everywhere at " #". An expression that holds one must stand in quotes, or on a line of its own.',
  wrong: withOperator('type: select, fields: { first: substring(region, 1, 2) }'),
  right: withOperator('type: select, fields: { first: "substring(region, 1, 2)" }'),
};
