/** `dedupe` inside the engine against a reference that goes row by row, and against DuckDB where time orders all. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dedupe } from '../../src/operators/dedupe.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';
import { inputOf, OperatorWorld } from '../tools/operator-world.ts';

function flow(fields: string): string {
  return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
      in:
        listen: 0
        fields: { k: string, g: long, n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s }
operators:
  once: { type: dedupe, from: in, ${fields}, late_to: behind }
exits:
  out: { from: once, for: v }
  after_all: { from: behind, for: v, fields: [n] }
`;
}

interface Row {
  readonly k: string | null;
  readonly g: number;
  readonly n: number;
  /** Milliseconds after START. */
  readonly at: number;
}

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom(null, '', 'a', 'ü'),
      g: fc.constantFrom(0, 1),
      at: fc.oneof(
        fc.integer({ min: 0, max: 12_000 }),
        fc.nat(24).map((half) => half * 500),
      ),
    }),
    { maxLength: 60 },
  )
  .map((all) => all.map((row, n) => ({ ...row, n })));
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
const within = fc.constantFrom(1, 500, 3000, 60_000);

function line(row: Row): string {
  return JSON.stringify({ ...row, at: START / 1000 + row.at });
}

function drive(text: string, all: readonly Row[], cuts: readonly number[]): EngineRun {
  const run = new EngineRun(text).open();
  for (const chunk of cutLines('in', all.map(line), cuts)) run.chunk(chunk);
  run.close();
  expect(run.account().gaps).toEqual([]);
  return run;
}

function numbers(run: EngineRun, exit: string): number[] {
  return run.messages(exit).map(({ n }) => Number(n));
}

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.open();
});
afterAll(() => oracle.close());

describe('dedupe', () => {
  test('judges record by record, however chunks are cut, and forgets all at the end', () => {
    fc.assert(
      fc.property(rows, sizes, within, fc.boolean(), (all, cuts, span, both) => {
        const text = flow(`key: ${both ? '[k, g]' : 'k'}, within: ${span}ms, keep: first_seen`);
        const run = drive(text, all, cuts);
        const timely = onTime(all, ({ at }) => at * 1000, 2_000_000);
        const remembered = new Map<string, number>();
        const wanted = timely.filter(({ k, g, at }) => {
          const key = JSON.stringify(both ? [k, g] : k);
          const before = remembered.get(key);
          if (before !== undefined && at < before + span) return false;
          remembered.set(key, at);
          return true;
        });
        expect(numbers(run, 'out')).toEqual(wanted.map(({ n }) => n));
        expect(numbers(run, 'after_all')).toEqual(
          all.filter((row) => !timely.includes(row)).map(({ n }) => n),
        );
        const [{ filtered, openRows }] = run.account().operators;
        expect(filtered).toBe(timely.length - wanted.length);
        expect(openRows).toBe(0);
      }),
      { numRuns: share(200) },
    );
  });

  test('remembers a key for as long as a record that is just on time could be dropped by it', () => {
    // The second says that time has come to just before 0; the third is exactly as late as it may be.
    const all = [0, 2000, 0].map((at, n) => ({ k: n === 1 ? 'b' : 'a', g: 0, n, at }));
    expect(numbers(drive(flow('key: k, within: 1ms'), all, [60]), 'out')).toEqual([0, 1]);
  });

  test('keeps what DuckDB keeps where all duplicates of a key lie within the span', async () => {
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (all, cuts) => {
        const run = drive(flow('key: [k, g], within: 1m'), all, cuts);
        const timely = onTime(all, ({ at }) => at * 1000, 2_000_000);
        const columns = { k: 'VARCHAR', g: 'BIGINT', n: 'BIGINT', at: 'BIGINT' };
        await oracle.table(
          'T',
          columns,
          timely.map((row) => ({ ...row })),
        );
        const first = await oracle.rows(
          'SELECT k, g, n FROM T QUALIFY row_number() OVER (PARTITION BY k, g ORDER BY n) = 1',
        );
        const found = run.messages('out').map(({ k, g, n }) => ({ k, g, n }));
        expect(multiset(found)).toEqual(multiset(first));
      }),
      { numRuns: share(50) },
    );
  });

  test('remembers no more keys than its span has, while every key is a new one', () => {
    const run = new EngineRun(flow('key: n, within: 1s')).open();
    let most = 0;
    for (let first = 0; first < 50_000; first += 1000) {
      const lines = Array.from({ length: 1000 }, (_, i) =>
        line({ k: null, g: 0, n: first + i - (i % 2), at: first + i }),
      );
      for (const chunk of cutLines('in', lines, [1 << 20])) run.chunk(chunk);
      most = Math.max(most, run.account().operators[0].openRows);
    }
    // Half of the records of a second and of two of delay, of a chunk, and of segments forgotten whole.
    expect(most).toBeLessThan(1500 + 500 + 2 * 1024);
    expect(run.messages('out').length).toBe(25_000);
    // The lane falls silent: what is remembered goes as time passes, and then nothing is due.
    for (let i = 0; i < 100 && run.due() !== Number.POSITIVE_INFINITY; i++) {
      run.wait(run.due() - run.now);
    }
    expect(run.due()).toBe(Number.POSITIVE_INFINITY);
    expect(run.account().operators[0].openRows).toBe(0);
  });
});

