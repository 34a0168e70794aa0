/**
 * `join` with `as_of: arrival` against a model that goes through the log line by line: whatever lies in the log, and
 * however it was cut into chunks, edited and resumed, a left record meets the newest version that came before it.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, START } from '../tools/engine-run.ts';

const DELAY_MS = 1000;
const STEP_MS = 250;

function flow(join: string, further = ''): string {
  const lane = (name: string, extra: string): string => `
      ${name}:
        listen: 0
        fields: { k: string, g: long, ${extra}, at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms }`;
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('orders', 'n: long')}${lane('prices', 'm: long, text: string')}
operators:
  priced: { type: join, left: orders, right: prices, as_of: arrival, ${join} }
  timed: { type: select, from: priced, keep: all, fields: { t: _time } }
exits:
  out: { from: timed, for: v }
${further}`;
}

interface Row {
  readonly lane: 'orders' | 'prices';
  readonly k: string | null;
  readonly g: number | null;
  /** Milliseconds after START. */
  readonly at: number;
}

type Step =
  | { readonly rows: readonly Row[] }
  | { readonly wait: number }
  | { readonly again: true };

const row: fc.Arbitrary<Row> = fc.record({
  lane: fc.constantFrom('orders' as const, 'prices' as const),
  k: fc.constantFrom(null, 'a', 'b', 'ü'),
  g: fc.constantFrom(null, 0, 1),
  at: fc.nat(12).map((n) => n * 500),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ wait: fc.nat(8).map((n) => n * STEP_MS) }) },
    { weight: 1, arbitrary: fc.constant({ again: true as const }) },
  ),
  { maxLength: 12 },
);
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });

function drive(text: string, all: readonly Step[], cuts: readonly number[]): EngineRun {
  const run = new EngineRun(text).open();
  let n = 0;
  for (const step of all) {
    if ('wait' in step) run.wait(step.wait * 1000);
    else if ('again' in step) {
      run.restart();
      run.open();
    } else {
      const numbered = step.rows.map((one) => ({ ...one, n: n++ }));
      for (const lane of ['prices', 'orders']) {
        const lines = numbered.filter((one) => one.lane === lane).map(lineOf);
        for (const chunk of cutLines(lane, lines, cuts)) run.chunk(chunk);
      }
    }
  }
  return run;
}

function lineOf({ lane, k, g, at, n }: Row & { readonly n: number }): string {
  const own = lane === 'orders' ? { n } : { m: n, text: `text ${n}` };
  return JSON.stringify({ k, g, ...own, at: START / 1000 + at });
}

interface Line {
  readonly lane: string;
  readonly came: number;
  readonly late: boolean;
  readonly values: Readonly<Record<string, string | number | null>>;
}

/** The lines of the log, each where it ends. */
function linesOf({ log, plan }: EngineRun): Line[] {
  const pending = new Map<number, string>();
  const newest = new Map<number, number>();
  const lines: Line[] = [];
  for (const entry of log) {
    if (entry.kind !== 'chunk') continue;
    const text = (pending.get(entry.lane) ?? '') + Buffer.from(entry.bytes).toString('latin1');
    const whole = text.split('\n');
    pending.set(entry.lane, String(whole.pop()));
    for (const one of whole) {
      const values = JSON.parse(Buffer.from(one, 'latin1').toString());
      const last = newest.get(entry.lane) ?? Number.NEGATIVE_INFINITY;
      // Microseconds less one: in milliseconds, just below. Silence is too short here to move time.
      const late = values.at < last - DELAY_MS;
      if (!late) newest.set(entry.lane, Math.max(last, values.at));
      const lane = String(plan.lanes.find(({ id }) => id === entry.lane)?.name);
      lines.push({ lane, came: entry.at, late, values });
    }
  }
  return lines;
}

interface Rules {
  readonly kind: 'inner' | 'left';
  readonly keys: readonly ('k' | 'g')[];
  /** Milliseconds; null: for ever. */
  readonly retention: number | null;
  readonly where: boolean;
}

