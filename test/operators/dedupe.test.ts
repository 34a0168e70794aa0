/** `dedupe` inside the engine against a reference that goes row by row, and against DuckDB where time orders all. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';

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
      { numRuns: 200 },
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
      { numRuns: 50 },
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
