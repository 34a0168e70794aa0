/** A listener can be reached from other machines, and there is neither TLS nor a login yet to guard it. */

import type { Report } from '../diagnostics/report.ts';
import { type Address, formatAddress, isLoopback } from '../topology/address.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const openListener: Rule = {
  slug: 'open-listener',
  severity: 'error',
  explain:
    'A listener can be reached from other machines, and there is neither TLS nor a login yet to guard it.',
  wrong: example({
    lane: 'listen: "0.0.0.0:7101"\nfields: { id: long, price: double, at: timestamp }\nevent_time: at',
  }),
  right: example(),
  check: ({ amqp, lanes }: Topology, report: Report) => {
    const judge = (address: Address | null, path: (string | number)[]): void => {
      if (address === null || isLoopback(address)) return;
      const message = `${formatAddress(address)} can be reached from other machines, without TLS or login`;
      const hint = `listen on loopback: ${address.port}`;
      report.add({ rule: 'open-listener', path, message, hint });
    };
    judge(amqp.listen, ['amqp', 'listen']);
    for (const { name, vehicle, listen } of lanes.values()) {
      judge(listen, ['vehicles', vehicle, 'lanes', name, 'listen']);
    }
  },
};
