/** When scheduled vehicles run, how runs overlap, what is missed, and what an edit leaves alone: real programs, a clock moved by hand. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MICROS_PER_SECOND } from '../../src/stream/time.ts';
import { Depot } from '../tools/depot.ts';
import { until } from '../tools/wait.ts';

const SECOND = MICROS_PER_SECOND;
const HOUR = 3600 * SECOND;

let depot: Depot;
beforeEach(() => {
  depot = new Depot('2026-06-01T00:00:00Z');
});
afterEach(() => depot.close());

const TELLS = 'echo $ROUNDABOUT_RUN $ROUNDABOUT_PLANNED';
/** Goes on until it is told to go. */
const HANGS = `${TELLS}; exec sleep 600`;

function nightly(program: string, schedule: string, restart = 'policy: never'): string {
  return `
version: 1
name: nightly
http: false
amqp: { listen: 0 }
vehicles:
  nightly:
    command: [sh, -c, '${program}']
    schedule: { cron: "15 2 * * *", ${schedule} }
    restart: { ${restart} }
    lanes:
      sales: { fields: { id: long, at: timestamp }, event_time: at }
exits:
  sales: { from: sales, for: nightly }
`;
}

describe('a scheduled vehicle', () => {
  test('runs at its time and not before, and says which time that was', async () => {
    await depot.open(nightly(TELLS, 'timezone: Europe/Lisbon'));
    expect(depot.status('nightly')).toMatchObject({
      state: 'scheduled',
      run: 0,
      nextAt: Date.parse('2026-06-01T01:15:00Z') * 1000,
    });
    depot.at('01:14:59');
    expect(depot.told).toEqual([]);
    depot.at('01:15:00');
    expect(await depot.printed(1)).toEqual(['nightly 1 2026-06-01T01:15:00Z']);
    expect(await depot.reaches('nightly', 'scheduled')).toMatchObject({
      run: 1,
      exit: 'exit code 0',
      endedAt: Date.parse('2026-06-01T01:15:00Z') * 1000,
      nextAt: Date.parse('2026-06-02T01:15:00Z') * 1000,
    });
    depot.to('2026-06-02T12:00:00Z');
    expect(await depot.printed(2)).toContain('nightly 2 2026-06-02T01:15:00Z');
    await depot.reaches('nightly', 'scheduled');
    expect(depot.told).toEqual([
      'began 1 01:15:00',
      'ended 1 clean',
      'began 2 01:15:00',
      'ended 2 clean',
    ]);
  });

  test('counts for a drain only when it has had a run that ended', async () => {
    await depot.open(nightly(HANGS, 'timeout: 1h'), true);
    expect(depot.vehicles.find('nightly')).toBeUndefined();
    depot.at('02:15:00');
    await depot.printed(1);
    expect(depot.vehicles.find('nightly')).toEqual({ running: true, failed: false });
    depot.at('03:15:00');
    await depot.reaches('nightly', 'failed');
    expect(depot.vehicles.find('nightly')).toEqual({ running: false, failed: true });
    expect(depot.vehicles.failed).toEqual(['nightly']);
  });

  test('is ended when it takes too long, and has failed then', async () => {
    await depot.open(nightly(HANGS, 'timeout: 1h30m', 'backoff: { initial: 10s }'));
    depot.at('02:15:00');
    await depot.printed(1);
    depot.at('03:44:59');
    expect(depot.status('nightly').state).toBe('running');
    depot.at('03:45:00');
    const { exit } = await depot.reaches('nightly', 'backing off');
    expect(exit).toBe('a timeout after 1h30m');
    depot.pass(10 * SECOND);
    // The same run once more, of the same time.
    expect(await depot.printed(2)).toEqual(Array(2).fill('nightly 1 2026-06-01T02:15:00Z'));
    expect(depot.told).toEqual(['began 1 02:15:00', 'ended 1 failed', 'began 1 02:15:00']);
  });

  test('that failed keeps its number until it is given up, and the next time is another run', async () => {
    await depot.open(nightly(`${TELLS}; exit 3`, 'missed: skip', 'give_up_after: 2'));
    depot.at('02:15:00');
    await depot.reaches('nightly', 'backing off');
    depot.pass(SECOND);
    const { nextAt, failures } = await depot.reaches('nightly', 'gave up');
    expect({ nextAt, failures }).toEqual({
      nextAt: Date.parse('2026-06-02T02:15:00Z') * 1000,
      failures: 2,
    });
    // There is a next time: it has not given up for good.
    expect(depot.vehicles.gaveUp).toEqual([]);
    expect(depot.notices.map(({ text }) => text)).toEqual([
      'run 1 left with exit code 3; it is started again in 1s',
      'run 1 left with exit code 3; it is not started again after 2 starts in vain, and what it fed stays open',
    ]);
    depot.to('2026-06-02T02:15:00Z');
    expect(await depot.reaches('nightly', 'backing off')).toMatchObject({ run: 2, failures: 1 });
  });
});

