import { withLane } from './example.ts';
import { listenersIn } from './listeners-in.ts';
import type { Rule, RuleContext } from './rule.ts';

/** Below it a port is for the administrator of the machine. */
const FIRST_FREE = 1024;
/** What Linux hands out for outgoing connections unless it is told otherwise (net.ipv4.ip_local_port_range). */
const HANDED_OUT = { first: 32768, last: 60999 };

export const oddPort: Rule = {
  slug: 'odd-port',
  severity: 'warning',
  explain:
    'Ports below 1024 are for the administrator, and those from 32768 to 60999 are handed out to any program that connects somewhere, so the start fails on some days.',
  wrong: withLane('listen: 443, codec: text'),
  right: withLane('listen: 7001, codec: text'),
  check,
};

function check({ topology, data, report }: RuleContext): void {
  for (const { address, path, what, written } of listenersIn(topology, data)) {
    const { port } = address;
    if (port === 0 || !written) continue;
    const privileged = port < FIRST_FREE;
    if (!privileged && (port < HANDED_OUT.first || port > HANDED_OUT.last)) continue;
    report({
      path,
      message: privileged
        ? `port ${port} of ${what} is one that only an administrator may open`
        : `port ${port} of ${what} is one that the system hands out: another program may have it`,
      hint: 'take one between 1024 and 32767, or 0 for any free one',
    });
  }
}
