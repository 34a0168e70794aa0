/** Operators behind one another: what a join without an end gives to groups that run. */
import { describe, expect, test } from '@jest/globals';
import { OneLaneRun, START } from '../tools/one-lane-run.ts';

const text = `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: at
operators:
  ones: { type: filter, from: in, where: n = 1 }
  twos: { type: filter, from: in, where: n = 2 }
  pairs: { type: join, left: ones, right: twos, key: k, retention: forever, fields: { k: ones.k } }
  totals: { type: aggregate, from: pairs, retention: forever, every: 1h, group_by: k, fields: { c: count(*) } }
exits:
  out: { from: totals, for: v }
`;

describe('running groups behind a join that never forgets', () => {
  test('leave at the end of all input, though no watermark says so', () => {
    const run = new OneLaneRun(text);
    run.open();
    for (const n of [1, 2, 1]) run.chunk(`{"k":"a","n":${n},"at":${START / 1000}}\n`);
    expect(run.messages).toEqual([]);
    run.close();
    expect(run.messages.map(({ body }) => ({ ...body }))).toEqual([{ k: 'a', c: 2 }]);
    expect(run.idle).toBe(true);
  });
});
