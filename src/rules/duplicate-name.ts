/** Lanes and operators share one namespace, and lanes of different vehicles do too; a name must lead to one of them. */
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const duplicateName: Rule = {
  slug: 'duplicate-name',
  severity: 'error',
  explain:
    'Lanes and operators share one namespace, and lanes of different vehicles do too; a name must lead to one of them.',
  wrong: example({
    operators: 'orders: { type: filter, from: orders, where: price > 100 }',
    exits: 'out: { from: orders, for: shop }',
  }),
  right: example(),
  check: ({ vehicles, lanes, operators }: Topology, report: Report) => {
    for (const vehicle of vehicles.values()) {
      for (const name of vehicle.lanes) {
        const owner = lanes.get(name)?.vehicle ?? vehicle.name;
        if (owner === vehicle.name) continue;
        const path = ['vehicles', vehicle.name, 'lanes', name];
        const message = `"${name}" is a lane of vehicle "${owner}" already`;
        report.add({
          rule: 'duplicate-name',
          path,
          onKey: true,
          message,
          hint: 'choose another name',
        });
      }
    }
    for (const name of operators.keys()) {
      if (!lanes.has(name)) continue;
      const message = `"${name}" is a lane already`;
      const path = ['operators', name];
      report.add({
        rule: 'duplicate-name',
        path,
        onKey: true,
        message,
        hint: 'choose another name',
      });
    }
  },
};
