import { clash, formatAddress } from '../topology/address.ts';
import { withLane } from './example.ts';
import { listenersIn } from './listeners-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const portConflict: Rule = {
  slug: 'port-conflict',
  severity: 'error',
  explain:
    'Two listeners want the same port of the same interface. Exits are served on port 5672 unless amqp.listen says otherwise.',
  wrong: withLane('listen: 5672, codec: text'),
  right: withLane('listen: 7001, codec: text'),
  check,
};

function check({ topology, data, report }: RuleContext): void {
  const listeners = listenersIn(topology, data);
  listeners.forEach((one, i) => {
    const other = listeners.slice(0, i).find((before) => clash(before.address, one.address));
    if (other === undefined || !one.written) return;
    report({
      path: one.path,
      message: `${other.what} listens on ${formatAddress(other.address)} already`,
      hint: 'choose another port; 0 is any free one',
      ...(other.written
        ? { related: [{ path: other.path, message: `${other.what} listens here` }] }
        : {}),
    });
  });
}
