/** The argument must be written out, so that it can be checked before anything runs. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const notConstant: Rule = {
  slug: 'not-constant',
  severity: 'error',
  explain: 'The argument must be written out, so that it can be checked before anything runs.',
  wrong: example({
    operators:
      'dear: { type: select, from: orders, fields: { a: "split(\'a b\', CAST(id AS STRING))" } }',
  }),
  right: example(),
};
