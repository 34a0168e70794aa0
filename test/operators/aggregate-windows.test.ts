/** Windows that overlap, and sessions, on batches: order, times and watermarks against a reference by row. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from '../../src/operators/aggregate.ts';
import { BATCH_ROWS_MAX } from '../../src/stream/batch.ts';
import { DOUBLE, LONG, STRING } from '../../src/stream/schema.ts';
import { share } from '../tools/campaign.ts';
import { inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const SECOND = 1_000_000;
const END = Number.POSITIVE_INFINITY;

function open(spec: object, also = {}) {
  const input = inputOf({ k: STRING, n: LONG, d: DOUBLE }, also);
  return new OperatorWorld(aggregate, spec as Readonly<Record<string, unknown>>, input);
}

type World = ReturnType<typeof open>;

const FIELDS = { c: 'count(*)', s: 'sum(d)', t: 'max(k)' };

/** Doubles whose sums show in which order they were added. */
const row: fc.Arbitrary<Row> = fc.record({
  values: fc.record({
    k: fc.constantFrom(null, 'a', 'b', 'c'),
    n: fc.nat(9),
    d: fc.constantFrom(0.1, 1e16, -1e16, 3.7, null),
  }),
  at: fc.integer({ min: 0, max: 40 }).map((half) => half * 500_000),
});
const rows = fc.array(row, { maxLength: 60 });
const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
const marks = fc.array(fc.nat(25 * SECOND), { maxLength: 12 });

interface Result {
  readonly k: unknown;
  readonly c: number;
  readonly s: number | null;
  readonly start: number;
  readonly end: number;
}

function sumOf(own: readonly Row[]): number | null {
  const values = own.flatMap(({ values: { d } }) => (d === null ? [] : [Number(d)]));
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
}

function found(world: World): Result[] {
  return world.emitted.map(({ values: { k, c, s }, start, end }) => ({
    k,
    c: Number(c),
    s: s === null ? null : Number(s),
    start: Number(start),
    end: Number(end),
  }));
}

/** Cuts rows into batches, moves time between them, and drops what would then be late. */
function drive(
  world: World,
  all: readonly Row[],
  sizes: readonly number[],
  times: readonly number[],
  check: (passed: number, taken: readonly Row[]) => void = () => {},
): Row[] {
  const ordered = [...times].sort((a, b) => a - b);
  const taken: Row[] = [];
  let passed = Number.NEGATIVE_INFINITY;
  for (let from = 0, i = 0; from < all.length; i++) {
    const size = sizes[i % sizes.length];
    const fitting = all.slice(from, from + size).filter(({ at }) => at > passed);
    from += size;
    taken.push(...fitting);
    if (fitting.length > 0) world.feed(fitting);
    passed = Math.max(passed, ordered[i] ?? passed);
    world.moveTo(passed);
    check(passed, taken);
  }
  return taken;
}