describe('when it is time and the run before has not ended', () => {
  test('the new one is left out', async () => {
    await depot.open(nightly(HANGS, 'overlap: skip'));
    depot.at('02:15:00');
    await depot.printed(1);
    depot.to('2026-06-03T00:00:00Z');
    expect(depot.told).toEqual(['began 1 02:15:00']);
    expect(depot.notices.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'info: the run of 2026-06-02T02:15:00Z is left out: the one before it has not ended',
    ]);
  });

  test('one waits for its end, and no more', async () => {
    await depot.open(
      nightly(
        'echo $ROUNDABOUT_PLANNED; [ $ROUNDABOUT_RUN = 2 ] || exec sleep 600',
        'overlap: queue, timeout: 3d',
      ),
    );
    depot.at('02:15:00');
    await depot.printed(1);
    depot.to('2026-06-03T12:00:00Z');
    expect(depot.told).toEqual(['began 1 02:15:00']);
    depot.to('2026-06-04T02:15:00Z');
    expect(await depot.printed(2)).toEqual([
      'nightly 2026-06-01T02:15:00Z',
      'nightly 2026-06-02T02:15:00Z',
    ]);
    await depot.reaches('nightly', 'scheduled');
    expect(depot.told).toEqual([
      'began 1 02:15:00',
      'ended 1 failed',
      'began 2 02:15:00',
      'ended 2 clean',
    ]);
  });

  test('the one before is ended', async () => {
    await depot.open(nightly(HANGS, 'overlap: kill'));
    depot.at('02:15:00');
    await depot.printed(1);
    depot.to('2026-06-02T02:15:00Z');
    expect(await depot.printed(2)).toContain('nightly 2 2026-06-02T02:15:00Z');
    expect(depot.told).toEqual(['began 1 02:15:00', 'ended 1 stopped', 'began 2 02:15:00']);
  });

  test('a pause before it is repeated counts as going on', async () => {
    await depot.open(
      nightly(`${TELLS}; exit 1`, 'overlap: kill', 'backoff: { initial: 2d, max: 2d }'),
    );
    depot.at('02:15:00');
    await depot.reaches('nightly', 'backing off');
    depot.to('2026-06-02T02:15:00Z');
    expect(await depot.printed(2)).toContain('nightly 2 2026-06-02T02:15:00Z');
  });
});

describe('while nothing ran here', () => {
  const runOnce = nightly(TELLS, 'missed: run_once');

  async function away(text: string, until: string): Promise<void> {
    await depot.open(text);
    depot.at('02:15:00');
    await depot.printed(1);
    await depot.reaches('nightly', 'scheduled');
    await depot.close();
    depot.to(until);
  }

  test('what was missed is left out, with a word', async () => {
    const text = nightly(TELLS, 'missed: skip');
    await away(text, '2026-06-04T12:00:00Z');
    await depot.open(text);
    expect(depot.status('nightly')).toMatchObject({
      state: 'scheduled',
      nextAt: Date.parse('2026-06-05T02:15:00Z') * 1000,
    });
    expect(depot.notices.map(({ text: words }) => words)).toEqual([
      'the run of 2026-06-04T02:15:00Z was missed while nothing ran here',
    ]);
  });

  test('one run makes up for all that was missed', async () => {
    await away(runOnce, '2026-06-04T12:00:00Z');
    await depot.open(runOnce);
    expect(await depot.printed(2)).toContain('nightly 2 2026-06-04T02:15:00Z');
    await depot.reaches('nightly', 'scheduled');
    await depot.close();
    // And only once.
    await depot.open(runOnce);
    expect(depot.status('nightly')).toMatchObject({ state: 'scheduled', run: 0 });
  });

  test('nothing was missed when no time passed', async () => {
    await away(runOnce, '2026-06-02T02:14:59Z');
    await depot.open(runOnce);
    expect(depot.status('nightly').state).toBe('scheduled');
    depot.pass(SECOND);
    expect(await depot.printed(2)).toContain('nightly 2 2026-06-02T02:15:00Z');
  });

  test('a time of before the schedule was in force was not missed', async () => {
    depot.at('12:00:00');
    await depot.open(runOnce);
    expect(depot.status('nightly').state).toBe('scheduled');
    await depot.close();
    depot.at('13:00:00');
    await depot.open(runOnce);
    await depot.close();
    // Nor by a schedule that was edited meanwhile.
    depot.to('2026-06-03T03:00:00Z');
    await depot.open(runOnce.replace('15 2', '45 2'));
    expect(depot.told).toEqual([]);
    expect(depot.status('nightly').nextAt).toBe(Date.parse('2026-06-04T02:45:00Z') * 1000);
  });

  test('a time that has only just passed is not missed', async () => {
    const text = nightly(TELLS, 'missed: skip');
    await away(text, '2026-06-02T02:15:20Z');
    await depot.open(text);
    expect(await depot.printed(2)).toContain('nightly 2 2026-06-02T02:15:00Z');
  });

  test.each(['stopped', 'killed'])(
    'a run that was %s with the roundabout is repeated',
    async (how) => {
      const text = nightly(HANGS, 'missed: run_once');
      await depot.open(text);
      depot.at('02:15:00');
      await depot.printed(1);
      await (how === 'killed' ? depot.kill() : depot.close());
      depot.at('09:00:00');
      await depot.open(text);
      expect(await depot.printed(2)).toEqual(Array(2).fill('nightly 1 2026-06-01T02:15:00Z'));
      await depot.close();
      await depot.open(nightly(HANGS, 'missed: skip'));
      expect(depot.status('nightly')).toMatchObject({ state: 'scheduled', run: 0 });
    },
  );
});