describe('dedupe by the earliest', () => {
  const LANES = ['east', 'west'] as const;

  function united(spec: string, before = ''): string {
    const lanes = LANES.map(
      (name) => `      ${name}:
        listen: 0
        fields: { k: string, g: long, n: long, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: 2s, idle_timeout: never }
`,
    );
    return `version: 1
name: test
http: false
amqp: { listen: 0 }
vehicles:
  v:
    lanes:
${lanes.join('')}operators:
  both: { type: union, from: [west, east] }
${before}  once: { type: dedupe, ${spec}, keep: earliest, late_to: behind }
exits:
  out: { from: once, for: v }
  after_all: { from: behind, for: v, fields: [n] }
`;
  }

  /** Records of both lanes, chunk by chunk in turn. */
  function driveBoth(text: string, all: readonly Row[], cuts: readonly number[]): EngineRun {
    const run = new EngineRun(text).open();
    const [east, west] = LANES.map((lane, i) =>
      cutLines(lane, all.filter(({ n }) => n % 2 === i).map(line), cuts),
    );
    for (let i = 0; i < Math.max(east.length, west.length); i++) {
      for (const chunk of [east[i], west[i]]) if (chunk !== undefined) run.chunk(chunk);
    }
    run.close();
    expect(run.account().gaps).toEqual([]);
    return run;
  }

  function timelyOf(all: readonly Row[]) {
    return LANES.flatMap((lane, i) => {
      const own = all.filter(({ n }) => n % 2 === i).map((row, seq) => ({ ...row, lane, seq }));
      return onTime(own, ({ at }) => at * 1000, 2_000_000);
    });
  }

  const COLUMNS = {
    k: 'VARCHAR',
    g: 'BIGINT',
    n: 'BIGINT',
    at: 'BIGINT',
    lane: 'VARCHAR',
    seq: 'BIGINT',
  };

  test('passes what DuckDB passes, in order of time, whatever comes when', async () => {
    await fc.assert(
      fc.asyncProperty(rows, sizes, within, fc.boolean(), async (all, cuts, span, two) => {
        const key = two ? 'k, g' : 'k';
        const run = driveBoth(united(`from: both, key: [${key}], within: ${span}ms`), all, cuts);
        const timely = timelyOf(all);
        await oracle.table('T', COLUMNS, timely);
        const wanted = await oracle.rows(`SELECT n FROM T
          QUALIFY coalesce("at" - lag("at") OVER (PARTITION BY ${key} ORDER BY "at", lane, seq) > ${span}, true)
          ORDER BY "at", lane, seq`);
        expect(numbers(run, 'out')).toEqual(wanted.map(({ n }) => n));
        expect(numbers(run, 'after_all').length).toBe(all.length - timely.length);
        const account = run.account().operators.find(({ name }) => name === 'once');
        expect(account).toMatchObject({
          filtered: timely.length - wanted.length,
          late: all.length - timely.length,
          openRows: 0,
        });
        const again = new EngineRun(united(`from: both, key: [${key}], within: ${span}ms`));
        again.replay(run.log);
        expect(again.bytes('out')).toEqual(run.bytes('out'));
      }),
      { numRuns: share(60) },
    );
  });

  test('goes by all fields where lines are gone, and keeps the bounds of windows', async () => {
    const before = `  per: { type: aggregate, from: both, window: { tumble: 1s }, group_by: [k, g], fields: { n: sum(n) } }
`;
    const text = united('from: per, key: k, within: 2s', before).replace(
      'fields: [n] }',
      'fields: [n] }\n  bounds: { from: again, for: v }',
    );
    const flow = text.replace(
      'exits:',
      '  again: { type: aggregate, from: once, window: same, group_by: k, fields: { start: window_start, g: min(g), n: min(n) } }\nexits:',
    );
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (all, cuts) => {
        const run = driveBoth(flow, all, cuts);
        await oracle.table('T', COLUMNS, timelyOf(all));
        const wanted =
          await oracle.rows(`WITH per AS (SELECT k, g, ${START / 1000} + "at" // 1000 * 1000 AS start, sum(n)::BIGINT AS n FROM T GROUP BY ALL)
          SELECT * FROM per QUALIFY coalesce(start - lag(start) OVER (PARTITION BY k ORDER BY start, g) > 2000, true)`);
        const found = run
          .messages('bounds')
          .map((one) => ({ ...one, start: Number(one['start']) }));
        expect(multiset(found)).toEqual(multiset(wanted));
      }),
      { numRuns: share(40) },
    );
  });

  test('remembers one time of a key that comes again and again', () => {
    const run = new EngineRun(flow('key: k, within: 1m, keep: earliest')).open();
    for (let first = 0; first < 20_000; first += 500) {
      const lines = Array.from({ length: 500 }, (_, i) =>
        line({ k: 'abc'[i % 3], g: 0, n: first + i, at: first + i }),
      );
      for (const chunk of cutLines('in', lines, [1 << 20])) run.chunk(chunk);
    }
    // Those of the two seconds that are waited for, and of a segment, and the three keys.
    expect(run.account().operators[0].openRows).toBeLessThan(2001 + 500 + 1024 + 3);
    expect(run.messages('out').length).toBe(3);
    for (let i = 0; i < 100 && run.due() !== Number.POSITIVE_INFINITY; i++) {
      run.wait(run.due() - run.now);
    }
    expect(run.account().operators[0].openRows).toBe(0);
  });

  test('goes on at an edit with what waits and what is remembered, unless it passes another record or key', () => {
    const spec = { key: 'k', within: '10s', keep: 'earliest' };
    const open = () => new OperatorWorld(dedupe, spec, inputOf({ k: STRING, n: LONG }));
    const world = open();
    world.feed([
      { values: { k: 'a', n: 1 }, at: 5_000_000 },
      { values: { k: 'a', n: 2 }, at: 20_000_000 },
    ]);
    world.moveTo(5_000_000);
    expect(world.edit({ ...spec, within: '20s' })).toEqual({ kind: 'kept' });
    world.moveTo(20_000_000);
    expect(world.emitted.map(({ values, at }) => [values['n'], at])).toEqual([[1, 5_000_000]]);
    expect(open().edit({ ...spec, key: 'n' }).kind).toBe('reset');
    expect(open().edit({ ...spec, keep: 'first_seen' }).kind).toBe('reset');
  });
});
