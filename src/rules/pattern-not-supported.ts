/** The pattern uses what does not mean the same on every engine, or can not run yet. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const patternNotSupported: Rule = {
  slug: 'pattern-not-supported',
  severity: 'error',
  explain: 'The pattern uses what does not mean the same on every engine, or can not run yet.',
  wrong: example({
    operators: "dear: { type: select, from: orders, fields: { a: \"split('a b', 'a+')\" } }",
  }),
  right: example(),
};