describe('hops', () => {
  const SIZE = 5 * SECOND;
  const EVERY = 2 * SECOND;
  const OFFSET = SECOND;
  const HOP = { window: { hop: '5s', every: '2s', offset: '1s' }, group_by: 'k', fields: FIELDS };

  /** By end; then groups as they come in the earliest part that has them, parts being cut at each edge. */
  function reference(all: readonly Row[]): Result[] {
    const results: Result[] = [];
    for (let start = -5 * SECOND; start <= 21 * SECOND; start += EVERY) {
      const inside = all.filter(({ at }) => at >= start && at < start + SIZE);
      const groups = new Map<unknown, Row[]>();
      const edge = (at: number): number => {
        const into = (((at - OFFSET) % EVERY) + EVERY) % EVERY;
        return into < SIZE % EVERY ? at - into : at - into + (SIZE % EVERY);
      };
      for (const one of [...inside].sort((a, b) => edge(a.at) - edge(b.at))) {
        groups.set(one.values['k'], [...(groups.get(one.values['k']) ?? []), one]);
      }
      for (const [k, own] of groups) {
        const parts = [...new Set(own.map(({ at }) => edge(at)))];
        const sums = parts.map((part) => sumOf(own.filter(({ at }) => edge(at) === part)));
        const present = sums.filter((sum) => sum !== null);
        const s = present.length === 0 ? null : present.reduce((a, b) => a + b, 0);
        results.push({ k, c: own.length, s, start, end: start + SIZE });
      }
    }
    return results;
  }

  test('leave by end, then as groups came part by part, whatever the batches and the watermarks', () => {
    fc.assert(
      fc.property(rows, cuts, marks, (all, sizes, times) => {
        const world = open(HOP);
        const taken = drive(world, all, sizes, times, (passed, so) => {
          expect(found(world)).toEqual(reference(so).filter(({ end }) => passed >= end - 1));
        });
        expect(world.moveTo(END)).toBe(END);
        expect(found(world)).toEqual(reference(taken));
        for (const { at, end } of world.emitted) expect(at).toBe(Number(end) - 1);
        expect(world.open).toEqual({ windows: 0, groups: 0 });
        expect(world.pending).toBe(END);
      }),
      { numRuns: share(200) },
    );
  });

  test('close with the microsecond, each in its turn, also where many pass at once', () => {
    const world = open({ window: { hop: '10s', every: '4s' }, fields: { c: 'count(*)' } });
    world.feed([{ values: {}, at: 9 * SECOND }]);
    // [0, 10), [4, 14), [8, 18) hold it.
    expect(world.pending).toBe(10 * SECOND - 1);
    world.moveTo(10 * SECOND - 2);
    expect(world.emitted).toEqual([]);
    expect(world.moveTo(10 * SECOND - 1)).toBe(10 * SECOND - 1);
    expect(world.emitted.length).toBe(1);
    expect(world.pending).toBe(14 * SECOND - 1);
    expect(world.closingMark(9 * SECOND)).toBe(18 * SECOND - 1);
    world.feed([{ values: {}, at: 13 * SECOND }]);
    world.moveTo(100 * SECOND);
    expect(world.emitted.map(({ values, start }) => [values['c'], start])).toEqual([
      [1, 0],
      [2, 4 * SECOND],
      [2, 8 * SECOND],
      [1, 12 * SECOND],
    ]);
    // Time may start over after an end.
    world.moveTo(END);
    world.feed([{ values: {}, at: SECOND }]);
    expect(world.pending).toBe(2 * SECOND - 1);
  });

  test('merge more groups than a batch has rows', () => {
    const world = open({
      window: { hop: '4s', every: '2s' },
      group_by: 'n',
      fields: { c: 'count(*)' },
    });
    const many = (from: number, at: number): Row[] =>
      Array.from({ length: BATCH_ROWS_MAX }, (_, i) => ({ values: { n: from + i }, at }));
    world.feed(many(0, SECOND));
    world.feed(many(BATCH_ROWS_MAX, SECOND));
    world.feed(many(100, 2 * SECOND));
    world.moveTo(END);
    const whole = world.emitted.filter(({ start }) => start === 0);
    expect(whole.map(({ values }) => values['n'])).toEqual(
      Array.from({ length: 2 * BATCH_ROWS_MAX }, (_, i) => i),
    );
    expect(whole.map(({ sequence }) => sequence)).toEqual(whole.map((_, i) => i));
    expect(whole.filter(({ values }) => values['c'] === 2).length).toBe(BATCH_ROWS_MAX);
  });
});