describe('a clock that is set', () => {
  test('back does not make a time come again', async () => {
    await depot.open(nightly(TELLS, 'timezone: UTC'));
    depot.at('02:15:00');
    await depot.printed(1);
    await depot.reaches('nightly', 'scheduled');
    depot.clock.set(depot.clock.now() - HOUR);
    depot.to('2026-06-01T12:00:00Z');
    expect(depot.told).toEqual(['began 1 02:15:00', 'ended 1 clean']);
  });

  test('forward over a time runs it when that was just now, and else takes it for missed', async () => {
    await depot.open(nightly(TELLS, 'missed: skip'));
    depot.at('02:14:00');
    depot.clock.set(depot.clock.now() + 80 * SECOND);
    depot.pass(60 * SECOND);
    await depot.printed(1);
    await depot.reaches('nightly', 'scheduled');
    depot.clock.set(depot.clock.now() + 25 * HOUR);
    depot.pass(60 * SECOND);
    expect(depot.notices.map(({ text }) => text)).toEqual([
      'the run of 2026-06-02T02:15:00Z was missed while nothing ran here',
    ]);
    expect(depot.told).toHaveLength(2);
  });

  test('right, after it was far ahead, does not put off what is to come', async () => {
    await depot.open(nightly(TELLS, 'missed: skip'));
    const { clock } = depot;
    const right = clock.now();
    clock.set(right + 400 * 24 * HOUR);
    depot.pass(60 * SECOND);
    clock.set(right + 120 * SECOND);
    depot.pass(60 * SECOND);
    expect(depot.status('nightly').nextAt).toBe(Date.parse('2026-06-01T02:15:00Z') * 1000);
    depot.at('02:15:00');
    expect(await depot.printed(1)).toEqual(['nightly 1 2026-06-01T02:15:00Z']);
  });
});

describe('an edit', () => {
  test('of the schedule alone leaves a program that runs alone', async () => {
    await depot.open(nightly(HANGS, 'timezone: UTC'));
    depot.at('02:15:00');
    await depot.printed(1);
    await depot.edit(nightly(HANGS, 'timezone: Europe/Lisbon, overlap: kill'));
    expect(depot.status('nightly')).toMatchObject({
      state: 'running',
      nextAt: Date.parse('2026-06-02T01:15:00Z') * 1000,
    });
    depot.to('2026-06-02T01:15:00Z');
    await depot.printed(2);
    expect(depot.told).toEqual(['began 1 02:15:00', 'ended 1 stopped', 'began 2 01:15:00']);
  });

  test('of the command starts the run that goes on anew, and nothing that waits for its time', async () => {
    await depot.open(nightly(HANGS, 'timezone: UTC'));
    await depot.edit(nightly(`echo new; ${HANGS}`, 'timezone: UTC'));
    expect(depot.told).toEqual([]);
    depot.at('02:15:00');
    await depot.printed(2);
    await depot.edit(nightly(TELLS, 'timezone: UTC'));
    await depot.reaches('nightly', 'scheduled');
    expect(depot.told).toEqual([
      'began 1 02:15:00',
      'ended 1 stopped',
      'began 1 02:15:00',
      'ended 1 clean',
    ]);
    expect(depot.lines.at(-1)).toBe('nightly 1 2026-06-01T02:15:00Z');
  });

  test('that takes the schedule away lets the vehicle run at once; one that brings it lets a run go on', async () => {
    const always = nightly(HANGS, 'x: y').replace(/ {4}schedule:.*\n/, '');
    await depot.open(nightly(HANGS, 'timezone: UTC'));
    await depot.edit(always);
    await depot.printed(1);
    await depot.edit(nightly(HANGS, 'timezone: UTC'));
    expect(depot.status('nightly')).toMatchObject({ state: 'running', run: 1 });
    depot.at('02:15:00');
    expect(depot.told).toEqual(['began 1']);
  });

  test('that takes the vehicle away ends its run, and its return is another', async () => {
    const other = `
version: 1
name: nightly
http: false
amqp: { listen: 0 }
vehicles: { clerk: {} }
dead_letter: { for: clerk }
`;
    await depot.open(nightly(HANGS, 'timezone: UTC'));
    depot.at('02:15:00');
    await depot.printed(1);
    await depot.edit(other);
    await until(() => depot.told.length === 2);
    expect(depot.told).toEqual(['began 1 02:15:00', 'ended 1 stopped']);
    await depot.edit(nightly(HANGS, 'timezone: UTC'));
    depot.to('2026-06-02T02:15:00Z');
    await depot.printed(2);
    expect(depot.told.at(-1)).toBe('began 1 02:15:00');
  });
});
