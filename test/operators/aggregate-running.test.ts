/** Groups without a window, on batches: when they leave, what of them, and when they are forgotten. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from '../../src/operators/aggregate.ts';
import { BATCH_ROWS_MAX } from '../../src/stream/batch.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { share } from '../tools/campaign.ts';
import { inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const SECOND = 1_000_000;
const BEGINNING = Number.NEGATIVE_INFINITY;
const END = Number.POSITIVE_INFINITY;

function open(spec: object) {
  const input = inputOf({ k: STRING, n: LONG });
  return new OperatorWorld(aggregate, spec as Readonly<Record<string, unknown>>, input);
}

const RUNNING = { group_by: 'k', fields: { c: 'count(*)', s: 'sum(n)' }, retention: '10s' };

function one(k: string, at: number, n = 1): Row {
  return { values: { k, n }, at };
}

/** Key, count and time of what has left since the last look. */
function leaver(world: ReturnType<typeof open>) {
  let seen = 0;
  return () => {
    const news = world.emitted.slice(seen).map(({ values, at }) => [values['k'], values['c'], at]);
    seen = world.emitted.length;
    return news;
  };
}

describe('a whole table of running groups', () => {
  const TABLE = { ...RUNNING, emit: 'complete', max_groups: 2, retention: '10s' };

  test('leaves whenever one has changed, in the order in which they came', () => {
    const world = open(TABLE);
    const left = leaver(world);
    world.feed([one('b', 5), one('a', 6), one('b', 9)]);
    world.moveTo(BEGINNING, SECOND);
    expect(left()).toEqual([
      ['b', 2, 9],
      ['a', 1, 6],
    ]);
    expect(world.due).toBe(END);
    world.moveTo(BEGINNING, 5 * SECOND);
    expect(left()).toEqual([]);
    world.feed([one('a', 7)], 5.5 * SECOND);
    world.moveTo(BEGINNING, 6 * SECOND);
    expect(left()).toEqual([
      ['b', 2, 9],
      ['a', 2, 7],
    ]);
  });

  test('leaves again when one was forgotten, which makes room for another', () => {
    const world = open(TABLE);
    const left = leaver(world);
    world.feed([one('a', 0), one('b', 5 * SECOND), one('c', 0), one('c', 6 * SECOND)]);
    expect(world.rejected.map(({ reason, row }) => [reason, row])).toEqual([
      ['too-many-groups', 2],
      ['too-many-groups', 3],
    ]);
    expect(world.rejected[0].detail).toBe('it would open a group beyond max_groups: 2');
    world.moveTo(BEGINNING, SECOND);
    expect(left()).toHaveLength(2);
    world.moveTo(10 * SECOND, 1.5 * SECOND);
    expect([world.due, left()]).toEqual([2 * SECOND, []]);
    world.moveTo(10 * SECOND, 2 * SECOND);
    expect(left()).toEqual([['b', 1, 5 * SECOND]]);
    expect(world.due).toBe(END);
    world.feed([one('c', 11 * SECOND)], 2 * SECOND);
    world.moveTo(11 * SECOND - 1, 3 * SECOND);
    expect(left()).toEqual([
      ['b', 1, 5 * SECOND],
      ['c', 1, 11 * SECOND],
    ]);
    expect(world.rejected).toHaveLength(2);
  });

  test('takes an edit of its bound as it comes, and reads whole records, which it may have to reject', () => {
    const world = open({
      ...TABLE,
      retention: 'forever',
      group_by: 'k',
      fields: { c: 'count(*)' },
    });
    expect(world.reads(0)).toEqual([0, 1]);
    world.feed([one('a', 0), one('b', 0), one('c', 0)]);
    expect(
      world.edit({ ...TABLE, retention: 'forever', fields: { c: 'count(*)' }, max_groups: 3 }),
    ).toEqual({ kind: 'kept' });
    world.feed([one('c', 0), one('d', 0)]);
    world.moveTo(BEGINNING, SECOND);
    expect(world.emitted.map(({ values: { k } }) => k)).toEqual(['a', 'b', 'c']);
    expect(world.rejected).toHaveLength(2);
  });

  test('does not grow by keys that were refused', () => {
    const world = open({ ...TABLE, group_by: 'n', retention: 'forever' });
    for (let from = 0; from < 20_000; from += 1000) {
      world.feed(Array.from({ length: 1000 }, (_, i) => one('a', 0, from + i)));
    }
    world.feed([one('a', 0, 1), one('a', 0, 0)]);
    world.moveTo(BEGINNING, SECOND);
    expect(world.emitted.map(({ values: { n, c } }) => [n, c])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(world.rejected).toHaveLength(19_998);
    expect(world.open?.groups).toBe(2);
  });

  test.each([
    ['a table without a bound', { ...TABLE, max_groups: undefined }, 'missing-field', 'emit'],
    [
      'a bound of windows',
      { ...TABLE, emit: 'on_close', retention: undefined, window: { tumble: '1s' } },
      'not-yet-supported',
      'max_groups',
    ],
  ])('is no %s', (_, spec, rule, path) => {
    expect(open(spec).findings).toEqual([{ rule, path }]);
  });
});

describe('running groups', () => {
  test('leave at multiples of their pace, those that changed, in the order in which they first did', () => {
    const world = open({ ...RUNNING, every: '2s' });
    const left = leaver(world);
    expect(world.due).toBe(END);
    world.feed([one('a', 5), one('b', 6), one('a', 9)], 3 * SECOND);
    expect(world.due).toBe(4 * SECOND);
    world.feed([one('c', 7)], 3.5 * SECOND);
    expect(world.moveTo(BEGINNING, 3.9 * SECOND)).toBe(BEGINNING);
    expect(left()).toEqual([]);
    world.moveTo(BEGINNING, 4 * SECOND);
    expect(left()).toEqual([
      ['a', 2, 9],
      ['b', 1, 6],
      ['c', 1, 7],
    ]);
    expect(world.due).toBe(END);
    // An entry at the very time comes after what was due then.
    world.feed([one('b', 3)], 6 * SECOND);
    expect(world.due).toBe(8 * SECOND);
    world.moveTo(BEGINNING, 8 * SECOND);
    expect(left()).toEqual([['b', 2, 6]]);
    world.moveTo(BEGINNING, 20 * SECOND);
    expect(left()).toEqual([]);
    expect(world.emitted.every(({ start, end }) => start === null && end === null)).toBe(true);
  });

  test('leave once a second unless something else is said', () => {
    const world = open(RUNNING);
    world.feed([one('a', 5)], 3.2 * SECOND);
    expect(world.due).toBe(4 * SECOND);
  });

  test('are forgotten when the watermark is their retention behind, and leave before that if they changed', () => {
    const world = open(RUNNING);
    const left = leaver(world);
    world.feed([one('a', 0), one('b', 5 * SECOND)], 0.1 * SECOND);
    world.moveTo(BEGINNING, SECOND);
    left();
    world.feed([one('b', 6 * SECOND)], 1.1 * SECOND);
    expect(world.pending).toBe(10 * SECOND);
    world.moveTo(10 * SECOND - 1, 1.2 * SECOND);
    expect(world.open?.groups).toBe(2);
    world.moveTo(10 * SECOND, 1.3 * SECOND);
    expect(world.open?.groups).toBe(1);
    expect(left()).toEqual([]);
    world.moveTo(16 * SECOND, 1.4 * SECOND);
    expect(left()).toEqual([['b', 2, 6 * SECOND]]);
    expect(world.open?.groups).toBe(0);
    // Nothing is left to say, so no one need wake up for it.
    expect(world.due).toBe(END);
    world.feed([one('b', 17 * SECOND)], 1.5 * SECOND);
    world.moveTo(16 * SECOND, 2 * SECOND);
    expect(left()).toEqual([['b', 1, 17 * SECOND]]);
  });

  test('start anew for a record that is farther off, though they are still there', () => {
    const world = open(RUNNING);
    const left = leaver(world);
    world.feed([one('a', 0), one('a', 10 * SECOND), one('a', 20 * SECOND + 1)]);
    world.moveTo(BEGINNING, SECOND);
    expect(left()).toEqual([['a', 1, 20 * SECOND + 1]]);
    // The older one changes and is not the key's last word.
    world.feed([one('a', 5 * SECOND)], SECOND);
    world.moveTo(BEGINNING, 2 * SECOND);
    expect(left()).toEqual([]);
    // A record between them makes them one again.
    world.feed([one('a', 15 * SECOND)], 2 * SECOND);
    world.moveTo(BEGINNING, 3 * SECOND);
    expect(left()).toEqual([['a', 5, 20 * SECOND + 1]]);
  });

  test('stay for ever if that is written, also past the end of all input', () => {
    const world = open({ ...RUNNING, retention: 'forever' });
    const left = leaver(world);
    world.feed([one('a', 0), one('a', 1e12)]);
    expect(world.pending).toBe(END);
    expect(world.moveTo(END, END)).toBe(BEGINNING);
    expect(left()).toEqual([['a', 2, 1e12]]);
    expect(world.open?.groups).toBe(1);
    world.feed([one('a', 3)]);
    world.moveTo(BEGINNING, SECOND);
    expect(left()).toEqual([['a', 3, 1e12]]);
  });

  test('pass a condition as they are then', () => {
    const world = open({ ...RUNNING, having: 'c >= 2' });
    const left = leaver(world);
    world.feed([one('a', 0), one('b', 0), one('b', 1)]);
    world.moveTo(BEGINNING, SECOND);
    expect(left()).toEqual([['b', 2, 1]]);
    world.feed([one('a', 2)], SECOND);
    world.moveTo(BEGINNING, 2 * SECOND);
    expect(left()).toEqual([['a', 2, 2]]);
  });

  test('leave whole, however many they are', () => {
    const world = open({ group_by: 'n', fields: { c: 'count(*)' }, retention: 'forever' });
    const many = 2 * BATCH_ROWS_MAX + 100;
    for (let from = 0; from < many; from += 1000) {
      const count = Math.min(1000, many - from);
      world.feed(Array.from({ length: count }, (_, i) => one('a', 0, from + i)));
    }
    world.moveTo(BEGINNING, SECOND);
    expect(world.emitted.map(({ values: { n }, sequence }) => [n, sequence])).toEqual(
      Array.from({ length: many }, (_, i) => [i, i]),
    );
  });

  test('need no key: all records are one group', () => {
    const world = open({ fields: { c: 'count(*)' }, retention: 'forever' });
    world.feed([one('a', 0), one('b', 0)]);
    world.moveTo(BEGINNING, SECOND);
    expect(world.emitted.map(({ values }) => values)).toEqual([{ c: 2 }]);
  });

  test('the last of each key is that of its newest session, whatever batches, times and watermarks are', () => {
    const rows = fc.array(
      fc.record({ k: fc.constantFrom('a', 'b'), at: fc.integer({ min: 0, max: 80 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        rows,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(90), { maxLength: 20 }),
        (all, sizes, marks) => {
          const world = open({ ...RUNNING, every: '3s' });
          const ordered = [...marks].sort((a, b) => a - b);
          const taken: Row[] = [];
          let passed = BEGINNING;
          for (let from = 0, i = 0; from < all.length; i++) {
            const size = sizes[i % sizes.length];
            const batch = all
              .slice(from, from + size)
              .map(({ k, at }) => one(k, at * SECOND))
              .filter(({ at }) => at > passed);
            from += size;
            taken.push(...batch);
            if (batch.length > 0) world.feed(batch, i * SECOND);
            if (ordered[i] !== undefined) passed = Math.max(passed, ordered[i] * SECOND);
            world.moveTo(passed, (i + 1) * SECOND);
          }
          world.moveTo(END, END);
          const last = new Map(world.emitted.map(({ values, at }) => [values['k'], [values, at]]));
          const wanted = new Map<unknown, unknown>();
          for (const k of new Set(taken.map(({ values }) => values['k']))) {
            const own = taken.filter(({ values }) => values['k'] === k);
            const times = own.map(({ at }) => at).sort((a, b) => a - b);
            const first = times.findLastIndex(
              (at, i) => i === 0 || at - times[i - 1] > 10 * SECOND,
            );
            const c = times.length - first;
            wanted.set(k, [{ k, c, s: c }, times[times.length - 1]]);
          }
          expect(last).toEqual(wanted);
        },
      ),
      { numRuns: share(300) },
    );
  });
});
