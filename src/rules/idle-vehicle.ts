/** A vehicle has neither a lane nor an exit, so it has nothing to do here. */
import type { Report } from '../diagnostics/report.ts';
import type { Topology } from '../topology/topology.ts';
import { example } from './example.ts';
import type { Rule } from './rule.ts';

export const idleVehicle: Rule = {
  slug: 'idle-vehicle',
  severity: 'error',
  explain: 'A vehicle has neither a lane nor an exit, so it has nothing to do here.',
  wrong: example({ vehicles: 'idler: {}' }),
  right: example(),
  check: ({ vehicles, exits }: Topology, report: Report) => {
    const meant = new Set([...exits.values()].flatMap((exit) => exit.for));
    for (const { name, lanes } of vehicles.values()) {
      if (lanes.length > 0 || meant.has(name)) continue;
      const message = `vehicle "${name}" has neither a lane nor an exit`;
      const hint = 'give it lanes, or name it under `for` of an exit';
      report.add({ rule: 'idle-vehicle', path: ['vehicles', name], onKey: true, message, hint });
    }
  },
};
