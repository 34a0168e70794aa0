import { nearest } from '../diagnostics/suggest.ts';
import { isZone } from '../topology/zone.ts';
import { withLane } from './example.ts';
import type { Rule, RuleContext } from './rule.ts';

export const valueNotAllowed: Rule = {
  slug: 'value-not-allowed',
  severity: 'error',
  explain:
    'The field takes one of a few values, or a value within limits, and this is none of them.',
  wrong: withLane('listen: 7001, codec: text, at_end: stop'),
  right: withLane('listen: 7001, codec: text, at_end: finish'),
  check,
};

/** Which time zones there are is known to the runtime, not to the schema. */
function check({ topology, report }: RuleContext): void {
  for (const { name, schedule } of topology.vehicles.values()) {
    if (schedule === null || isZone(schedule.timezone)) continue;
    const { timezone } = schedule;
    const meant = nearest(timezone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
    report({
      path: ['vehicles', name, 'schedule', 'timezone'],
      message: `"${timezone}" is no time zone`,
      hint:
        meant === undefined
          ? 'write a name of the zone database, such as Europe/Lisbon, or UTC'
          : `did you mean "${meant}"?`,
    });
  }
}
