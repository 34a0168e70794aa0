import { formatDuration } from '../stream/time.ts';
import { eventWindows } from './event-windows.ts';
import { withOperator } from './example.ts';
import { pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

const operator = withOperator('type: aggregate, window: { tumble: 1m }, fields: { n: count(*) }');

export const latenessExceedsWindow: Rule = {
  slug: 'lateness-exceeds-window',
  severity: 'warning',
  explain:
    'The lane waits for late records longer than the window is long, so several windows are open at any time and results come late.',
  wrong: operator.replace('event_time: at', 'event_time: { field: at, max_delay: 1h }'),
  right: operator.replace('event_time: at', 'event_time: { field: at, max_delay: 10s }'),
  check,
};

function check({ topology, report }: RuleContext): void {
  for (const { path, size, lanes } of eventWindows(topology)) {
    for (const { name, vehicle, eventTime } of lanes) {
      if (size === 0 || eventTime === null || eventTime.maxDelay <= size) continue;
      const delay = formatDuration(eventTime.maxDelay);
      report({
        path,
        message: `a window of ${formatDuration(size)} closes ${delay} after its end: lane "${name}" waits that long`,
        related: [
          { path: [...pathOf(vehicle, name), 'event_time', 'max_delay'], message: 'waits here' },
        ],
      });
    }
  }
}
