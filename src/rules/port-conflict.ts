/** Two listeners want the same port, so the second could not start. */

import type { Report } from '../diagnostics/report.ts';
import { type Address, clash, formatAddress } from '../topology/address.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const portConflict: Rule = {
  slug: 'port-conflict',
  severity: 'error',
  explain: 'Two listeners want the same port, so the second could not start.',
  wrong: example({ top: 'amqp: { listen: 7101 }\n' }),
  right: example(),
  check: ({ amqp, lanes }: Topology, report: Report) => {
    const taken: { address: Address; owner: string }[] = [{ address: amqp.listen, owner: 'amqp' }];
    for (const { name, vehicle, listen } of lanes.values()) {
      if (listen === null) continue;
      const other = taken.find(({ address }) => clash(address, listen));
      taken.push({ address: listen, owner: `lane "${name}"` });
      if (other === undefined) continue;
      const message = `${formatAddress(listen)} is taken by ${other.owner}`;
      const path = ['vehicles', vehicle, 'lanes', name, 'listen'];
      report.add({
        rule: 'port-conflict',
        path,
        message,
        hint: 'choose another port; 0 is any free one',
      });
    }
  },
};
