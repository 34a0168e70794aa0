/** The value is no duration or size, such as 90s, 1h30m or 64MiB. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const badQuantity: Rule = {
  slug: 'bad-quantity',
  severity: 'error',
  explain: 'The value is no duration or size, such as 90s, 1h30m or 64MiB.',
  wrong: example({
    lane: 'listen: 7101\nfields: { id: long, price: double, at: timestamp }\nevent_time: at\nlimits: { max_line: 1MB }',
  }),
  right: example(),
};
