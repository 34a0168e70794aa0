import { nearest } from '../diagnostics/suggest.ts';
import { builtInVehicles } from '../topology/built-in-vehicles.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const flow = (program: string): string =>
  inFile(`vehicles:
  files:
    ${program}
    lanes:
      orders: { fields: { id: long } }
exits:
  results: { from: orders, for: files }
`);

export const unknownVehicleKind: Rule = {
  slug: 'unknown-vehicle-kind',
  severity: 'error',
  explain:
    'No vehicle of this name is built in. A program of your own is a vehicle too: "command" starts it, and without either it runs elsewhere.',
  wrong: flow('uses: ftp'),
  right: flow('command: [python3, vehicles/ftp.py]'),
  check,
};

function check({ topology, report }: RuleContext): void {
  for (const { name, uses } of topology.vehicles.values()) {
    if (uses === null || builtInVehicles.includes(uses.name)) continue;
    const meant = nearest(uses.name, builtInVehicles);
    report({
      path: ['vehicles', name, 'uses'],
      message: `no built-in vehicle is called "${uses.name}"`,
      hint:
        meant === undefined
          ? `there are: ${builtInVehicles.join(', ')}`
          : `did you mean "${meant}"?`,
    });
  }
}