describe('sessions', () => {
  const GAP = 2 * SECOND;
  const SESSION = { window: { session: '2s' }, group_by: 'k', fields: FIELDS };

  /** Row after row: what it touches becomes one, the first to come staying where it is. */
  function reference(all: readonly Row[]): Result[] {
    let open: { k: unknown; sum: number | null; c: number; first: number; last: number }[] = [];
    for (const { values, at } of all) {
      const touched = open.filter(
        ({ k, first, last }) => k === values['k'] && first <= at + GAP && at <= last + GAP,
      );
      const [into, ...others] = touched;
      const own = into ?? { k: values['k'], sum: null, c: 0, first: at, last: at };
      if (into === undefined) open.push(own);
      for (const other of [...others, { sum: values['d'], c: 1, first: at, last: at }]) {
        if (other.sum !== null) own.sum = Number(own.sum ?? 0) + Number(other.sum);
        own.c += other.c;
        own.first = Math.min(own.first, other.first);
        own.last = Math.max(own.last, other.last);
      }
      open = open.filter((one) => !others.includes(one));
    }
    return open
      .map(({ k, c, sum, first, last }) => ({ k, c, s: sum, start: first, end: last + GAP }))
      .sort((a, b) => a.end - b.end);
  }

  test('leave by end, then as they began to arrive, whatever the batches and the watermarks', () => {
    fc.assert(
      fc.property(rows, cuts, marks, (all, sizes, times) => {
        const world = open(SESSION);
        const taken = drive(world, all, sizes, times, (passed, so) => {
          const ended = reference(so).filter(({ end }) => passed >= end);
          expect(found(world)).toEqual(ended);
          const ends = reference(so).map(({ end }) => end);
          expect(world.pending).toBe(Math.min(END, ...ends.filter((end) => end > passed)));
        });
        expect(world.moveTo(END)).toBe(END);
        expect(found(world)).toEqual(reference(taken));
        const numbers = new Map<number, number>();
        for (const { at, end, sequence } of world.emitted) {
          expect(at).toBe(Number(end) - 1);
          expect(sequence).toBe(numbers.get(at) ?? 0);
          numbers.set(at, sequence + 1);
        }
        expect(world.open).toEqual({ windows: 0, groups: 0 });
        expect(world.pending).toBe(END);
      }),
      { numRuns: share(400) },
    );
  });

  test('touch with both ends included, close at their end, and pass on one microsecond less', () => {
    const world = open(SESSION);
    world.feed([
      { values: { k: 'a' }, at: 10 * SECOND },
      { values: { k: 'a' }, at: 12 * SECOND },
      { values: { k: 'a' }, at: 14 * SECOND + 1 },
    ]);
    expect(world.pending).toBe(14 * SECOND);
    expect(world.moveTo(14 * SECOND - 1)).toBe(14 * SECOND - 2);
    expect(world.emitted).toEqual([]);
    expect(world.moveTo(14 * SECOND)).toBe(14 * SECOND - 1);
    expect(found(world).map(({ c, start, end }) => [c, start, end])).toEqual([
      [2, 10 * SECOND, 14 * SECOND],
    ]);
    expect(world.emitted[0].at).toBe(14 * SECOND - 1);
    expect(world.needs(7)).toBe(8);
    // A result of a record at 10 s has the time 12 s - 1 us, which is passed on at 12 s.
    expect(world.closingMark(10 * SECOND)).toBe(12 * SECOND - 1);
  });

  test('a record between two makes them one, with all that both have seen', () => {
    const world = open({ window: { session: '2s' }, group_by: 'k', fields: FIELDS });
    world.feed([
      { values: { k: 'a', d: 1 }, at: 10 * SECOND },
      { values: { k: 'a', d: 2 }, at: 14 * SECOND },
      { values: { k: 'b', d: 8 }, at: 12 * SECOND },
      { values: { k: 'a', d: 4 }, at: 12 * SECOND },
      { values: { k: 'a', d: 16 }, at: 13 * SECOND },
    ]);
    expect(world.open).toEqual({ windows: 2, groups: 2 });
    world.moveTo(END);
    expect(found(world).map(({ k, c, s }) => [k, c, s])).toEqual([
      ['b', 1, 8],
      ['a', 4, 23],
    ]);
  });

  test('of keys that come and never again leave each once, and are forgotten', () => {
    const world = open({ window: { session: '1s' }, group_by: 'n', fields: { c: 'count(*)' } });
    for (let from = 0; from < 50_000; from += 500) {
      const at = from * 10_000;
      world.feed(Array.from({ length: 500 }, (_, i) => ({ values: { n: from + i }, at })));
      world.feed(Array.from({ length: 500 }, (_, i) => ({ values: { n: from + i }, at: at + 1 })));
      world.moveTo(at);
      expect(world.open?.groups).toBeLessThanOrEqual(1000);
    }
    world.moveTo(END);
    expect(world.emitted.map(({ values: { n } }) => n)).toEqual(
      Array.from({ length: 50_000 }, (_, i) => i),
    );
    expect(world.emitted.every(({ values: { c } }) => c === 2)).toBe(true);
  });
});

