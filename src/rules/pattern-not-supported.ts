import { withOperator } from './example.ts';
import type { Rule } from './rule.ts';

export const patternNotSupported: Rule = {
  slug: 'pattern-not-supported',
  severity: 'error',
  explain:
    'Look-around, back-references and a few other parts of patterns mean different things on different engines, or take time without bound.',
  wrong: withOperator(`type: explode, each: "split(region, '(?=a)')", as: part`),
  right: withOperator(`type: explode, each: "split(region, 'a')", as: part`),
};
