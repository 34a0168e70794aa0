/** The value is of another kind than the field takes. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const wrongType: Rule = {
  slug: 'wrong-type',
  severity: 'error',
  explain: 'The value is of another kind than the field takes.',
  wrong: example({
    lane: 'listen: 7101\nfields: { id: long, price: double, at: timestamp }\nevent_time: at\nlimits: { max_connections: many }',
  }),
  right: example(),
};
