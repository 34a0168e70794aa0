/** `top` on batches: who is first, what leaves again as it changes, what is kept, and what an edit may change. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { top } from '../../src/operators/top.ts';
import { DOUBLE, LONG, STRING } from '../../src/stream/schema.ts';
import { inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const SECOND = 1_000_000;
const BEGINNING = Number.NEGATIVE_INFINITY;
const END = Number.POSITIVE_INFINITY;
const TYPES = { k: STRING, n: LONG, d: DOUBLE };

type Spec = Readonly<Record<string, unknown>>;

function open(spec: Spec, also = {}) {
  return new OperatorWorld(top, spec, inputOf(TYPES, also));
}

function one(k: string | null, n: number | null, at = 0, d: number | null = null): Row {
  return { values: { k, n, d }, at };
}

const WINDOW = { window: { tumble: '10s' }, order_by: 'n DESC', limit: 2 };
const RUNNING = { retention: '10s', group_by: 'k', order_by: 'n DESC', limit: 2, rank: 'place' };

/** What has left since the last look. */
function leaver(world: ReturnType<typeof open>) {
  let seen = 0;
  return () => {
    const news = world.emitted.slice(seen).map(({ values }) => Object.values(values));
    seen = world.emitted.length;
    return news;
  };
}

function left(spec: Spec, rows: readonly Row[], also = {}) {
  const world = open(spec, also);
  const news = leaver(world);
  world.feed(rows);
  world.moveTo(END);
  return news();
}

describe('the order of a top', () => {
  const values = [1.5, null, Number.NaN, -0, 0, Number.NEGATIVE_INFINITY];
  const rows = values.map((d, n) => one('a', n, n, d));
  const order = (orderBy: string): unknown[] =>
    left({ ...WINDOW, order_by: orderBy, limit: 9 }, rows).map(([, n]) => n);

  test('has NULL first and NaN last where values rise, the other way round where they fall', () => {
    expect(order('d')).toEqual([1, 5, 3, 4, 0, 2]);
    expect(order('d ASC')).toEqual([1, 5, 3, 4, 0, 2]);
    expect(order('d DESC')).toEqual([2, 0, 3, 4, 5, 1]);
    expect(order('d asc nulls last')).toEqual([5, 3, 4, 0, 2, 1]);
    expect(order('d DESC NULLS FIRST')).toEqual([1, 2, 0, 3, 4, 5]);
  });

  test('may be computed, of several keys, with commas inside of calls', () => {
    expect(order('coalesce(d, 1.0) DESC, n DESC')).toEqual([2, 0, 1, 4, 3, 5]);
    expect(left({ ...WINDOW, order_by: ['k', 'n + 1 DESC'] }, rows).map(([, n]) => n)).toEqual([
      5, 4,
    ]);
  });

  test('tells equals apart by time, then by number in the lane, then by their fields', () => {
    const equals = [one('b', 1, 5), one('c', 1, 4), one('a', 1, 4)];
    const first = (also: object): unknown[] => left(WINDOW, equals, also).map(([k]) => k);
    expect(first({ stateless: true })).toEqual(['c', 'a']);
    // Behind an operator with state there is no number any more.
    expect(first({ stateless: false })).toEqual(['a', 'c']);
  });

  test('gives equals one rank where ties are kept, and the next one the rank it would have without', () => {
    const spec = { ...WINDOW, limit: 3, ties: 'keep', rank: 'place' };
    const rows = [5, 4, 4, 4, 3].map((n, i) => one('a', n, i));
    expect(left(spec, rows).map(([, n, , place]) => [n, place])).toEqual([
      [5, 1],
      [4, 2],
      [4, 2],
      [4, 2],
    ]);
    expect(left({ ...spec, ties: 'break' }, rows).map(([, n, , place]) => [n, place])).toEqual([
      [5, 1],
      [4, 2],
      [4, 3],
    ]);
  });
});

