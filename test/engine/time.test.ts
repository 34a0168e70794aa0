/** Time through chains of windows: how far a clean end of a run moves it, and when a tick is asked for. */
import { describe, expect, test } from '@jest/globals';
import { OneLaneRun, START } from '../tools/one-lane-run.ts';

const SECOND = 1_000_000;

function flow(operators: string, from: string, lane = 'event_time: at'): string {
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, n: long, at: { type: timestamp, format: epoch_ms } }
        ${lane}
operators:
${operators}
exits:
  out: { from: ${from}, for: v }
`;
}

const SESSIONS = `  visits: { type: aggregate, from: in, window: { session: 10s }, group_by: k, fields: { c: count(*) } }`;
const HOPS = `  hops: { type: aggregate, from: in, window: { hop: 10s, every: 3s }, group_by: k, fields: { c: count(*) } }`;
const behind = (from: string, window: string): string =>
  `  per: { type: aggregate, from: ${from}, window: { ${window} }, group_by: k, fields: { n: count(*) } }`;

function started(text: string, seconds: readonly number[]): OneLaneRun {
  const run = new OneLaneRun(text);
  run.open();
  for (const second of seconds) run.chunk(`{"k":"a","n":1,"at":${START / 1000 + second * 1000}}\n`);
  return run;
}

function mark(run: OneLaneRun): number {
  return Number(run.engine.watermarks().get('in')) - START;
}

describe('a clean end of a run', () => {
  test('moves time to the end of the session of the newest record', () => {
    const run = started(flow(SESSIONS, 'visits'), [3, 5]);
    run.finish();
    expect(mark(run)).toBe(15 * SECOND);
    expect(run.messages.map(({ body }) => body['c'])).toEqual([2]);
  });

  test('moves time to the end of the last hop that holds the newest record', () => {
    const run = started(flow(HOPS, 'hops'), [3, 5]);
    run.finish();
    expect(mark(run) + START).toBe(
      Math.floor((START / SECOND + 5) / 3) * 3 * SECOND + 10 * SECOND - 1,
    );
    expect(run.messages.length).toBe(4);
  });

  test.each([
    // The session ends at 15 s; its result, a microsecond before, lies in [10 s, 15 s).
    ['tumble: 5s', 15 * SECOND],
    // Here it lies in [0 s, 20 s), which the session passes on a microsecond late.
    ['tumble: 20s', 20 * SECOND],
    ['session: 3s', 18 * SECOND],
  ])(
    'closes sessions and a window behind them, { %s }, and moves time no further',
    (window, wanted) => {
      const text = flow(`${SESSIONS}\n${behind('visits', window)}`, 'per');
      const run = started(text, [3, 5]);
      run.finish();
      expect(mark(run)).toBe(wanted);
      expect(run.messages.map(({ body }) => body['n'])).toEqual([1]);
      expect(run.engine.account().operators.map(({ openWindows }) => openWindows)).toEqual([0, 0]);
    },
  );

  test('does not move time for a window behind one by arrival, which goes by another time', () => {
    const batches =
      '  batches: { type: aggregate, from: in, window: { batch: 2s }, group_by: k, fields: { c: count(*) } }';
    const run = started(flow(`${batches}\n${behind('batches', 'tumble: 1h')}`, 'per'), [3, 5]);
    run.finish();
    expect(mark(run)).toBe(5 * SECOND - 1);
  });

  test('a little less would not have done', () => {
    const text = flow(`${SESSIONS}\n${behind('visits', 'tumble: 20s')}`, 'per');
    // A second lane-time record stands for the time that finish would have given.
    const short = started(text, [3, 5]);
    short.chunk(`{"k":"b","n":1,"at":${START / 1000 + 20_000}}\n`);
    expect(mark(short)).toBe(20 * SECOND - 1);
    expect(short.messages).toEqual([]);
  });
});

describe('ticks', () => {
  test('close a session of a lone lane at its time, and an idle flow asks for no more', () => {
    const run = started(
      flow(SESSIONS, 'visits', 'event_time: { field: at, idle_timeout: 2s }'),
      [3],
    );
    const entries = run.log.length;
    run.wait(60 * SECOND);
    expect(run.messages.map(({ body }) => body['c'])).toEqual([1]);
    expect(run.idle).toBe(true);
    const ticks = run.log.length - entries;
    run.wait(3600 * SECOND);
    expect(run.log.length - entries).toBe(ticks);
  });

  test('let a session by arrival leave in the microsecond after its gap', () => {
    const run = started(flow(SESSIONS, 'visits', 'event_time: arrival'), [3]);
    run.wait(10 * SECOND + 1);
    // W is log time less 1 us, and has to reach the end itself.
    expect(run.messages.map(({ left }) => left - START)).toEqual([10 * SECOND + 1]);
    expect(run.idle).toBe(true);
  });

  test('let running groups leave at their pace and only when something has changed', () => {
    const totals =
      '  totals: { type: aggregate, from: in, retention: forever, every: 2s, group_by: k, fields: { c: count(*) } }';
    const run = started(flow(totals, 'totals'), [3, 5]);
    expect(run.engine.due()).toBe(START + 2 * SECOND);
    run.wait(60 * SECOND);
    expect(run.messages.map(({ body, left }) => [body['c'], left - START])).toEqual([
      [2, 2 * SECOND],
    ]);
    expect(run.idle).toBe(true);
    expect(run.log.filter(({ kind }) => kind === 'tick').length).toBe(1);
    // What is late changes nothing.
    run.chunk(`{"k":"a","n":1,"at":${START / 1000}}\n`);
    expect(run.idle).toBe(true);
    run.chunk(`{"k":"a","n":1,"at":${START / 1000 + 90_000}}\n`);
    expect(run.engine.due()).toBe(run.now + 2 * SECOND);
    run.close();
    expect(run.messages.map(({ body }) => body['c'])).toEqual([2, 3]);
    expect(run.engine.account().operators.map(({ late }) => late)).toEqual([1]);
  });

  test('let running groups behind a window leave at the pace of log time', () => {
    const totals = `  batches: { type: aggregate, from: in, window: { batch: 3s }, group_by: k, fields: { c: count(*) } }
  totals: { type: aggregate, from: batches, retention: forever, every: 2s, group_by: k, fields: { s: sum(c) } }`;
    const run = started(flow(totals, 'totals'), [3, 5]);
    run.wait(60 * SECOND);
    expect(run.messages.map(({ body, left }) => [body['s'], left - START])).toEqual([
      [2, 4 * SECOND],
    ]);
    expect(run.idle).toBe(true);
  });
});

describe('after the end of all input', () => {
  const TOTALS =
    '  totals: { type: aggregate, from: in, retention: RETENTION, group_by: k, fields: { c: count(*) } }';

  /** Two records, the end, a restart, and an older record. */
  function goOn(operators: string, from: string): unknown[] {
    const run = started(flow(operators, from), [3, 5]);
    run.close();
    run.wait(SECOND);
    run.entry({ kind: 'restart', engine: 1, v8: '', unicode: '' });
    run.open();
    run.chunk(`{"k":"a","n":1,"at":${START / 1000 + 4000}}\n`);
    run.close();
    expect(run.engine.account().gaps).toEqual([]);
    return run.messages.map(({ body }) => body['c']);
  }

  test('a later run goes on with what is kept for ever', () => {
    expect(goOn(TOTALS.replace('RETENTION', 'forever'), 'totals')).toEqual([2, 3]);
  });

  test.each([
    ['a retention', TOTALS.replace('RETENTION', '1d'), 'totals', [2, 1]],
    ['sessions', SESSIONS, 'visits', [2, 1]],
    ['hops', HOPS, 'hops', [1, 2, 2, 2, 1, 1, 1]],
  ])('%s begin anew', (_, operators, from, wanted) => {
    expect(goOn(operators, from)).toEqual(wanted);
  });
});
