import { entry } from '../topology/value.ts';
import { withOperator } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

const kept = (more: string): string =>
  withOperator(
    `type: aggregate, retention: forever${more}, emit: update, group_by: [region], fields: { n: count(*) }`,
  );

export const uncappedGroups: Rule = {
  slug: 'uncapped-groups',
  severity: 'warning',
  explain:
    'Groups are kept for ever, and nothing says how many there may be. A key that goes on growing fills the memory, some day.',
  wrong: kept(''),
  right: withOperator(
    'type: aggregate, window: { tumble: 1d }, group_by: [region], fields: { n: count(*) }',
  ),
  check,
};

function check({ topology, data, complete, report }: RuleContext): void {
  if (!complete) return;
  for (const { name, type, spec } of topology.operators.values()) {
    if (!['aggregate', 'top', 'over'].includes(type)) continue;
    const state = entry(entry(entry(data, 'operators'), name), 'state');
    const capped =
      !spec.has('group_by') || spec.has('max_groups') || entry(state, 'max_bytes') !== undefined;
    if (spec.get('retention') !== 'forever' || capped) continue;
    report({
      path: ['operators', name, 'retention'],
      message: `the groups of "${name}" are kept for ever, however many there are`,
      hint: `write retention: 7d${type === 'aggregate' ? ', or max_groups: 1000' : ''}`,
    });
  }
}
