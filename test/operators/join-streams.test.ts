/** What of a join goes elsewhere than into pairs: the unmatched, the late, what is kept, and when it all leaves. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { join } from '../../src/operators/join.ts';
import { multiset } from '../oracle/duckdb.ts';
import { share } from '../tools/campaign.ts';
import { cutLines, EngineRun, onTime, START } from '../tools/engine-run.ts';

const DELAY_MS = 1000;

function flow(operators: string, exits: Readonly<Record<string, string>>): string {
  const lane = (name: string, extra: string): string => `
      ${name}:
        listen: 0
        fields: { k: long, n: long, ${extra}at: { type: timestamp, format: epoch_ms } }
        event_time: { field: at, max_delay: ${DELAY_MS}ms }`;
  const out = Object.entries(exits).map(([name, from]) => `  ${name}: { from: ${from}, for: v }\n`);
  return `version: 1\nname: test\nhttp: false\namqp: { listen: 0 }\nvehicles:\n  v:\n    lanes:${lane('a', '')}${lane('b', 'extra: string, ')}
operators:\n${operators}\nexits:\n${out.join('')}`;
}

interface Step {
  readonly lane: 'a' | 'b';
  readonly k: number | null;
  /** Milliseconds after START. */
  readonly at: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    lane: fc.constantFrom('a' as const, 'b' as const),
    k: fc.constantFrom(null, 1, 2, 3),
    // Half of them on a grid that bounds and delay lie on as well.
    at: fc.oneof(
      fc.integer({ min: 0, max: 9000 }),
      fc.nat(18).map((half) => half * 500),
    ),
  }),
  { maxLength: 60 },
);

function line({ k, at }: Step, n: number): string {
  return JSON.stringify({ k, n, at: START / 1000 + at });
}

/** One chunk a record. */
function feed(run: EngineRun, all: readonly Step[]): EngineRun {
  run.open();
  all.forEach((step, n) => {
    for (const chunk of cutLines(step.lane, [line(step, n)], [1000])) run.chunk(chunk);
  });
  return run;
}

interface Kept {
  readonly n: number;
  readonly k: number | null;
  readonly at: number;
  matched: boolean;
}

/** A full join record by record, with the watermark moved after each: what leaves, in which order, and when. */
class Reference {
  readonly out: string[] = [];
  readonly #before: number;
  readonly #after: number;
  readonly #newest = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  #kept: [Kept[], Kept[]] = [[], []];

  constructor(before: number, after: number) {
    this.#before = before;
    this.#after = after;
  }

  take({ lane, k, at }: Step, n: number): void {
    const side = lane === 'a' ? 0 : 1;
    // Microseconds less one: in milliseconds, just below.
    if (at < this.#newest[side] - DELAY_MS) return;
    const record = { n, k, at, matched: false };
    for (const other of this.#kept[1 - side]) {
      const [l, r] = side === 0 ? [record, other] : [other, record];
      if (k === null || k !== other.k || r.at < l.at - this.#before || r.at > l.at + this.#after)
        continue;
      record.matched = true;
      other.matched = true;
      this.out.push(`${l.n} ${r.n}`);
    }
    const gone = this.#gone(side, record);
    if (!gone) this.#kept[side].push(record);
    else if (!record.matched) this.out.push(alone(side, n));
    this.#newest[side] = Math.max(this.#newest[side], at);
    this.#forget();
  }

  close(): void {
    for (const side of [0, 1]) {
      this.#newest[side] = Number.POSITIVE_INFINITY;
      this.#forget();
    }
  }

  #gone(side: number, { at }: Kept): boolean {
    // W = newest - delay - 1 us >= at + bound
    const bound = side === 0 ? this.#after : this.#before;
    return this.#newest[1 - side] - DELAY_MS > at + bound;
  }

  #forget(): void {
    for (const side of [0, 1]) {
      const gone = this.#kept[side].filter((one) => this.#gone(side, one));
      this.#kept[side] = this.#kept[side].filter((one) => !gone.includes(one));
      const unmatched = gone.filter(({ matched }) => !matched);
      unmatched.sort((a, b) => a.at - b.at || a.n - b.n);
      for (const { n } of unmatched) this.out.push(alone(side, n));
    }
  }
}

