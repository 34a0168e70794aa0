/** A value is of another type than its place takes. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const typeMismatch: Rule = {
  slug: 'type-mismatch',
  severity: 'error',
  explain: 'A value is of another type than its place takes.',
  wrong: example({ operators: "dear: { type: filter, from: orders, where: price > 'dear' }" }),
  right: example(),
};