describe('a top of windows', () => {
  test('has the bounds of its windows, and their time', () => {
    const world = open(WINDOW);
    world.feed([one('a', 1, 5 * SECOND), one('a', 2, 12 * SECOND)]);
    expect(world.pending).toBe(10 * SECOND - 1);
    expect(world.closingMark(12 * SECOND)).toBe(20 * SECOND - 1);
    expect(world.moveTo(10 * SECOND - 1)).toBe(10 * SECOND - 1);
    expect(world.emitted).toEqual([
      {
        values: { k: 'a', n: 1, d: null },
        at: 10 * SECOND - 1,
        sequence: 0,
        late: false,
        start: 0,
        end: 10 * SECOND,
      },
    ]);
    expect(world.open).toEqual({ windows: 1, groups: 1 });
    expect(world.output).toMatchObject({
      windowed: true,
      stateless: false,
      progress: 'watermark',
    });
  });

  test('takes no late record, and counts it', () => {
    const world = open(WINDOW);
    world.feed([one('a', 1), { ...one('a', 9), late: true }, { ...one('a', 8), skipped: true }]);
    world.moveTo(END);
    expect(world.dropped).toEqual({ filtered: 0, late: 1 });
    expect(world.emitted.map(({ values }) => values['n'])).toEqual([1]);
  });

  test('closes by the clock where records belong to the window they arrive in', () => {
    const world = open({ ...WINDOW, window: { batch: '2s' } });
    world.feed([one('a', 1, 50), one('a', 3, 70), one('a', 2, 10)], 3 * SECOND);
    expect(world.due).toBe(4 * SECOND);
    world.moveTo(BEGINNING, 4 * SECOND);
    expect(world.emitted.map(({ values }) => values['n'])).toEqual([3, 2]);
  });

  test('finds the first of many records, whose others it has forgotten on the way', () => {
    const row = fc.tuple(fc.nat(3), fc.option(fc.nat(5000)));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 100, maxLength: 100 }),
        fc.constantFrom('break', 'keep'),
        fc.constantFrom({ tumble: '10s' }, { hop: '10s', every: '5s' }),
        fc.boolean(),
        (some, ties, window, flat) => {
          // Many more than are kept before the first are forgotten.
          const all = Array.from({ length: 15_000 }, (_, i) => {
            const [k, n] = some[(i * 7) % some.length];
            const more = flat ? 0 : (i * 7919) % 1000;
            return one(String(k), n === null ? null : n + more, 5 * SECOND + (i % 4000));
          });
          const spec = { ...WINDOW, window, group_by: 'k', limit: 3, ties, rank: 'place' };
          const world = open(spec);
          for (let i = 0; i < all.length; i += 1000) world.feed(all.slice(i, i + 1000));
          world.moveTo(10 * SECOND - 1);
          const names = [...new Set(all.map(({ values }) => values['k']))];
          const wanted = names.flatMap((k) => {
            const own = all
              .filter(({ values }) => values['k'] === k)
              .map(({ values }) => values['n']);
            const sorted = own.map((n) => (n === null ? -1 : Number(n))).sort((a, b) => b - a);
            const ranks = sorted.map((n, i) => (ties === 'keep' ? sorted.indexOf(n) : i) + 1);
            return sorted.flatMap((n, i) =>
              ranks[i] <= 3 ? [[k, n < 0 ? null : n, ranks[i]]] : [],
            );
          });
          const found = world.emitted.map(({ values: v }) => [v['k'], v['n'], v['place']]);
          expect(found).toEqual(wanted);
        },
      ),
      { numRuns: 4 },
    );
  });
});

describe('a running top', () => {
  test('lets ranks leave that have changed, at multiples of its pace', () => {
    const world = open({ ...RUNNING, every: '2s' });
    const news = leaver(world);
    world.feed([one('a', 1), one('b', 5), one('a', 3), one('a', 2)], 3 * SECOND);
    expect(world.due).toBe(4 * SECOND);
    expect(world.moveTo(BEGINNING, 4 * SECOND)).toBe(BEGINNING);
    expect(news()).toEqual([
      ['a', 3, null, 1],
      ['a', 2, null, 2],
      ['b', 5, null, 1],
    ]);
    expect(world.due).toBe(END);
    world.feed([one('a', 1), one('b', 4)], 5 * SECOND);
    world.moveTo(BEGINNING, 6 * SECOND);
    // Nobody of a has lost a place, and the first of b has kept his.
    expect(news()).toEqual([['b', 4, null, 2]]);
    world.feed([one('a', 9)], 6 * SECOND);
    world.moveTo(BEGINNING, 8 * SECOND);
    expect(news()).toEqual([
      ['a', 9, null, 1],
      ['a', 3, null, 2],
    ]);
  });

  test('forgets a group when time is its retention past the newest record, which leaves before', () => {
    const world = open(RUNNING);
    const news = leaver(world);
    world.feed([one('a', 1, 0), one('b', 2, 3 * SECOND)]);
    expect(world.pending).toBe(10 * SECOND);
    world.moveTo(10 * SECOND);
    expect(news()).toEqual([['a', 1, null, 1]]);
    expect(world.open?.groups).toBe(1);
    world.feed([one('a', 0, 11 * SECOND)]);
    world.moveTo(END);
    expect(news()).toEqual([
      ['b', 2, null, 1],
      ['a', 0, null, 1],
    ]);
    expect(world.open?.groups).toBe(0);
  });

  test('has the records of both where one joins what was apart', () => {
    const world = open(RUNNING);
    const news = leaver(world);
    world.feed([one('a', 5, 0)]);
    world.feed([one('a', 3, 20 * SECOND), one('b', 7, 20 * SECOND)]);
    world.moveTo(BEGINNING, SECOND);
    expect(news()).toEqual([
      ['a', 3, null, 1],
      ['b', 7, null, 1],
    ]);
    world.feed([one('a', 2, 21 * SECOND), one('a', 1, 10 * SECOND)], SECOND);
    world.moveTo(BEGINNING, 2 * SECOND);
    expect(news()).toEqual([
      ['a', 5, null, 1],
      ['a', 3, null, 2],
    ]);
  });

  test('has the records of all where they become one within a batch, kept before or not', () => {
    for (const first of [0, 2, 5]) {
      const world = open({ ...RUNNING, limit: 5 });
      const news = leaver(world);
      const times = [0, 40, 20, 30, 10];
      const rows = times.map((at, n) => one('a', n, at * SECOND));
      world.feed(rows.slice(0, first));
      world.feed(rows.slice(first));
      world.moveTo(BEGINNING, SECOND);
      expect(news().map(([, n, , place]) => [n, place])).toEqual(
        [4, 3, 2, 1, 0].map((n, i) => [n, i + 1]),
      );
      expect(world.open?.groups).toBe(1);
    }
  });

  test('keeps no more than could be among the first, and as many again', () => {
    const world = open({ ...RUNNING, retention: 'forever', limit: 1 });
    for (let i = 0; i < 40; i++) {
      world.feed(Array.from({ length: 1000 }, (_, n) => one('a', i * 1000 + n)));
    }
    world.moveTo(BEGINNING, SECOND);
    expect(world.emitted.map(({ values }) => values['n'])).toEqual([39_999]);
    expect(world.rowsKept).toBeLessThan(2 * 4096);
  });
});

