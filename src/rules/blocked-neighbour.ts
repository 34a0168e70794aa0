import { listed } from '../diagnostics/words.ts';
import { stoppedBy } from '../topology/stopped-by.ts';
import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const exits = (hold: string): string =>
  withOrders(`  biller: { command: [node, biller.js] }
  board: { command: [node, board.js] }
exits:
  results: { from: orders, for: board, hold: { on_full: drop_oldest } }
  invoices: { from: orders, for: biller${hold} }
`);

export const blockedNeighbour: Rule = {
  slug: 'blocked-neighbour',
  severity: 'info',
  explain:
    'An exit that is full stops the lanes behind it, so that nothing is lost. Then other exits behind these lanes get nothing either, and the vehicles they are for wait for one that does not come.',
  wrong: exits(''),
  right: exits(', hold: { on_full: dead_letter }'),
  check,
};

function check({ topology, complete, report }: RuleContext): void {
  if (!complete) return;
  for (const exit of topology.exits.values()) {
    const { lanes, neighbours } = stoppedBy(topology, exit);
    if (exit.for.length === 0 || neighbours.length === 0) continue;
    const stopped = listed(lanes.map((lane) => `"${lane}"`));
    const others = listed(neighbours.map((vehicle) => `"${vehicle}"`));
    report({
      path: ['exits', exit.name],
      onKey: true,
      message: `when "${exit.name}" is full, ${stopped} ${lanes.length === 1 ? 'is' : 'are'} not read, and ${others} ${neighbours.length === 1 ? 'gets' : 'get'} nothing more either`,
      hint: 'if that must not be, let it drop_oldest or use the dead_letter: hold: { on_full: ... }',
    });
  }
}
