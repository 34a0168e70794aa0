/** The schedules of a file that can be read, and examples of files that have one. */
import type { Path } from '../diagnostics/report.ts';
import { type Cron, parseCron } from '../topology/cron.ts';
import type { Schedule, Topology, Vehicle } from '../topology/topology.ts';
import { isZone } from '../topology/zone.ts';
import { inFile } from './example.ts';

export interface ReadSchedule {
  readonly vehicle: Vehicle;
  readonly schedule: Schedule;
  readonly cron: Cron;
  /** Of the schedule. */
  readonly path: Path;
}

/**
 * Where rules begin to look at the times of a schedule. What they say of a file must not depend on the day, and
 * the rules of zones change seldom.
 */
export const LOOK_FROM = Date.UTC(2026, 0, 1) * 1000;

export function schedulesIn({ vehicles }: Topology): readonly ReadSchedule[] {
  return [...vehicles.values()].flatMap((vehicle) => {
    const { name, schedule } = vehicle;
    const cron = schedule && parseCron(schedule.cron);
    if (schedule === null || cron === null || 'problem' in cron) return [];
    if (!isZone(schedule.timezone)) return [];
    return [{ vehicle, schedule, cron, path: ['vehicles', name, 'schedule'] }];
  });
}

/** A file with one vehicle that comes by schedule and repeats nothing. */
export function withSchedule(schedule: string): string {
  return inFile(`vehicles:
  nightly:
    command: [node, nightly.js]
    schedule: { ${schedule} }
    restart: { policy: never }
    lanes:
      sales: { fields: { id: long } }
exits:
  sales: { from: sales, for: nightly }
`);
}