function model(lines: readonly Line[], { kind, keys, retention, where }: Rules) {
  const versions = new Map<string, Line>();
  const out: unknown[] = [];
  const alone: unknown[] = [];
  for (const line of lines) {
    const { values, came, late, lane } = line;
    if (late) continue;
    const key = keys.some((name) => values[name] === null)
      ? null
      : JSON.stringify(keys.map((name) => values[name]));
    if (lane === 'prices') {
      if (key !== null) versions.set(key, line);
      continue;
    }
    const found = key === null ? undefined : versions.get(key);
    const alive =
      found !== undefined && (retention === null || came < found.came + retention * 1000);
    const meets = alive && (!where || Number(found.values['m']) % 2 === Number(values['n']) % 2);
    if (!meets) alone.push(values['n']);
    if (!meets && kind === 'inner') continue;
    const partner = meets ? found.values : undefined;
    out.push([
      values['n'],
      partner?.['m'] ?? null,
      partner?.['text'] ?? null,
      partner?.['at'] ?? null,
      values['at'],
    ]);
  }
  return { out, alone };
}

function seen(run: EngineRun): unknown[] {
  return run
    .messages('out')
    .map(({ n, m, text, r, t }) => [n, m, text, r === null ? null : Number(r), Number(t)]);
}

const rules: fc.Arbitrary<Rules> = fc.record({
  kind: fc.constantFrom('inner' as const, 'left' as const),
  keys: fc.constantFrom(['k' as const], ['g' as const], ['k' as const, 'g' as const]),
  retention: fc.constantFrom(null, 1, 500, 1000),
  where: fc.boolean(),
});

function textOf({ kind, keys, retention, where }: Rules): string {
  const condition = where ? ', where: m % 2 = n % 2' : '';
  const unmatched = kind === 'inner' ? ', unmatched_to: single' : '';
  return flow(
    `kind: ${kind}, key: [${keys.join(', ')}], retention: ${retention === null ? 'forever' : `${retention}ms`}, fields: { n: n, m: m, text: text, r: prices._time }, late_to: { left: late_l, right: late_r }${condition}${unmatched}`,
    `  ll: { from: late_l, for: v }\n  lr: { from: late_r, for: v }\n${kind === 'inner' ? '  alone: { from: single, for: v }\n' : ''}`,
  );
}

