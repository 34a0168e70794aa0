import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

export const badName: Rule = {
  slug: 'bad-name',
  severity: 'error',
  explain:
    'Names are small letters, digits and _, beginning with a letter, so that they read the same in expressions, addresses and environments. Some words are taken.',
  wrong: inFile(
    'vehicles:\n  shop:\n    lanes: { Orders: { listen: 7001, codec: text } }\nexits:\n  results: { from: Orders, for: shop }\n',
  ),
  right: inFile(
    'vehicles:\n  shop:\n    lanes: { orders: { listen: 7001, codec: text } }\nexits:\n  results: { from: orders, for: shop }\n',
  ),
};
