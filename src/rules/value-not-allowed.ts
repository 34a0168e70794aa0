/** The field takes one of a few words, and this is none of them. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const valueNotAllowed: Rule = {
  slug: 'value-not-allowed',
  severity: 'error',
  explain: 'The field takes one of a few words, and this is none of them.',
  wrong: example({
    lane: 'listen: 7101\nfields: { id: long, price: double, at: timestamp }\nevent_time: at\nat_end: finnish',
  }),
  right: example(),
};
