/** The language has this, but this version can not run it yet. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const notYetSupported: Rule = {
  slug: 'not-yet-supported',
  severity: 'error',
  explain:
    'The language has this, but this version can not run it yet. Nothing is silently ignored.',
  wrong: example({ exits: 'out: { from: dear, for: shop, hold: { ttl: 1d } }' }),
  right: example(),
};
