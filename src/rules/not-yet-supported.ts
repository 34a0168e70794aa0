import { withOrders } from './example.ts';
import type { Rule } from './rule.ts';

export const notYetSupported: Rule = {
  slug: 'not-yet-supported',
  severity: 'error',
  explain:
    'The field belongs to the language, but this version does not do it yet. It is refused so that nothing you wrote is silently left out.',
  wrong: withOrders(
    'operators:\n  once: { type: dedupe, from: orders, key: id, within: 1h, state: { max_bytes: 1GiB } }\nexits:\n  results: { from: once, for: shop }\n',
  ),
  right: withOrders('exits:\n  results: { from: orders, for: shop }\n'),
};