describe('join as of arrival', () => {
  test('pairs each left record with what the log has for its key before it, in the order of the log', () => {
    fc.assert(
      fc.property(steps, sizes, rules, (all, cuts, by) => {
        const text = textOf(by);
        const run = drive(text, all, cuts);
        const lines = linesOf(run);
        const { out, alone } = model(lines, by);
        expect(seen(run)).toEqual(out);
        if (by.kind === 'inner') expect(run.messages('alone').map(({ n }) => n)).toEqual(alone);
        const late = (lane: string) =>
          lines.filter((line) => line.late && line.lane === lane).length;
        expect(run.messages('ll').length).toBe(late('orders'));
        expect(run.messages('lr').length).toBe(late('prices'));
        expect(run.account().gaps).toEqual([]);
        const again = new EngineRun(text);
        again.replay(run.log);
        expect(again.bytes('out')).toEqual(run.bytes('out'));
        run.close();
        expect(run.account().operators.find(({ type }) => type === 'join')?.openRows).toBe(0);
      }),
      { numRuns: share(200) },
    );
  });

  test('keeps one version of a key however often it is replaced, and none that counts no more', () => {
    const text = flow('key: g, retention: 10s, fields: { n: n, m: m, text: text }');
    const run = new EngineRun(text).open();
    const rounds = 40;
    const keys = 500;
    let most = 0;
    for (let round = 0; round < rounds; round++) {
      const price = (g: number) =>
        JSON.stringify({ g, m: round, text: `text ${round} of ${g}`, at: START / 1000 });
      const lines = Array.from({ length: keys }, (_, g) => price(g));
      for (const chunk of cutLines('prices', lines, [1 << 20])) run.chunk(chunk);
      const order = JSON.stringify({ g: round, n: round, at: START / 1000 });
      for (const chunk of cutLines('orders', [order], [1 << 20])) run.chunk(chunk);
      most = Math.max(most, run.account().operators[0].openRows);
    }
    expect(most).toBe(keys);
    expect(run.messages('out').map(({ m, text: words }) => [m, words])).toEqual(
      Array.from({ length: rounds }, (_, round) => [round, `text ${round} of ${round}`]),
    );
    let ticks = 0;
    for (; run.due() !== Number.POSITIVE_INFINITY; ticks++) run.wait(run.due() - run.now);
    expect(run.account().operators[0].openRows).toBe(0);
    // Silence of the lanes is noted as well.
    expect(ticks).toBeLessThan(60);
  });

  test('looks up what is revised, as it was last', () => {
    const text = `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }
vehicles:
  v:
    lanes:
      sales: { listen: 0, fields: { shop: string, at: { type: timestamp, format: epoch_ms } }, event_time: at }
      visits: { listen: 0, fields: { shop: string, n: long } }
operators:
  sold: { type: aggregate, from: sales, retention: 1d, every: 1s, group_by: shop, fields: { c: count(*) } }
  shown: { type: join, kind: left, left: visits, right: sold, key: shop, as_of: arrival, retention: forever }
  per: { type: aggregate, from: shown, window: { tumble: 1m }, fields: { visits: count(*), sales: max(c) } }
exits:
  out: { from: shown, for: v }
  windows: { from: per, for: v }
`;
    const run = new EngineRun(text).open();
    const feed = (lane: string, record: object) => {
      for (const chunk of cutLines(lane, [JSON.stringify(record)], [1000])) run.chunk(chunk);
    };
    feed('visits', { shop: 'north', n: 1 });
    feed('sales', { shop: 'north', at: START / 1000 });
    feed('visits', { shop: 'north', n: 2 });
    run.wait(1_000_000);
    feed('visits', { shop: 'north', n: 3 });
    feed('sales', { shop: 'north', at: START / 1000 });
    feed('sales', { shop: 'north', at: START / 1000 });
    run.wait(1_000_000);
    feed('visits', { shop: 'north', n: 4 });
    expect(run.messages('out').map(({ n, c }) => [n, c])).toEqual([
      [1, null],
      [2, null],
      [3, 1],
      [4, 3],
    ]);
    // The right side never says how far time has come; what is made of the left does.
    expect(run.messages('windows')).toEqual([]);
    run.wait(60_000_000);
    expect(run.messages('windows')).toEqual([{ visits: 4, sales: 3 }]);
  });

  test('is not closed by the end of a run on its right side', () => {
    const text = `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }
vehicles:
  v:
    lanes:
      orders: { listen: 0, fields: { k: long, at: { type: timestamp, format: epoch_ms } }, event_time: at }
      prices:
        listen: 0
        fields: { k: long, p: long, ts: { type: timestamp, format: epoch_ms } }
        event_time: ts
        at_end: finish
operators:
  priced: { type: join, left: orders, right: prices, key: k, as_of: arrival, retention: 1d }
  per: { type: aggregate, from: priced, window: { tumble: 1h }, fields: { c: count(*), p: max(p) } }
exits:
  out: { from: per, for: v }
  each: { from: priced, for: v }
`;
    const run = new EngineRun(text).open();
    const feed = (lane: string, record: object) => {
      for (const chunk of cutLines(lane, [JSON.stringify(record)], [1000])) run.chunk(chunk);
    };
    feed('prices', { k: 1, p: 1, ts: START / 1000 });
    run.end('prices');
    run.open();
    // Within the hour of the run before: on time, as no window goes by the time of the right side.
    feed('prices', { k: 1, p: 2, ts: START / 1000 + 1000 });
    feed('orders', { k: 1, at: START / 1000 });
    expect(run.messages('each').map(({ p }) => p)).toEqual([2]);
    expect(run.account().lanes.map(({ late }) => late)).toEqual([0, 0]);
  });
});
