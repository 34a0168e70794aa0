import { CronTimes } from '../topology/cron-times.ts';
import type { Rule, RuleContext } from './rule.ts';
import { LOOK_FROM, schedulesIn, withSchedule } from './schedules-in.ts';

export const cronNeverFires: Rule = {
  slug: 'cron-never-fires',
  severity: 'warning',
  explain: 'No day of any year is one that the cron names, so the vehicle never runs.',
  wrong: withSchedule('cron: "0 6 30 2 *"'),
  right: withSchedule('cron: "0 6 28 2 *"'),
  check,
};

function check({ topology, report }: RuleContext): void {
  for (const { path, schedule } of schedulesIn(topology)) {
    const times = new CronTimes(schedule.cron, schedule.timezone);
    if (times.next(LOOK_FROM) !== undefined) continue;
    report({
      path: [...path, 'cron'],
      message: 'no month that it names has such a day',
      hint: 'the third field is the day of the month, the fourth the month',
    });
  }
}
