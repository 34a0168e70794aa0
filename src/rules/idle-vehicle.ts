import { nearest } from '../diagnostics/suggest.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

export const idleVehicle: Rule = {
  slug: 'idle-vehicle',
  severity: 'error',
  explain:
    'The vehicle has no lane to drive in on, and no exit is for it: it has nothing to do here. Or it is to be woken by what waits for it, and nothing ever does.',
  wrong: inFile('vehicles:\n  biller: { command: [node, biller.js] }\n'),
  right: inFile(
    'vehicles:\n  biller: { command: [node, biller.js], lanes: { bills: { codec: text } } }\n' +
      'exits:\n  results: { from: bills, for: biller }\n',
  ),
  check,
};

function check({ topology, complete, report }: RuleContext): void {
  if (!complete) return;
  const { vehicles, exits, deadLetter } = topology;
  const wanted = new Set<string>();
  for (const name of [...exits.values(), deadLetter].flatMap((exit) => exit.for)) {
    wanted.add(vehicles.has(name) ? name : (nearest(name, vehicles.keys()) ?? name));
  }
  for (const { name, lanes, wake } of vehicles.values()) {
    if (wanted.has(name)) continue;
    if (wake !== null && lanes.length > 0) {
      report({
        path: ['vehicles', name, 'wake'],
        onKey: true,
        message: `nothing wakes "${name}": no exit is for it`,
        hint: `write for: ${name} at an exit`,
      });
    }
    if (lanes.length > 0) continue;
    report({
      path: ['vehicles', name],
      onKey: true,
      message: `vehicle "${name}" has neither a lane nor an exit`,
      hint: `give it lanes, or write for: ${name} at an exit`,
    });
  }
}
