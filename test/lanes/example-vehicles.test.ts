import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Left, startProgram } from '../../src/lanes/supervisor.ts';
import { systemClock } from '../../src/stream/clock.ts';
import { closeWorlds as closeListeners, openWorld as openAmqp } from '../tools/amqp-listener.ts';
import { closeWorlds, openWorld } from './lane-world.ts';

const PIPELINES = fileURLToPath(new URL('../../pipelines', import.meta.url));
const WEEK_MS = 7 * 86_400_000;

afterEach(async () => {
  await closeWorlds();
  await closeListeners();
});

interface Ran {
  readonly left: Left;
  readonly lines: readonly string[];
}

async function run(file: string, env: Record<string, string>): Promise<Ran> {
  const lines: string[] = [];
  const { left } = startProgram({
    command: [process.execPath, `vehicles/${file}`],
    base: PIPELINES,
    cwd: null,
    env,
    clock: systemClock,
    onOutput: (line) => lines.push(line),
  });
  return { left: await left, lines };
}

interface Flight {
  readonly time: string;
  readonly origin: string;
  readonly delay: number;
}

async function drive(runNumber: number): Promise<{ ran: Ran; story: string[]; flights: Flight[] }> {
  const { lane, journal } = await openWorld();
  const ran = await run('flights.mjs', {
    ROUNDABOUT_RUN: String(runNumber),
    ROUNDABOUT_LANE_FLIGHTS: `127.0.0.1:${lane.address.port}`,
  });
  const lines = journal.received(1).toString().trimEnd().split('\n');
  return { ran, story: journal.story(1), flights: lines.map((line) => JSON.parse(line) as Flight) };
}

describe('the vehicle of the flights', () => {
  test('drives the whole file in, in order of time, and ends in order', async () => {
    const { ran, story, flights } = await drive(1);
    expect(ran.left).toMatchObject({ code: 0 });
    expect(ran.lines).toEqual(['2000 flights of 2001-01-01 to 2001-03-31 are in. Done.']);
    expect(story).toEqual(['opened', 'chunk', 'closed end']);
    const raw = JSON.parse(readFileSync(`${PIPELINES}/data/flights-2k.json`, 'utf8')) as unknown[];
    expect(flights).toHaveLength(raw.length);
    const [first] = flights;
    expect(first).toEqual({
      time: '2001-01-01T06:55:00.000Z',
      delay: -19,
      distance: 1797,
      origin: 'LAX',
      destination: 'BNA',
    });
    const times = flights.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
  });

  test('goes on, in a later run, after the last week that the run before has closed', async () => {
    const [one, two] = [(await drive(1)).flights, (await drive(2)).flights];
    const last = Date.parse(one[one.length - 1]?.time ?? '');
    const closedUntil = (Math.floor(last / WEEK_MS) + 1) * WEEK_MS;
    expect(Date.parse(two[0]?.time ?? '')).toBeGreaterThanOrEqual(closedUntil);
    const moved = two.map((flight, i) => {
      return (Date.parse(flight.time) - Date.parse(one[i]?.time ?? '')) / WEEK_MS;
    });
    expect(new Set(moved)).toEqual(new Set([14]));
    expect(two.map(({ delay }) => delay)).toEqual(one.map(({ delay }) => delay));
  });

  test('fails with a sentence where there is no lane', async () => {
    const { lane } = await openWorld();
    await lane.stop(0);
    const { left, lines } = await run('flights.mjs', {
      ROUNDABOUT_LANE_FLIGHTS: `127.0.0.1:${lane.address.port}`,
    });
    expect(left).toMatchObject({ code: 1 });
    expect(lines.join()).toMatch(/^the lane is lost: connect ECONNREFUSED/);
  });
});

describe('the vehicle of the airports', () => {
  async function airports(runNumber: number): Promise<{ ran: Ran; story: string[]; text: string }> {
    const { lane, journal } = await openWorld();
    const ran = await run('airports.mjs', {
      ROUNDABOUT_RUN: String(runNumber),
      ROUNDABOUT_LANE_AIRPORTS: `127.0.0.1:${lane.address.port}`,
    });
    const story = journal.story(1);
    return { ran, story, text: story.length > 0 ? journal.received(1).toString() : '' };
  }

  test('drives every airport in, commas and quotes as they are meant', async () => {
    const { ran, text } = await airports(1);
    expect(ran.left).toMatchObject({ code: 0 });
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(records).toHaveLength(3376);
    expect(records[0]).toMatchObject({
      iata: '00M',
      name: 'Thigpen',
      city: 'Bay Springs',
      state: 'MS',
    });
    for (const record of records) {
      expect(Object.keys(record)).toEqual([
        'iata',
        'name',
        'city',
        'state',
        'country',
        'latitude',
        'longitude',
      ]);
    }
  });

  test('has nothing to say in a later run', async () => {
    const { ran, story } = await airports(2);
    expect(ran.left).toMatchObject({ code: 0 });
    expect(story).toEqual([]);
  });
});

describe('the board', () => {
  test('prints what was held for it, accepts every row and leaves', async () => {
    const { port, holds } = await openAmqp({ exits: ['bad_weeks'] });
    const hold = holds.get('bad_weeks');
    const week = new Date('2001-01-04T00:00:00Z');
    for (const late of [4, 3, 12]) {
      hold?.add({ week, airport: 'McCarran', state: 'NV', late, average: 54.75, worst: 122 });
    }
    const { left, lines } = await run('board.mjs', { ROUNDABOUT_AMQP: `127.0.0.1:${port}` });
    expect(left).toMatchObject({ code: 0 });
    expect(lines).toEqual([
      'Late, as ever. Whatever is ready before I come is held for me.',
      'Bad weeks: airports with three or more flights over 15 minutes late',
      '',
      `week from   ${'airport'.padEnd(40)}  late  on average    worst`,
      `2001-01-04  ${'McCarran, NV'.padEnd(40)}     4      55 min  122 min`,
      `2001-01-04  ${'McCarran, NV'.padEnd(40)}     3      55 min  122 min`,
      `2001-01-04  ${'McCarran, NV'.padEnd(40)}    12      55 min  122 min`,
      '',
      '3 rows taken, nothing more is held for me. Goodbye.',
    ]);
    expect(hold?.held).toBe(0);
  });

  test('says why it cannot have its rows', async () => {
    const { port } = await openAmqp({ exits: ['good_weeks'] });
    const { left, lines } = await run('board.mjs', { ROUNDABOUT_AMQP: `127.0.0.1:${port}` });
    expect(left).toMatchObject({ code: 1 });
    expect(lines[lines.length - 1]).toMatch(/^the exit is lost: .*bad_weeks/);
  });
});
