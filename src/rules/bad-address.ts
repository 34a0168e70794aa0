import { withLane } from './example.ts';
import type { Rule } from './rule.ts';

export const badAddress: Rule = {
  slug: 'bad-address',
  severity: 'error',
  explain:
    'An address is host:port, [::1]:port, or a port alone, which is on this machine only. Ports go from 0 to 65535.',
  wrong: withLane('listen: 70001, codec: text'),
  right: withLane('listen: 7001, codec: text'),
};
