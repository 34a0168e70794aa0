/** A key stands twice in one mapping, and only one of them could count. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const duplicateKey: Rule = {
  slug: 'duplicate-key',
  severity: 'error',
  explain: 'A key stands twice in one mapping, and only one of them could count.',
  wrong: example({ exits: 'out: { from: dear, for: shop, from: orders }' }),
  right: example(),
};
