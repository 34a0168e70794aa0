import { listed } from '../diagnostics/words.ts';
import { isSecured } from '../topology/canonical.ts';
import { inFile } from './example.ts';
import type { PlanContext, Rule } from './rule.ts';

const flow = (clerk: string): string =>
  inFile(`vehicles:
  shop:
    secret: "\${env:SHOP_SECRET}"
    lanes:
      orders: { listen: 7001, fields: { id: long } }
  clerk: {${clerk}}
exits:
  copies: { from: orders, for: clerk }
`);

export const anonymousAccess: Rule = {
  slug: 'anonymous-access',
  severity: 'info',
  explain:
    'Some vehicles of the file log in with a secret, and this exit is for none of them. Whoever can connect may attach here and take the records.',
  wrong: flow(''),
  right: flow(` secret: "\${env:CLERK_SECRET}" `),
  advise,
};

/** A flow in which nobody logs in is open on purpose, on loopback. */
function advise({ topology, report }: PlanContext): void {
  const known = [...topology.vehicles.values()].filter(({ secret }) => secret !== null);
  if (known.length === 0) return;
  for (const { name, for: vehicles } of topology.exits.values()) {
    if (isSecured(topology, vehicles)) continue;
    const who = vehicles.length === 0 ? 'nobody' : listed(vehicles);
    report({
      path: ['exits', name],
      onKey: true,
      message: `anyone who can connect may take what waits here: it is for ${who}, without a secret`,
      ...(vehicles.length === 0
        ? { hint: `write for: ${known[0].name}` }
        : { hint: `give ${vehicles[0]} a secret: "\${env:${envName(vehicles[0])}}"` }),
    });
  }
}

function envName(vehicle: string): string {
  return `${vehicle.toUpperCase().replaceAll('-', '_')}_SECRET`;
}
