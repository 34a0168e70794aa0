/** Crons as they are written, and the instants they name: also by brute force, over clock changes of several zones. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCron } from '../../src/topology/cron.ts';
import { CronTimes } from '../../src/topology/cron-times.ts';
import { isZone } from '../../src/topology/zone.ts';

const MINUTE = 60_000;

function micros(text: string): number {
  return Date.parse(text) * 1000;
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at / 1000).toISOString().replace('.000', '');
}

/** The next due times, as ISO texts. */
function due(cron: string, zone: string, after: string, count = 1): (string | undefined)[] {
  const times = new CronTimes(cron, zone);
  const found: (string | undefined)[] = [];
  let at: number | undefined = micros(after);
  for (let i = 0; i < count && at !== undefined; i++) {
    at = times.next(at);
    found.push(instant(at));
  }
  return found;
}

function problem(text: string): { text: string; at: string; hint: string | undefined } {
  const found = parseCron(text);
  if (!('problem' in found)) throw new Error(`${text} is a cron`);
  const { problem: words, span, hint } = found;
  return { text: words, at: text.slice(...span), hint };
}

describe('the text of a cron', () => {
  test('may have values, ranges, steps, lists and names', () => {
    expect(parseCron('*/20 0-6/3 1,15 JAN-mar,dec mon-Fri')).toEqual({
      seconds: [0],
      minutes: [0, 20, 40],
      hours: [0, 3, 6],
      days: [1, 15],
      months: [1, 2, 3, 12],
      weekdays: [1, 2, 3, 4, 5],
      eitherDay: true,
    });
    expect(parseCron('30 0 12 * * 5-7')).toMatchObject({
      seconds: [30],
      weekdays: [0, 5, 6],
      eitherDay: false,
    });
  });

  test.each([
    ['15 2 * *', '15 2 * *', /five fields.* this has 4/],
    ['', '', /this has none/],
    ['@daily', '@daily', /shorthand/],
    ['60 * * * *', '60', /"60" is no minute/],
    ['0 24 * * *', '24', /no hour/],
    ['0 0 0 * *', '0', /no day of the month/],
    ['0 0 1 0 *', '0', /no month/],
    ['0 0 * * 8', '8', /no day of the week/],
    ['0 0 * * mo', 'mo', /no day of the week/],
    ['0 1,2,x * * *', 'x', /no hour/],
    ['0 1,,2 * * *', ',', /no hour/],
    ['0 22-4 * * *', '22-4', /begins after its end/],
    ['0/15 * * * *', '0/15', /a step and no end/],
    ['*/0 * * * *', '*/0', /no minute/],
    ['1/2/3 * * * *', '1/2/3', /no minute/],
    ['0 0 L * *', 'L', /no day of the month/],
    ['-5 * * * *', '-5', /no minute/],
  ])('%s is refused at the part that is wrong', (text, at, words) => {
    const found = problem(text);
    expect(found.text).toMatch(words);
    expect(found.at).toBe(at);
    expect(found.hint).toBeDefined();
  });

  test('what a hint tells to write is a cron', () => {
    expect(problem('@weekly').hint).toBe('write "0 0 * * 0"');
    expect(problem('5/15 * * * *').hint).toBe('write 5-59/15');
    expect(problem('0 22-4 * * *').hint).toBe('write the two ends apart: 22-23,0-4');
    expect(parseCron('5-59/15 22-23,0-4 * * *')).not.toHaveProperty('problem');
    expect(problem('0 25 * * *').hint).toMatch(/^an hour is 0 to 23/);
  });

  test('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0159*/-, monL\t') }), (text) => {
        const found = parseCron(text);
        if (!('problem' in found)) return;
        const [start, end] = found.span;
        expect(start).toBeLessThanOrEqual(end);
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('a zone', () => {
  test.each(['UTC', 'Europe/Lisbon', 'America/St_Johns', 'asia/kolkata'])('%s is one', (name) => {
    expect(isZone(name)).toBe(true);
  });

  test.each(['', 'Europe/Lisboa', '+01:00', 'local'])('"%s" is none', (name) => {
    expect(isZone(name)).toBe(false);
  });
});

describe('the next time', () => {
  test('is in the zone of the schedule', () => {
    expect(due('15 2 * * *', 'UTC', '2026-06-01T00:00:00Z')).toEqual(['2026-06-01T02:15:00Z']);
    expect(due('15 2 * * *', 'Europe/Lisbon', '2026-06-01T00:00:00Z')).toEqual([
      '2026-06-01T01:15:00Z',
    ]);
    expect(due('15 2 * * *', 'Asia/Kathmandu', '2026-06-01T00:00:00Z')).toEqual([
      '2026-06-01T20:30:00Z',
    ]);
    expect(due('15 2 * * *', 'Pacific/Kiritimati', '2026-06-01T00:00:00Z')).toEqual([
      '2026-06-01T12:15:00Z',
    ]);
  });

  test('is after the instant, never at it', () => {
    expect(due('0 0 * * *', 'UTC', '2026-06-01T00:00:00Z')).toEqual(['2026-06-02T00:00:00Z']);
    expect(due('* * * * * *', 'UTC', '2026-06-01T00:00:00.500Z')).toEqual(['2026-06-01T00:00:01Z']);
  });

  test('that the clocks skip is the first instant behind the gap', () => {
    // 02:00 to 03:00 in Berlin, at 01:00 UTC.
    expect(due('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ]);
    expect(due('*/20 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', 2)).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:20:00Z',
    ]);
    // Half an hour only.
    expect(due('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z')).toEqual([
      '2026-10-03T15:30:00Z',
    ]);
    // Midnight itself is skipped.
    expect(due('0 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z')).toEqual([
      '2026-09-06T04:00:00Z',
    ]);
    // A whole day.
    expect(due('0 12 * * *', 'Pacific/Apia', '2011-12-29T23:00:00Z', 2)).toEqual([
      '2011-12-30T10:00:00Z',
      '2011-12-30T22:00:00Z',
    ]);
  });

  test('that comes twice comes once, the first time', () => {
    expect(due('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(due('0 * * * *', 'Europe/Lisbon', '2026-10-24T23:30:00Z', 3)).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T02:00:00Z',
      '2026-10-25T03:00:00Z',
    ]);
  });

  test('passes the end of a year and waits for a leap day', () => {
    expect(due('0 0 1 1 *', 'Asia/Tokyo', '2026-12-31T14:59:59Z')).toEqual([
      '2026-12-31T15:00:00Z',
    ]);
    expect(due('59 59 23 31 12 *', 'UTC', '2026-12-31T23:59:58Z', 2)).toEqual([
      '2026-12-31T23:59:59Z',
      '2027-12-31T23:59:59Z',
    ]);
    expect(due('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z')).toEqual(['2104-02-29T00:00:00Z']);
    expect(due('0 0 1 1 *', 'UTC', '2037-06-01T00:00:00Z', 2)).toEqual([
      '2038-01-01T00:00:00Z',
      '2039-01-01T00:00:00Z',
    ]);
  });

  test('of a day that no year has never comes', () => {
    expect(due('0 0 30 2 *', 'UTC', '2026-01-01T00:00:00Z')).toEqual([undefined]);
    expect(new CronTimes('0 0 31 4 *', 'UTC').last(micros('2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  test('is a day of either kind where both are restricted', () => {
    expect(due('0 0 13 * fri', 'UTC', '2026-02-01T00:00:00Z', 3)).toEqual([
      '2026-02-06T00:00:00Z',
      '2026-02-13T00:00:00Z',
      '2026-02-20T00:00:00Z',
    ]);
  });
});

/** Weeks in which clocks change, or a year ends. */
const WEEKS = [
  ['Europe/Lisbon', '2026-03-27'],
  ['Europe/Lisbon', '2026-10-23'],
  ['America/New_York', '2026-03-06'],
  ['America/New_York', '2026-10-30'],
  ['America/St_Johns', '2026-10-30'],
  ['America/Santiago', '2026-04-03'],
  ['America/Santiago', '2026-09-04'],
  ['Australia/Lord_Howe', '2026-04-03'],
  ['Australia/Lord_Howe', '2026-10-02'],
  ['Pacific/Chatham', '2026-09-25'],
  ['Africa/Casablanca', '2026-02-13'],
  ['Pacific/Apia', '2011-12-28'],
  ['Asia/Kolkata', '2028-02-27'],
  ['UTC', '2026-12-29'],
] as const;
const DAYS = 4;

const known = new Map<string, Float64Array>();

/** What the clock shows in each minute from a day before `from` on. */
function wallsOf(zone: string, from: number): Float64Array {
  const found = known.get(`${zone} ${from}`);
  if (found !== undefined) return found;
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const walls = Float64Array.from({ length: (DAYS + 1) * 1440 }, (_, i) =>
    Date.parse(`${format.format(from + (i - 1440) * MINUTE).replace(' ', 'T')}Z`),
  );
  known.set(`${zone} ${from}`, walls);
  return walls;
}

/**
 * What is due in each minute of some days, found by looking at the clock on the wall each minute: a time is due
 * when it is shown for the first time, or when the clock has gone over it.
 */
function byLooking(cron: string, zone: string, from: number): number[] {
  const parsed = parseCron(cron);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const { minutes, hours, days, months, weekdays, eitherDay } = parsed;
  const walls = wallsOf(zone, from);
  const wallAt = (at: number): number => walls[(at - from) / MINUTE + 1440];
  const matches = (wall: number): boolean => {
    const date = new Date(wall);
    const day = days.includes(date.getUTCDate());
    const weekday = weekdays.includes(date.getUTCDay());
    return (
      minutes.includes(date.getUTCMinutes()) &&
      hours.includes(date.getUTCHours()) &&
      months.includes(date.getUTCMonth() + 1) &&
      (eitherDay ? day || weekday : day && weekday)
    );
  };
  const found: number[] = [];
  // So early that what the clocks showed before is known.
  let shown = wallAt(from - 1440 * MINUTE);
  for (let at = from - 1439 * MINUTE; at < from + DAYS * 1440 * MINUTE; at += MINUTE) {
    const wall = wallAt(at);
    let isDue = false;
    for (let passed = shown + MINUTE; passed <= wall; passed += MINUTE) isDue ||= matches(passed);
    if (isDue && at >= from) found.push(at);
    shown = Math.max(shown, wall);
  }
  return found;
}

const field = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: fc.integer({ min, max }).map(String) },
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${a},${b}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min: 1, max: 20 }))
      .map(([a, b, step]) => `${Math.min(a, b)}-${Math.max(a, b)}/${step}`),
  );

const crons = fc
  .tuple(field(0, 59), field(0, 5), field(1, 31), fc.constant('*'), field(0, 7))
  .map((fields) => fields.join(' '));

test.each(WEEKS)(
  '%s from %s: what is due is what looking at the clock each minute finds',
  (zone, day) => {
    const from = Date.parse(`${day}T00:00:00Z`);
    const to = from + DAYS * 1440 * MINUTE;
    fc.assert(
      fc.property(crons, (cron) => {
        const times = new CronTimes(cron, zone);
        const found: number[] = [];
        for (let at = times.next((from - 1) * 1000); ; at = times.next(at)) {
          if (at === undefined || at >= to * 1000) break;
          found.push(at / 1000);
        }
        expect(found).toEqual(byLooking(cron, zone, from));
        // And the same backwards.
        const back: number[] = [];
        for (let at = times.last((to - 1) * 1000); ; at = times.last(at - 1000)) {
          if (at === undefined || at < from * 1000) break;
          back.push(at / 1000);
        }
        expect(back.reverse()).toEqual(found);
      }),
      { numRuns: 4 },
    );
  },
);
