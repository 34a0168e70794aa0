import { parseCron } from '../topology/cron.ts';
import type { Rule, RuleContext } from './rule.ts';
import { withSchedule } from './schedules-in.ts';

export const badCron: Rule = {
  slug: 'bad-cron',
  severity: 'error',
  explain:
    'A cron has five fields: minute, hour, day of the month, month, day of the week; with six, seconds come first. One of them has a value that it cannot have.',
  wrong: withSchedule('cron: "15 25 * * *"'),
  right: withSchedule('cron: "15 2 * * *"'),
  check,
};

function check({ topology, report }: RuleContext): void {
  for (const { name, schedule } of topology.vehicles.values()) {
    const cron = schedule && parseCron(schedule.cron);
    if (cron === null || !('problem' in cron)) continue;
    const { problem: message, hint, span } = cron;
    const path = ['vehicles', name, 'schedule', 'cron'];
    report({ path, span, message, ...(hint === undefined ? {} : { hint }) });
  }
}
