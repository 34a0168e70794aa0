/**
 * Whatever happens to a scheduled vehicle: its program fails or hangs, time passes, the roundabout stops, is killed and
 * comes back, the file is edited. What the log says of its runs makes sense all the same.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MICROS_PER_SECOND } from '../../src/stream/time.ts';
import { Depot } from '../tools/depot.ts';

const MINUTE = 60 * MICROS_PER_SECOND;

/** The first leaves as it should, the second fails, the third hangs, and so on. */
const PROGRAM = 'case $(($ROUNDABOUT_RUN % 3)) in 0) exec sleep 600;; 2) exit 1;; *) exit 0;; esac';

function flow(overlap: string, missed: string, minute: number): string {
  return `
version: 1
name: runs
http: false
amqp: { listen: 0 }
vehicles:
  hourly:
    command: [sh, -c, '${PROGRAM}']
    schedule: { cron: "${minute} * * * *", overlap: ${overlap}, missed: ${missed}, timeout: 3h }
    restart: { give_up_after: 2, backoff: { initial: 1m } }
dead_letter: { for: hourly }
`;
}

type Step = 'stop' | 'kill' | 'edit' | 'settle' | number;

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Step>(1, 10, 60, 61, 200, 3000) },
    { weight: 3, arbitrary: fc.constant<Step>('settle') },
    { weight: 3, arbitrary: fc.constantFrom<Step>('stop', 'kill', 'edit') },
  ),
  { minLength: 5, maxLength: 20 },
);

test('runs rise, one at a time, each of one time, and a clean one is not repeated', async () => {
  const overlaps = fc.constantFrom('skip', 'queue', 'kill');
  const misses = fc.constantFrom('skip', 'run_once');
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(overlaps, misses, steps, async (overlap, missed, all) => {
      const depot = new Depot('2026-03-28T20:30:00Z');
      let minute = 0;
      const text = (): string => flow(overlap, missed, minute);
      try {
        await depot.open(text());
        for (const step of all) {
          if (typeof step === 'number') depot.pass(step * MINUTE);
          else if (step === 'settle') await settled(depot);
          else if (step === 'edit') {
            minute = (minute + 20) % 60;
            await depot.edit(text());
          } else {
            await (step === 'kill' ? depot.kill() : depot.close());
            await depot.open(text());
          }
        }
      } finally {
        await depot.close();
      }
      check(depot);
      runs += depot.runs.length;
    }),
    { numRuns: 25 },
  );
  expect(runs).toBeGreaterThan(50);
});

/** A program that is to leave by itself has left. */
async function settled(depot: Depot): Promise<void> {
  const { state, run } = depot.status('hourly');
  if (state !== 'running' || run % 3 === 0) return;
  while (depot.status('hourly').state === 'running' && depot.status('hourly').run === run) {
    await new Promise((done) => setTimeout(done, 1));
  }
}

function check({ runs }: Depot): void {
  const planned = new Map<number, number | null>();
  const outcomes = new Map<number, string>();
  let newest = 0;
  let open: number | undefined;
  for (const entry of runs) {
    if (entry.phase === 'ended') {
      // Only what has begun ends, and once.
      expect(entry.run).toBe(open);
      open = undefined;
      outcomes.set(entry.run, entry.outcome ?? '');
      continue;
    }
    expect(entry.run).toBeGreaterThanOrEqual(newest);
    if (entry.run === newest) {
      expect(entry.planned).toBe(planned.get(newest));
      expect(outcomes.get(newest)).not.toBe('clean');
    } else {
      // Another run is of a later time, and none begins before its own.
      expect(entry.planned ?? 0).toBeGreaterThan(planned.get(newest) ?? 0);
    }
    expect(entry.planned ?? 0).toBeLessThanOrEqual(entry.at);
    newest = entry.run;
    planned.set(newest, entry.planned);
    // One that was killed with the roundabout has no end.
    open = entry.run;
  }
}