function alone(side: number, n: number): string {
  return side === 0 ? `${n} -` : `- ${n}`;
}

function seen(run: EngineRun, exit: string): string[] {
  return run.messages(exit).map(({ l, r }) => `${l ?? '-'} ${r ?? '-'}`);
}

describe('a join', () => {
  test('lets each record leave at its time and in its order, as a reference does that goes record by record', () => {
    const bound = fc.constantFrom(0, 500, 3000);
    fc.assert(
      fc.property(steps, bound, bound, fc.boolean(), (all, before, after, closes) => {
        const text = flow(
          `  j: { type: join, left: a, right: b, kind: full, key: k, within: { before: ${before}ms, after: ${after}ms }, fields: { l: left.n, r: right.n } }`,
          { out: 'j' },
        );
        const run = feed(new EngineRun(text), all);
        const reference = new Reference(before, after);
        all.forEach((step, n) => {
          reference.take(step, n);
        });
        if (closes) {
          run.close();
          reference.close();
        }
        expect(seen(run, 'out')).toEqual(reference.out);
      }),
      { numRuns: share(150) },
    );
  });

  test('says how far time has come: a window behind it closes with all of its records, and none is late', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom('inner', 'left', 'right', 'full', 'anti'), (all, kind) => {
        const text = flow(
          `  j: { type: join, left: a, right: b, kind: ${kind}, key: k, within: { before: 500ms, after: 3s }, fields: { n: left.n } }
  per: { type: aggregate, from: j, window: { tumble: 2s }, fields: { s: window_start, c: count(*) } }
  timed: { type: select, from: j, fields: { t: _time } }`,
          { windows: 'per', out: 'timed' },
        );
        const run = feed(new EngineRun(text), all);
        const before = run.messages('windows').length;
        run.close();
        const counts = new Map<number, number>();
        for (const { t } of run.messages('out')) {
          const start = Math.floor(Number(t) / 2000) * 2000;
          counts.set(start, (counts.get(start) ?? 0) + 1);
        }
        const wanted = [...counts].sort(([a], [b]) => a - b);
        expect(run.messages('windows').map(({ s, c }) => [Number(s), c])).toEqual(wanted);
        expect(before).toBeLessThanOrEqual(wanted.length);
        expect(run.account().operators.map(({ late }) => late)).toContain(0);
        expect(run.account().gaps).toEqual([]);
      }),
      { numRuns: share(150) },
    );
  });

  test('sends the unmatched and the late where the author says, and every record is in one place', () => {
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom('inner', 'semi'),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
        (all, kind, sizes) => {
          const text = flow(
            `  j: { type: join, left: a, right: b, kind: ${kind}, key: k, within: 1s, unmatched_to: single, late_to: { left: late_a, right: late_b }, fields: { n: left.n } }`,
            { out: 'j', alone: 'single', la: 'late_a', lb: 'late_b' },
          );
          const run = new EngineRun(text).open();
          const own = (lane: string) =>
            all.map((step, n) => ({ ...step, n })).filter((step) => step.lane === lane);
          for (const lane of ['a', 'b']) {
            const lines = own(lane).map((step) => line(step, step.n));
            for (const chunk of cutLines(lane, lines, sizes)) run.chunk(chunk);
          }
          run.close();
          const timely = (lane: string) =>
            onTime(own(lane), ({ at }) => at * 1000, DELAY_MS * 1000);
          const numbers = (exit: string) =>
            run
              .messages(exit)
              .map(({ n }) => Number(n))
              .sort((x, y) => x - y);
          const [left, right] = [timely('a'), timely('b')];
          const partners = (l: Step) =>
            right.filter((r) => l.k !== null && r.k === l.k && Math.abs(r.at - l.at) <= 1000)
              .length;
          const wanted = left.flatMap((l) =>
            new Array<number>(kind === 'semi' ? Math.min(1, partners(l)) : partners(l)).fill(l.n),
          );
          expect(numbers('out')).toEqual(wanted.sort((x, y) => x - y));
          expect(numbers('alone')).toEqual(left.filter((l) => partners(l) === 0).map(({ n }) => n));
          expect(numbers('la')).toEqual(
            own('a')
              .filter((l) => !left.some(({ n }) => n === l.n))
              .map(({ n }) => n),
          );
          expect(numbers('lb')).toEqual(
            own('b')
              .filter((r) => !right.some(({ n }) => n === r.n))
              .map(({ n }) => n),
          );
          for (const message of run.messages('la'))
            expect(Number(message['_late_by'])).toBeGreaterThan(0);
          expect(run.account().gaps).toEqual([]);
        },
      ),
      { numRuns: share(150) },
    );
  });

  test('with itself gives the same pairs however chunks are cut', () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
        (all, sizes) => {
          const text = flow(
            `  j: { type: join, left: a, right: a, key: k, within: { after: 1s }, late_to: too_late, fields: { k: k, l: left.n, r: right.n, d: right._time - left._time } }`,
            { out: 'j', behind: 'too_late', other: 'b' },
          );
          const own = all.map((step) => ({ ...step, lane: 'a' as const }));
          const whole = feed(new EngineRun(text), own);
          whole.close();
          const cut = new EngineRun(text).open();
          for (const chunk of cutLines('a', own.map(line), sizes)) cut.chunk(chunk);
          cut.close();
          expect(multiset(cut.messages('out'))).toEqual(multiset(whole.messages('out')));
          const timely = onTime(
            own.map((step, n) => ({ ...step, n })),
            ({ at }) => at * 1000,
            DELAY_MS * 1000,
          );
          const wanted = timely.flatMap((l) =>
            timely
              .filter((r) => l.k !== null && r.k === l.k && r.at >= l.at && r.at <= l.at + 1000)
              .map((r) => ({ k: l.k, l: l.n, r: r.n, d: (r.at - l.at) * 1000 })),
          );
          expect(multiset(whole.messages('out'))).toEqual(multiset(wanted));
          expect(whole.messages('behind').length).toBe(2 * (own.length - timely.length));
        },
      ),
      { numRuns: share(100) },
    );
  });

  test('with retention: forever pairs all, and keeps all', () => {
    const text = flow(
      `  j: { type: join, left: a, right: b, key: k, retention: forever, fields: { k: k, l: left.n, r: right.n } }
  some: { type: filter, from: j, where: l >= 0 }`,
      { out: 'some' },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const run = feed(new EngineRun(text), all);
        run.close();
        const numbered = all.map((step, n) => ({ ...step, n }));
        const timely = (lane: string) =>
          onTime(
            numbered.filter((step) => step.lane === lane),
            ({ at }) => at * 1000,
            DELAY_MS * 1000,
          );
        const [left, right] = [timely('a'), timely('b')];
        const wanted = left.flatMap((l) =>
          right.filter((r) => l.k !== null && r.k === l.k).map((r) => ({ k: l.k, l: l.n, r: r.n })),
        );
        expect(multiset(run.messages('out'))).toEqual(multiset(wanted));
        expect(run.account().operators[0].openRows).toBe(left.length + right.length);
        expect(run.due()).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: share(100) },
    );
  });

  test('keeps what can still find a partner, and no more, for as long as traffic flows', () => {
    const text = flow(
      `  j: { type: join, left: a, right: b, key: k, within: 1s, unmatched_to: single, fields: { k: k } }`,
      { out: 'j', alone: 'single' },
    );
    const run = new EngineRun(text).open();
    let most = 0;
    const records = 20_000;
    const size = 500;
    for (let first = 0; first < records; first += size) {
      // A record a millisecond on either side, every key a new one.
      for (const [lane, shift] of [
        ['a', 0],
        ['b', 300],
      ] as const) {
        const lines = Array.from({ length: size }, (_, i) =>
          JSON.stringify({
            k: (first + i) * 2 + (lane === 'b' && i % 2 === 0 ? 1 : 0),
            n: 1,
            at: START / 1000 + first + i + shift,
          }),
        );
        for (const chunk of cutLines(lane, lines, [1 << 20])) run.chunk(chunk);
      }
      most = Math.max(most, run.account().operators[0].openRows);
    }
    // A second of bound and one of delay on two sides, and segments that are forgotten whole.
    expect(most).toBeLessThan(2 * 2500 + 2 * 1024 + 2 * size);
    run.close();
    expect(run.account().operators[0].openRows).toBe(0);
    expect(run.messages('out').length).toBe(records / 2);
    expect(run.messages('alone').length).toBe(records / 2);
  });

  test('in silence lets the unmatched leave when time has passed, then asks for no more time', () => {
    const text = flow(
      `  j: { type: join, left: a, right: b, kind: left, key: k, within: { after: 5s }, fields: { l: left.n, r: right.n } }`,
      { out: 'j' },
    );
    const run = feed(new EngineRun(text), [
      { lane: 'b', k: 1, at: 0 },
      { lane: 'a', k: 1, at: 0 },
      { lane: 'a', k: 2, at: 100 },
    ]);
    expect(seen(run, 'out')).toEqual(['1 0']);
    let ticks = 0;
    for (; run.due() !== Number.POSITIVE_INFINITY; ticks++) run.wait(run.due() - run.now);
    expect(seen(run, 'out')).toEqual(['1 0', '2 -']);
    expect(run.account().operators[0].openRows).toBe(0);
    expect(ticks).toBeLessThan(6);
  });

  test('after a bounded run starts time over with its lanes, as if it had seen nothing', () => {
    const text = flow(
      `  j: { type: join, left: a, right: b, kind: full, key: k, within: 1s, fields: { l: left.n, r: right.n } }`,
      { out: 'j' },
    );
    fc.assert(
      fc.property(steps, steps, (first, second) => {
        const run = feed(new EngineRun(text), first);
        run.close();
        const before = run.messages('out').length;
        run.restart();
        feed(run, second);
        run.close();
        const alone = feed(new EngineRun(text), second);
        alone.close();
        expect(seen(run, 'out').slice(before)).toEqual(seen(alone, 'out'));
        expect(run.account().gaps).toEqual([]);
      }),
      { numRuns: share(100) },
    );
  });

  test('says of an edit whether what it keeps is still of use', () => {
    const carried = (before: string, after: string): unknown => {
      const [was, is] = [before, after].map((fields) => {
        const { plan } = new EngineRun(
          flow(`  j: { type: join, left: a, right: b, ${fields} }`, { out: 'j' }),
        );
        return plan.stages[0].checked;
      });
      return join.carry?.(was as never, is as never);
    };
    const base = 'key: k, within: 1s, fields: { x: left.n, y: right.n }';
    expect(carried(base, base.replace('1s', '2s'))).toEqual({ kind: 'kept' });
    expect(carried(base, `${base}, where: left.n < right.n`)).toEqual({ kind: 'kept' });
    expect(carried(base, base.replace('key: k', 'key: n'))).toMatchObject({ kind: 'reset' });
    expect(carried(base, base.replace('right.n', 'right.at'))).toMatchObject({ kind: 'reset' });
    expect(carried(base, `kind: left, ${base}`)).toMatchObject({ kind: 'reset' });
    const asOf = (by: string, more = ''): string =>
      `key: k, as_of: ${by}, retention: 1d, fields: { x: left.n, y: right.n${more} }`;
    for (const by of ['arrival', 'event_time']) {
      const was = asOf(by);
      expect(carried(was, was.replace('1d', '2d'))).toEqual({ kind: 'kept' });
      expect(carried(was, `kind: left, ${was}`)).toEqual({ kind: 'kept' });
      expect(carried(was, asOf(by, ', z: right.at'))).toMatchObject({ kind: 'reset' });
      expect(carried(was, base)).toMatchObject({ kind: 'reset' });
    }
    expect(carried(asOf('arrival'), asOf('event_time'))).toMatchObject({ kind: 'reset' });
    // The time of a version is kept only where it is asked for.
    expect(carried(asOf('arrival'), asOf('arrival', ', t: right._time'))).toMatchObject({
      kind: 'reset',
    });
    const per = 'key: k, within: { after: 1s }, per: left, fields: { x: left.n, y: max(right.n) }';
    expect(carried(per, per.replace('after: 1s', 'until: at, after: 2s'))).toEqual({
      kind: 'kept',
    });
    expect(carried(per, per.replace('max', 'min'))).toEqual({ kind: 'kept' });
    expect(carried(per, per.replace('max(right.n)', 'max(right.at)'))).toMatchObject({
      kind: 'reset',
    });
    expect(carried(per, base)).toMatchObject({ kind: 'reset' });
  });
});
