import { withLane } from './example.ts';
import type { Rule } from './rule.ts';

export const valueNotAllowed: Rule = {
  slug: 'value-not-allowed',
  severity: 'error',
  explain:
    'The field takes one of a few values, or a value within limits, and this is none of them.',
  wrong: withLane('listen: 7001, codec: text, at_end: stop'),
  right: withLane('listen: 7001, codec: text, at_end: finish'),
};
