/** The number or time does not fit its type. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const literalRange: Rule = {
  slug: 'literal-range',
  severity: 'error',
  explain: 'The number or time does not fit its type.',
  wrong: example({
    operators: 'dear: { type: filter, from: orders, where: id > 9007199254740993 }',
  }),
  right: example(),
};
