import { formatDuration, type Micros } from '../stream/time.ts';
import { CronTimes } from '../topology/cron-times.ts';
import { eventWindows } from './event-windows.ts';
import { inFile } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';
import { LOOK_FROM, schedulesIn } from './schedules-in.ts';

/** More times than any pattern of a day or a week has before it comes again. */
const TIMES = 100;

const hourly = (end: string): string =>
  inFile(`vehicles:
  hourly:
    command: [node, hourly.js]
    schedule: { cron: "0 * * * *" }
    restart: { policy: never }
    lanes:
      sales: { fields: { id: long, at: timestamp }, event_time: at${end} }
operators:
  days: { type: aggregate, from: sales, window: { tumble: 1d }, fields: { n: count(*) } }
exits:
  days: { from: days, for: hourly }
`);

export const runClosesWindowEarly: Rule = {
  slug: 'run-closes-window-early',
  severity: 'warning',
  explain:
    'The end of a run closes the windows that it fed. Where a window is longer than the time between two runs, later runs bring more for it, which is late then.',
  wrong: hourly(''),
  right: hourly(', at_end: wait'),
  check,
};

function check({ topology, report }: RuleContext): void {
  const gaps = new Map(
    schedulesIn(topology).map(({ vehicle, schedule }) => [
      vehicle.name,
      leastGap(new CronTimes(schedule.cron, 'UTC')),
    ]),
  );
  for (const { operator, path, size, lanes } of eventWindows(topology)) {
    for (const { name, vehicle, atEnd, eventTime } of lanes) {
      const gap = gaps.get(vehicle);
      if (gap === undefined || atEnd === 'wait' || eventTime === null || size <= gap) continue;
      report({
        path: [...pathOf(vehicle, name), 'at_end'],
        message: `a run closes the windows of "${operator}" at its end, and the next comes ${formatDuration(gap)} later: what it brings for them is late`,
        hint: 'write at_end: wait at the lane',
        related: [{ path, message: `windows of ${formatDuration(size)}` }],
      });
    }
  }
}

/** The least time between two runs, as clocks show it that are never changed. */
function leastGap(times: CronTimes): Micros {
  let least = Number.POSITIVE_INFINITY;
  let at = times.next(LOOK_FROM);
  for (let i = 0; i < TIMES && at !== undefined; i++) {
    const next = times.next(at);
    if (next !== undefined) least = Math.min(least, next - at);
    at = next;
  }
  return least;
}
