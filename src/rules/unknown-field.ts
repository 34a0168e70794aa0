import { withLane } from './example.ts';
import type { Rule } from './rule.ts';

export const unknownField: Rule = {
  slug: 'unknown-field',
  severity: 'error',
  explain:
    'The language has no field of this name here. It is misspelt, or belongs to another element.',
  wrong: withLane('listen: 7001, codec: text, bad_records: skip'),
  right: withLane('listen: 7001, codec: text, bad_record: skip'),
};
