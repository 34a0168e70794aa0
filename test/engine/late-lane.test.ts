/** A lane that sends its late records to a stream of their own: the same records as without, in two places. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from '../tools/campaign.ts';
import { EngineRun } from '../tools/engine-run.ts';

const head = (lateTo: string): string => `version: 1
name: late
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { n: long, s: string, at: { type: timestamp, format: epoch_s } }
        event_time: { field: at, max_delay: 10s }
        ${lateTo}
operators:
  odd: { type: filter, from: in, where: n % 2 = 1 }
  sums: { type: aggregate, from: odd, window: { tumble: 1m }, fields: { n: count(*), until: window_end } }
`;
const MIXED = `${head('')}exits:
  on_time: { from: in, for: v, fields: { n: n, s: s, late: _late, by: _late_by } }
  sums: { from: sums, for: v }
`;
const APART = `${head('late_to: tardy')}  few: { type: select, from: tardy, fields: { n: n, s: s, late: _late, by: _late_by, lane: _lane } }
exits:
  on_time: { from: in, for: v, fields: { n: n, s: s, late: _late, by: _late_by } }
  tardy: { from: few, for: v }
  sums: { from: sums, for: v }
`;

/** Seconds, going on mostly, and back by more than the lane waits for now and then. */
const records = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: -60, max: 20 })), {
  minLength: 1,
  maxLength: 60,
});
const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });

function runOf(flow: string, text: string, sizes: readonly number[]): EngineRun {
  const run = new EngineRun(flow).open();
  let rest = Buffer.from(text);
  for (let i = 0; rest.length > 0; i++) {
    run.chunk({ lane: 'in', bytes: rest.subarray(0, sizes[i % sizes.length]) });
    rest = rest.subarray(sizes[i % sizes.length]);
  }
  run.close();
  return run;
}

test('the late records leave on it alone, whatever chunks and edits come, and again at a replay', () => {
  let late = 0;
  fc.assert(
    fc.property(records, cuts, (steps, sizes) => {
      let time = 1_767_225_600;
      const text = steps
        .map(([back, on], n) => {
          time += on;
          return `{"n":${n},"s":"${'x'.repeat(n % 7)}","at":${time - back}}\n`;
        })
        .join('');
      const mixed = runOf(MIXED, text, sizes).messages('on_time');
      const run = runOf(APART, text, sizes);
      expect(run.messages('on_time')).toEqual(mixed.filter((one) => one['late'] !== true));
      const apart = run.messages('tardy');
      expect(apart.map(({ lane, ...one }) => one)).toEqual(
        mixed.filter((one) => one['late'] === true),
      );
      expect(apart.every(({ lane }) => lane === 'in')).toBe(true);
      late += apart.length;
      expect(run.messages('sums')).toEqual(runOf(MIXED, text, sizes).messages('sums'));
      const { gaps, lanes, operators } = run.account();
      expect(gaps).toEqual([]);
      expect(lanes[0]).toMatchObject({ records: steps.length, late: apart.length });
      expect(operators.map((one) => one.late)).toEqual([0, 0, 0]);
      const again = new EngineRun(APART);
      again.replay(run.log);
      for (const exit of ['on_time', 'tardy', 'sums']) {
        expect(again.bytes(exit)).toEqual(run.bytes(exit));
      }
    }),
    { numRuns: share(120) },
  );
  expect(late).toBeGreaterThan(share(100));
});
