/** When a vehicle's program runs, in words. */
import { describe, expect, test } from '@jest/globals';
import type { Vehicle } from '../../src/topology/topology.ts';
import { beginWords, cronWords, endWords } from '../../src/topology/vehicle-words.ts';
import { topologyOf } from '../tools/flow-world.ts';

describe('a cron', () => {
  test.each([
    ['15 2 * * *', 'every day at 02:15'],
    ['0 9 * * mon', 'every Monday at 09:00'],
    ['0 9 * * 7', 'every Sunday at 09:00'],
    ['30 18 * * 1-5', 'every day from Monday to Friday at 18:30'],
    ['0 * * * *', 'every hour'],
    ['7 * * * *', 'every hour at minute 7'],
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['0 0,30 * * * *', 'every 30 minutes'],
  ])('%s is %s', (cron, words) => {
    expect(cronWords(cron)).toBe(words);
  });

  test.each([
    '*/7 * * * *',
    '5,20,35,50 * * * *',
    '*/10 8-18 * * *',
    '0 9 1 * *',
    '0 9 1 * mon',
    '0 9 * 6 *',
    '0 9 * * mon,thu',
    '30 0 9 * * *',
    '0 * * * mon',
  ])('%s has no simple words, and is shown', (cron) => {
    expect(cronWords(cron)).toBe(`by the cron "${cron}"`);
  });
});

function vehicle(fields: string): Vehicle {
  const found = topologyOf(`
version: 1
name: words
http: false
vehicles:
  clerk: { command: [clerk]${fields} }
dead_letter: { for: clerk }
`).vehicles.get('clerk');
  if (found === undefined) throw new Error('there is no clerk');
  return found;
}

describe('a vehicle', () => {
  test('that says nothing begins with the roundabout, and again when it fails', () => {
    expect(beginWords(vehicle(''))).toEqual(['Begins a run when the roundabout is started.']);
    expect(endWords(vehicle(''))).toEqual([
      'When it ends with anything but 0, it is started again after 1s, then twice as long each time, up to 1m.',
    ]);
  });

  test('says all that its file says', () => {
    const full = vehicle(
      ', schedule: { cron: "15 2 * * *", timezone: Europe/Lisbon, overlap: queue, missed: run_once, timeout: 1h }' +
        ', wake: { after_records: 500, after: 6h }, restart: { backoff: { initial: 5s, max: 5s }, give_up_after: 1 }',
    );
    expect(beginWords(full)).toEqual([
      'Begins a run every day at 02:15 in Europe/Lisbon.',
      'If the run before it has not ended then, it begins when that has; one at most waits.',
      'What was missed while the roundabout was down is made up for by one run.',
      'A run that takes longer than 1h has failed.',
      'Begins a run when 500 records wait for it, or one has waited for 6h, and leaves by itself.',
    ]);
    expect(endWords(full)).toEqual([
      'When it ends with anything but 0, a run that failed is repeated under its number after 5s.',
      'After 1 start in vain it stays down, until it is time for the next.',
    ]);
    expect(endWords(vehicle(', restart: { policy: never }'))).toEqual([
      'When it fails it is not started again.',
    ]);
    expect(endWords(vehicle(', restart: { policy: always, give_up_after: 3 }'))).toEqual([
      'However it ends, it is started again after 1s, then twice as long each time, up to 1m.',
      'After 3 starts in vain it stays down.',
    ]);
  });
});
