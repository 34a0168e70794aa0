import { CronTimes } from '../topology/cron-times.ts';
import type { Rule, RuleContext } from './rule.ts';
import { LOOK_FROM, schedulesIn, withSchedule } from './schedules-in.ts';

/** Each kind of change comes once a year. */
const DAYS = 366;
const HOURS = 24;

export const cronClockChange: Rule = {
  slug: 'cron-clock-change',
  severity: 'warning',
  explain:
    'The clocks of the zone are changed at a time that the cron names. A time that they skip runs at the first instant behind it, one that comes twice runs once: so two runs are closer together, or further apart, than on other days.',
  wrong: withSchedule('cron: "30 2 * * *", timezone: Europe/Berlin'),
  right: withSchedule('cron: "30 3 * * *", timezone: Europe/Berlin'),
  check,
};

function check({ topology, report }: RuleContext): void {
  for (const { path, schedule, cron } of schedulesIn(topology)) {
    // What runs each hour is meant to run whatever the clocks show.
    if (cron.hours.length === HOURS) continue;
    const { timezone } = schedule;
    const changed = [...new CronTimes(schedule.cron, timezone).changed(LOOK_FROM, DAYS)];
    const skipped = changed.find((one) => one.skipped);
    const twice = changed.find((one) => !one.skipped);
    const said = [
      ...(skipped
        ? [`the clocks skip ${timeOf(skipped.wall)}, which runs at ${timeOf(skipped.to)}`]
        : []),
      ...(twice ? [`${timeOf(twice.wall)} comes twice, and runs the first time`] : []),
    ];
    if (said.length === 0) continue;
    report({
      path: [...path, 'cron'],
      message: `when the clocks of ${timezone} change, ${said.join('; ')}`,
      hint: 'write a time outside of the change, or leave the time zone out: UTC has none',
    });
  }
}

/** `02:30`. */
function timeOf(wall: number): string {
  return new Date(wall).toISOString().slice(11, 16);
}