describe('an edit of a top', () => {
  const because = (before: Spec, after: Spec): string => {
    const carry = open(before).edit(after);
    return carry.kind === 'reset' ? carry.because : carry.kind;
  };

  test('keeps what is kept while the same records are among the first, or fewer of them', () => {
    expect(because(WINDOW, { ...WINDOW, limit: 1, rank: 'place' })).toBe('kept');
    expect(because({ ...WINDOW, ties: 'keep' }, WINDOW)).toBe('kept');
    expect(because(RUNNING, { ...RUNNING, every: '5s', late_to: 'late' })).toBe('kept');
    const world = open(WINDOW);
    world.feed([one('a', 1), one('b', 2)]);
    world.edit({ ...WINDOW, limit: 1, rank: 'place' });
    world.feed([one('c', 0)]);
    world.moveTo(END);
    expect(world.emitted.map(({ values }) => values)).toEqual([
      { k: 'b', n: 2, d: null, place: 1 },
    ]);
  });

  test('says why it cannot', () => {
    expect(because(WINDOW, { ...WINDOW, limit: 3 })).toBe('it did not keep so many records');
    expect(because(WINDOW, { ...WINDOW, ties: 'keep' })).toBe('it did not keep so many records');
    expect(because(WINDOW, { ...WINDOW, order_by: 'n' })).toBe(
      'other records may be the first ones',
    );
    expect(because(WINDOW, { ...WINDOW, group_by: 'k' })).toBe('it groups by something else');
    expect(because(WINDOW, RUNNING)).toBe('its window or retention is another one');
  });
});

describe('a top that is wrong', () => {
  const findings = (spec: Spec, also = {}) =>
    open(spec, also).findings.map(({ rule, path }) => `${rule} ${path}`);

  test('is found with its place', () => {
    expect(findings({ ...WINDOW, order_by: 'm DESC' })).toEqual(['unknown-column order_by']);
    expect(findings({ ...WINDOW, order_by: ['n', 'm'] })).toEqual(['unknown-column order_by.1']);
    expect(findings({ ...WINDOW, order_by: 'n,' })).toEqual(['expression-syntax order_by']);
    expect(findings({ ...WINDOW, order_by: 'n DESC !' })).toEqual(['expression-syntax order_by']);
    expect(findings({ ...WINDOW, order_by: 'max(n)' })).toHaveLength(1);
    expect(findings({ ...WINDOW, rank: 'n' })).toEqual(['duplicate-name rank']);
    expect(findings({ ...WINDOW, window: 'same' })).toEqual(['window-shape window']);
    expect(findings({ ...WINDOW, window: {} })).toEqual(['window-shape window']);
    expect(findings({ ...WINDOW, group_by: 'm' })).toEqual(['unknown-column group_by']);
    expect(findings({ order_by: 'n', limit: 1 })).toEqual(['unbounded-state ']);
    expect(findings({ order_by: 'n', limit: 1, retention: '1h', emit: 'complete' })).toEqual([
      'not-yet-supported emit',
    ]);
    expect(findings({ ...RUNNING, ties: 'keep' })).toEqual(['conflicting-fields ties']);
    expect(findings({ ...RUNNING, emit: 'on_close' })).toEqual(['conflicting-fields emit']);
    expect(findings({ ...WINDOW, retention: '1h' })).toEqual(['conflicting-fields retention']);
    expect(findings(WINDOW, { progress: 'revisions' })).toEqual(['needs-final-input from']);
  });

  test('orders by no array', () => {
    const types = { xs: { kind: 'array', element: LONG } as const };
    const world = new OperatorWorld(top, { ...WINDOW, order_by: 'xs' }, inputOf(types));
    expect(world.findings).toEqual([{ rule: 'type-mismatch', path: 'order_by' }]);
  });
});
