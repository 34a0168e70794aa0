import { withOrders } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const exits = (hold: string): string =>
  withOrders(`exits:\n  results: { from: orders, for: shop, hold: { ${hold} } }\n`);

export const holdWithoutLimit: Rule = {
  slug: 'hold-without-limit',
  severity: 'warning',
  explain:
    'With every limit lifted an exit that nobody comes for fills the disk, and then no lane of any flow on it is read.',
  wrong: exits('max_bytes: none'),
  right: exits('max_bytes: none, max_records: 1000000'),
  check,
};

function check({ topology, report }: RuleContext): void {
  const exits = [...topology.exits.values()].map(
    ({ name, hold }) => [['exits', name], name, hold] as const,
  );
  const { hold } = topology.deadLetter;
  for (const [path, name, { ttl, maxBytes, maxRecords }] of [
    ...exits,
    [['dead_letter'], 'dead_letter', hold] as const,
  ]) {
    if (ttl !== null || maxBytes !== null || maxRecords !== null) continue;
    report({
      path: [...path, 'hold', 'max_bytes'],
      message: `nothing bounds what "${name}" holds but the disk`,
      hint: 'keep a bound: max_bytes, max_records or ttl',
    });
  }
}
