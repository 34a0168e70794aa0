import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

const exit = (fields: string): string =>
  withOrders(`exits:
  results: { from: orders, for: shop, format: text, fields: ${fields} }
`);

export const formatNeedsOneField: Rule = {
  slug: 'format-needs-one-field',
  severity: 'error',
  explain:
    'With format text the body of a message is one text, so one field leaves, and it is a text. More of them need a format that has names.',
  wrong: exit('[id, region]'),
  right: exit('[region]'),
};
