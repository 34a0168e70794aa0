/** The value is no address: host:port, or a bare port on loopback. */
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const badAddress: Rule = {
  slug: 'bad-address',
  severity: 'error',
  explain: 'The value is no address: host:port, or a bare port on loopback.',
  wrong: example({
    lane: 'listen: 70000\nfields: { id: long, price: double, at: timestamp }\nevent_time: at',
  }),
  right: example(),
};
