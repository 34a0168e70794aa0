/** What the end of a program leads to, and what starts one that waits for work: real programs, a clock moved by hand. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MICROS_PER_SECOND } from '../../src/stream/time.ts';
import { Depot } from '../tools/depot.ts';

const SECOND = MICROS_PER_SECOND;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let depot: Depot;
beforeEach(() => {
  depot = new Depot('2026-06-01T00:00:00Z');
});
afterEach(() => depot.close());

function clerk(program: string, more = ''): string {
  return `
version: 1
name: office
http: false
amqp: { listen: 0 }
vehicles:
  till: { lanes: { sales: { listen: 0, codec: text } } }
  clerk:
    command: [sh, -c, '${program}']
${more}exits:
  sales: { from: sales, for: clerk }
`;
}

function restart(fields: string): string {
  return `    restart: { ${fields} }\n`;
}

describe('a program that fails', () => {
  test('is started again under its number, after pauses that double up to the longest', async () => {
    await depot.open(
      clerk('echo $ROUNDABOUT_RUN; exit 7', restart('backoff: { initial: 2s, max: 5s }')),
    );
    const pauses: number[] = [];
    for (let i = 1; i <= 4; i++) {
      const { nextAt, failures } = await depot.reaches('clerk', 'backing off');
      expect(failures).toBe(i);
      pauses.push((nextAt ?? 0) - depot.clock.now());
      depot.to(new Date((nextAt ?? 0) / 1000).toISOString());
      await depot.printed(i + 1);
    }
    expect(pauses).toEqual([2 * SECOND, 4 * SECOND, 5 * SECOND, 5 * SECOND]);
    expect(new Set(depot.lines)).toEqual(new Set(['clerk 1']));
    expect(depot.notices[0]).toEqual({
      level: 'warning',
      about: 'vehicle clerk',
      text: 'run 1 left with exit code 7; it is started again in 2s',
    });
  });

  test('without a word about it, too, but once only where the flow is to end', async () => {
    await depot.open(clerk('exit 1'));
    expect((await depot.reaches('clerk', 'backing off')).nextAt).toBe(depot.clock.now() + SECOND);
    await depot.close();
    await depot.open(clerk('exit 1'), true);
    await depot.reaches('clerk', 'failed');
    expect(depot.vehicles.find('clerk')).toEqual({ running: false, failed: true });
    expect(depot.vehicles.gaveUp).toEqual([]);
    expect(depot.told.at(-2)).toBe('began 2');
  });

  test('stays down after so many starts in vain, and an edit of its command brings it back', async () => {
    const text = clerk('echo $ROUNDABOUT_RUN; exit 7', restart('give_up_after: 3'));
    await depot.open(text);
    for (const pause of [1, 2]) {
      await depot.reaches('clerk', 'backing off');
      depot.pass(pause * SECOND);
    }
    expect(await depot.reaches('clerk', 'gave up')).toMatchObject({ failures: 3, nextAt: null });
    depot.pass(24 * HOUR);
    expect(depot.lines).toHaveLength(3);
    expect(depot.vehicles.gaveUp).toEqual(['clerk']);
    expect(depot.notices.at(-1)?.text).toBe(
      'run 1 left with exit code 7; it is not started again after 3 starts in vain',
    );
    await depot.edit(text.replace('exit 7', 'exec sleep 600'));
    await depot.printed(4);
    expect(depot.status('clerk')).toMatchObject({ state: 'running', run: 2, failures: 0 });
    expect(depot.vehicles.gaveUp).toEqual([]);
  });

  test('after a minute of health has failed for the first time', async () => {
    await depot.open(clerk('echo $$; exec sleep 600', restart('give_up_after: 2')));
    for (let i = 1; i <= 3; i++) {
      const pid = Number((await depot.printed(i))[i - 1].split(' ')[1]);
      depot.pass(MINUTE);
      process.kill(pid, 'SIGKILL');
      expect(await depot.reaches('clerk', 'backing off')).toMatchObject({
        failures: 1,
        exit: 'signal SIGKILL',
      });
      depot.pass(SECOND);
    }
  });

  test('is not started again where nobody wants that', async () => {
    await depot.open(clerk('exit 7', restart('policy: never')));
    await depot.reaches('clerk', 'failed');
    depot.pass(HOUR);
    expect(depot.told).toEqual(['began 1', 'ended 1 failed']);
    expect(depot.vehicles.gaveUp).toEqual([]);
  });

  test('because it is not there says so', async () => {
    await depot.open(clerk('').replace('sh, -c', 'no-such-program-anywhere, -c'));
    await depot.reaches('clerk', 'backing off');
    expect(depot.notices[0].text).toBe(
      'run 1 did not begin: the program "no-such-program-anywhere" was not found in PATH; it is started again in 1s',
    );
  });
});

describe('a program that leaves with 0', () => {
  test('has done what it should', async () => {
    await depot.open(clerk('exit 0'));
    await depot.reaches('clerk', 'left');
    depot.pass(HOUR);
    expect(depot.told).toEqual(['began 1', 'ended 1 clean']);
  });

  test('begins another run where it is always to be there', async () => {
    const text = clerk('echo $ROUNDABOUT_RUN', restart('policy: always'));
    await depot.open(text);
    await depot.reaches('clerk', 'backing off');
    depot.pass(SECOND);
    expect(await depot.printed(2)).toEqual(['clerk 1', 'clerk 2']);
    await depot.close();
    // A flow that is to end would wait for it without end.
    await depot.open(text, true);
    await depot.reaches('clerk', 'left');
  });
});

test('nothing is started again while the roundabout stops', async () => {
  await depot.open(clerk('exit 1'));
  await depot.reaches('clerk', 'backing off');
  await depot.vehicles.stop();
  depot.pass(HOUR);
  expect(depot.told).toEqual(['began 1', 'ended 1 failed']);
  expect(depot.status('clerk').nextAt).toBeNull();
});

describe('a vehicle that sleeps', () => {
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
  let connection = 0;

  /** Something comes for it. */
  async function bring(from: number, to: number): Promise<void> {
    const lane = depot.shard.plan.lanes[0].id;
    connection++;
    depot.shard.append({ kind: 'opened', lane, connection, peer: 'test' });
    depot.shard.append({ kind: 'chunk', lane, connection, bytes: Buffer.from(lines(from, to)) });
    depot.shard.append({ kind: 'closed', lane, connection, how: 'end' });
    await depot.shard.settled();
  }

  /** It takes all up to a number. */
  function take(last: number): void {
    const [{ id }] = depot.shard.plan.exits;
    depot.shard.holds.get(id)?.settle(1, last);
  }

  /** Goes on until it is told to go, and leaves with 0 then. One process, so that nothing of it is left behind. */
  const WORKS =
    `exec "${process.execPath}" -e "process.on(\\"SIGTERM\\", () => process.exit(0)); ` +
    'console.log(process.env.ROUNDABOUT_RUN, process.pid); setInterval(() => {}, 1000)"';
  const wake = (fields: string, program = WORKS): string =>
    clerk(program, `    wake: { ${fields} }\n`);

  async function leaves(run: number): Promise<void> {
    const pid = Number((await depot.printed(run))[run - 1].split(' ').at(-1));
    process.kill(pid, 'SIGTERM');
  }

  test('is woken by so many records, never while it runs, and again by what came meanwhile', async () => {
    await depot.open(wake('after_records: 3'));
    expect(depot.status('clerk')).toMatchObject({ state: 'asleep', nextAt: null });
    await bring(1, 2);
    expect(depot.told).toEqual([]);
    await bring(3, 3);
    await depot.reaches('clerk', 'running');
    await bring(4, 9);
    take(3);
    expect(depot.told).toEqual(['began 1']);
    await leaves(1);
    // Six more wait.
    await depot.printed(2);
    take(9);
    await leaves(2);
    await depot.reaches('clerk', 'asleep');
    depot.pass(24 * HOUR);
    expect(depot.told).toEqual(['began 1', 'ended 1 clean', 'began 2', 'ended 2 clean']);
  });

  test('is woken when the oldest has waited for so long, also over a restart', async () => {
    const text = wake('after: 6h, after_records: 100');
    await depot.open(text);
    depot.at('01:00:00');
    await bring(1, 1);
    depot.at('03:00:00');
    await bring(2, 2);
    await depot.close();
    depot.at('05:00:00');
    await depot.open(text);
    // The age is read from the disk.
    for (const time of ['06:59:00', '06:59:59']) {
      depot.at(time);
      await depot.shard.settled();
    }
    expect(depot.told).toEqual([]);
    take(1);
    await passed('07:30:00');
    // It was taken by another, and the next is younger.
    expect(depot.told).toEqual([]);
    await passed('09:00:00');
    await depot.reaches('clerk', 'running');
    expect(depot.told).toEqual(['began 1']);
  });

  /** Comes to a time in steps, so that what is read in between can be. */
  async function passed(time: string): Promise<void> {
    const day = new Date(depot.clock.now() / 1000).toISOString().slice(0, 11);
    const to = Date.parse(`${day}${time}Z`) * 1000;
    while (depot.clock.now() < to) {
      depot.clock.advance(Math.min(to, depot.clock.now() + 10 * MINUTE));
      await depot.shard.settled();
    }
  }

  test('that takes nothing is woken after a pause that grows, not at once', async () => {
    await depot.open(wake('after_records: 1', 'echo $ROUNDABOUT_RUN'));
    await bring(1, 1);
    const pauses = [1, 2, 4];
    for (const [i, pause] of pauses.entries()) {
      await depot.printed(i + 1);
      await depot.reaches('clerk', 'asleep');
      depot.pass(pause * SECOND - 1);
      expect(depot.status('clerk').state).toBe('asleep');
      depot.pass(1);
    }
    await depot.printed(pauses.length + 1);
    expect(depot.told.filter((one) => one.startsWith('began'))).toHaveLength(4);
  });

  test('that fails is started again, and given up for good', async () => {
    const text = wake('after_records: 1', 'echo $ROUNDABOUT_RUN; exit 1');
    await depot.open(text.replace('    wake', '    restart: { give_up_after: 2 }\n    wake'));
    await bring(1, 5);
    await depot.reaches('clerk', 'backing off');
    depot.pass(SECOND);
    await depot.reaches('clerk', 'gave up');
    await bring(6, 9);
    depot.pass(HOUR);
    expect(depot.lines).toEqual(['clerk 1', 'clerk 1']);
    expect(depot.vehicles.gaveUp).toEqual(['clerk']);
  });

  test('is woken by an edit that lets less be enough', async () => {
    await depot.open(wake('after_records: 10'));
    await bring(1, 5);
    await depot.edit(wake('after_records: 5'));
    await depot.printed(1);
    // While it runs, an edit of the rest leaves it alone.
    await depot.edit(wake('after_records: 7'));
    expect(depot.told).toEqual(['began 1']);
  });
});
