/** Two exits claim one AMQP address, so a receiver could not say which it means. */
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const duplicateAddress: Rule = {
  slug: 'duplicate-address',
  severity: 'error',
  explain: 'Two exits claim one AMQP address, so a receiver could not say which it means.',
  wrong: example({
    exits: 'out: { from: dear, for: shop }\nall: { from: orders, for: shop, address: out }',
  }),
  right: example(),
  check: ({ exits, deadLetter }: Topology, report: Report) => {
    const taken = new Map([[deadLetter.address, 'the dead letter']]);
    for (const { name, address } of exits.values()) {
      const owner = taken.get(address);
      if (owner !== undefined) {
        const message = `"${address}" is the address of ${owner} already`;
        report.add({ rule: 'duplicate-address', path: ['exits', name, 'address'], message });
      } else taken.set(address, `exit "${name}"`);
    }
  },
};
