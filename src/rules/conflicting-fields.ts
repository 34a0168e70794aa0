/** Two fields say opposite things. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const conflictingFields: Rule = {
  slug: 'conflicting-fields',
  severity: 'error',
  explain: 'Two fields say opposite things.',
  wrong: example({
    lane: 'listen: 7101\nfields: { id: long, price: double, at: timestamp }\nevent_time: at\nconnect: 7102',
  }),
  right: example(),
};
