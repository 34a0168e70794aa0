import { formatAddress, isLoopback } from '../topology/address.ts';
import { entry, valueAt } from '../topology/value.ts';
import { withLane } from './example.ts';
import { listenersIn } from './listeners-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const openListener: Rule = {
  slug: 'open-listener',
  severity: 'error',
  explain:
    'The listener can be reached from other machines, and anyone who reaches it may write or take records: there is neither TLS nor a login.',
  wrong: withLane('listen: "0.0.0.0:7001", codec: text'),
  right: withLane('listen: 7001, codec: text'),
  check,
};

function check({ topology, data, report }: RuleContext): void {
  for (const { address, path, element, what } of listenersIn(topology, data)) {
    if (isLoopback(address) || entry(valueAt(data, element), 'insecure') !== undefined) continue;
    report({
      path,
      message: `${what} would listen on ${formatAddress(address)}, open to other machines, without TLS and login`,
      hint: `listen on this machine only: ${address.port}`,
    });
  }
}
