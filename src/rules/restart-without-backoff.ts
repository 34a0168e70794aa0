import { formatDuration, MICROS_PER_MS } from '../stream/time.ts';
import { inFile } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

/** A program that fails at once would take a core for starting it. */
const LEAST = 100 * MICROS_PER_MS;

const feed = (initial: string): string =>
  inFile(`vehicles:
  clerk:
    command: [node, clerk.js]
    restart: { backoff: { initial: ${initial} } }
dead_letter: { for: clerk }
`);

export const restartWithoutBackoff: Rule = {
  slug: 'restart-without-backoff',
  severity: 'warning',
  explain:
    'A program that fails at its start is started again almost at once, and again: that keeps the machine busy and fills its output.',
  wrong: feed('10ms'),
  right: feed('1s'),
  check,
};

function check({ topology, report }: RuleContext): void {
  for (const { name, restart } of topology.vehicles.values()) {
    const first = Math.min(restart.initial, restart.max);
    if (first >= LEAST) continue;
    const field = restart.initial <= restart.max ? 'initial' : 'max';
    report({
      path: ['vehicles', name, 'restart', 'backoff', field],
      message: `a program that fails at once is started again after ${formatDuration(first)}`,
      hint: 'write 100ms or more',
    });
  }
}