describe('what a window may be', () => {
  test.each([
    [
      'hops with gaps',
      { window: { hop: '1s', every: '2s' }, group_by: 'k' },
      ['window-shape window.every'],
    ],
    [
      'hops all the time',
      { window: { hop: '1s', every: '0s' }, group_by: 'k' },
      ['window-shape window.every'],
    ],
    [
      'more hops than anyone can count',
      { window: { hop: '1d', every: '1ms' }, group_by: 'k' },
      ['window-shape window.every'],
    ],
    ['a retention of no time', { retention: '0s', group_by: 'k' }, ['window-shape retention']],
    ['a hop alone', { window: { hop: '1s' }, group_by: 'k' }, ['window-shape window']],
    [
      'a tumble that hops',
      { window: { tumble: '1s', every: '1s' }, group_by: 'k' },
      ['window-shape window.every'],
    ],
    [
      'a session of all',
      { window: { session: '1s' }, fields: FIELDS },
      ['window-shape window.session'],
    ],
    [
      'a session of no keys',
      { window: { session: '1s' }, group_by: [], fields: FIELDS },
      ['window-shape window.session'],
    ],
    [
      'a session of no time',
      { window: { session: '0s' }, group_by: 'k' },
      ['window-shape window.session'],
    ],
    [
      'a session with an offset',
      { window: { session: '1s', offset: '1s' }, group_by: 'k' },
      ['window-shape window.offset'],
    ],
    [
      'a session and a hop',
      { window: { session: '1s', hop: '1s', every: '1s' }, group_by: 'k' },
      ['window-shape window'],
    ],
    ['the window of what has none', { window: 'same', group_by: 'k' }, ['window-shape window']],
    [
      'updates of a window',
      { window: { tumble: '1s' }, group_by: 'k', emit: 'update' },
      ['not-yet-supported emit'],
    ],
    [
      'a retention of windows',
      { window: { tumble: '1s' }, group_by: 'k', retention: '1d' },
      ['conflicting-fields retention'],
    ],
    [
      'a pace of windows',
      { window: { tumble: '1s' }, group_by: 'k', every: '1s' },
      ['conflicting-fields every'],
    ],
    [
      'updates all the time',
      { retention: '1d', group_by: 'k', every: '0s' },
      ['window-shape every'],
    ],
    [
      'a close of nothing',
      { retention: '1d', group_by: 'k', emit: 'on_close' },
      ['conflicting-fields emit'],
    ],
    ['all groups', { retention: '1d', group_by: 'k', emit: 'complete' }, ['missing-field emit']],
    [
      'bounds of no window',
      { retention: '1d', fields: { c: 'count(*)', x: 'window_end' } },
      ['unknown-column fields.x'],
    ],
  ] as const)('%s is found, and nothing else', (_, spec, wanted) => {
    const { findings, checked } = open(spec);
    expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual(wanted);
    expect(checked).toBeUndefined();
  });

  test.each([
    ['a hop', { window: { hop: '2s', every: '1s' }, group_by: 'k' }, 'watermark', []],
    ['a hop', { window: { hop: '2s', every: '1s' }, group_by: 'k' }, 'none', ['needs-watermark']],
    ['a session', { window: { session: '2s' }, group_by: 'k' }, 'none', ['needs-watermark']],
    ['a session', { window: { session: '2s' }, group_by: 'k' }, 'revisions', ['needs-final-input']],
    ['a retention', { retention: '1d', group_by: 'k' }, 'none', ['needs-watermark']],
    ['a retention', { retention: '1d', group_by: 'k' }, 'revisions', ['needs-final-input']],
    ['what stays', { retention: 'forever', group_by: 'k' }, 'none', []],
    ['what stays', { retention: 'forever', group_by: 'k' }, 'revisions', ['needs-final-input']],
  ] as const)('%s %j over a stream whose progress is %s', (_, spec, progress, wanted) => {
    const { findings } = open(spec, { progress });
    expect(findings.map(({ rule }) => rule)).toEqual(wanted);
  });
});
