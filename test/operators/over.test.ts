/** `over` on batches: when records leave, what of those before them is kept, and what an edit may change. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { over } from '../../src/operators/over.ts';
import { BOOLEAN, DOUBLE, LONG, STRING } from '../../src/stream/schema.ts';
import { inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const SECOND = 1_000_000;
const END = Number.POSITIVE_INFINITY;
const TYPES = { k: STRING, n: LONG, d: DOUBLE };

type Spec = Readonly<Record<string, unknown>>;

function open(spec: Spec, also = {}) {
  return new OperatorWorld(over, spec, inputOf(TYPES, also));
}

function one(k: string, n: number, at: number, d: number | null = null): Row {
  return { values: { k, n, d }, at };
}

const FIELDS = { n: 'n', c: 'count(*)', s: 'sum(n)' };
const ROWS = { group_by: 'k', rows: 3, retention: '10s', fields: FIELDS };
const RANGE = { group_by: 'k', range: '5s', fields: FIELDS };

function left(world: ReturnType<typeof open>): unknown[][] {
  return world.emitted.map(({ values }) => Object.values(values));
}

describe('records beside the last ones', () => {
  test('leave once time has come to theirs, in order of time, and with it', () => {
    const world = open(ROWS);
    world.feed([one('a', 1, 30), one('a', 2, 10), one('b', 3, 20), one('a', 4, 40)]);
    expect(world.pending).toBe(10);
    expect(world.moveTo(9)).toBe(9);
    expect(world.emitted).toEqual([]);
    world.moveTo(30);
    expect(left(world)).toEqual([
      ['a', 2, 1, 2],
      ['b', 3, 1, 3],
      ['a', 1, 2, 3],
    ]);
    expect(world.emitted.map(({ at }) => at)).toEqual([10, 20, 30]);
    expect(world.pending).toBe(40);
    world.feed([one('a', 5, 50)]);
    world.moveTo(50);
    expect(left(world).slice(3)).toEqual([
      ['a', 4, 3, 7],
      ['a', 5, 3, 10],
    ]);
    expect(world.emitted.every(({ start, end }) => start === null && end === null)).toBe(true);
    expect(world.output).toMatchObject({ windowed: false, stateless: false });
    // A clean end of a run closes windows; records that wait go on waiting.
    expect(world.closingMark(50)).toBeUndefined();
  });

  test('of one time go by lane and line, or by their fields where lines are gone', () => {
    const rows = [one('a', 2, 10), one('a', 1, 10)];
    const sums = (also: object): unknown[] => {
      const world = open(ROWS, also);
      world.feed(rows);
      world.moveTo(END);
      return left(world).map(([, n, , sum]) => [n, sum]);
    };
    expect(sums({ stateless: true })).toEqual([
      [2, 2],
      [1, 3],
    ]);
    expect(sums({ stateless: false })).toEqual([
      [1, 1],
      [2, 3],
    ]);
    const world = open(ROWS);
    world.feed([one('a', 1, 10), one('a', 2, 10)], 0, 'south');
    world.feed([one('a', 4, 9), one('a', 8, 10)], 0, 'north');
    world.moveTo(END);
    expect(left(world).map(([, n]) => n)).toEqual([4, 8, 1, 2]);
  });

  test('begin anew when their group was silent for longer than its retention', () => {
    const world = open(ROWS);
    world.feed([one('a', 1, 0), one('a', 2, 10 * SECOND), one('a', 4, 20 * SECOND + 1)]);
    world.moveTo(END);
    expect(left(world).map(([, , , sum]) => sum)).toEqual([1, 3, 4]);
  });

  test('of a range are those of its bounds as well, and all of the same time', () => {
    const world = open(RANGE);
    world.feed([one('a', 1, 0), one('a', 2, 5 * SECOND), one('a', 4, 5 * SECOND)]);
    world.feed([one('a', 8, 5 * SECOND + 1)]);
    world.moveTo(END);
    expect(left(world).map(([, , , sum]) => sum)).toEqual([1, 7, 7, 14]);
  });

  test('leave out late ones, which are counted', () => {
    const world = open(ROWS);
    world.feed([one('a', 1, 0), { ...one('a', 9, 0), late: true }]);
    world.moveTo(END);
    expect(left(world)).toEqual([['a', 1, 1, 1]]);
    expect(world.dropped).toEqual({ filtered: 0, late: 1 });
  });

  test('may be taken together by the thousand', () => {
    const fields = {
      c: 'count(*)',
      s: 'sum(n)',
      odd: 'count(*) FILTER (WHERE n % 2 = 1)',
      first: 'first(n)',
      last: 'last(n)',
    };
    const world = open({ range: '1d', fields });
    for (let from = 0; from < 4500; from += 1500) {
      world.feed(Array.from({ length: 1500 }, (_, i) => one('a', from + i, from + i)));
      world.moveTo(from + 1499);
    }
    expect(left(world)).toEqual(
      Array.from({ length: 4500 }, (_, i) => [
        i + 1,
        (i * (i + 1)) / 2,
        Math.floor((i + 1) / 2),
        0,
        i,
      ]),
    );
  });
});

describe('what is kept', () => {
  /** Group by group, with all that ever came. */
  function wanted(all: readonly Row[], spec: Spec): unknown[][] {
    const sorted = all.map((row, i) => ({ ...row, i })).sort((a, b) => a.at - b.at || a.i - b.i);
    const groups = new Map<unknown, Row[]>();
    const places = new Map<Row, number>();
    for (const row of sorted) {
      const group = groups.get(row.values['k']) ?? [];
      places.set(row, group.push(row) - 1);
      groups.set(row.values['k'], group);
    }
    return sorted.map((row) => {
      const { k, n } = row.values;
      const group = groups.get(k) ?? [];
      const place = places.get(row) ?? -1;
      let frame: Row[] = [row];
      if (spec['rows'] === undefined) {
        frame = group.filter(({ at }) => at >= row.at - 5 * SECOND && at <= row.at);
      } else {
        for (const other of group.slice(0, place).toReversed()) {
          if (frame.length === 3 || frame[frame.length - 1].at - other.at > 10 * SECOND) break;
          frame.push(other);
        }
      }
      const sum = frame.reduce((s, { values }) => s + Number(values['n']), 0);
      return [k, n, frame.length, sum];
    });
  }

  test.each([
    ['rows', ROWS],
    ['a range', RANGE],
  ])(
    'is enough for all that follow, though most is forgotten on the way: %s',
    (_, spec) => {
      const shape = fc.tuple(fc.nat(40), fc.nat(5), fc.integer({ min: 1, max: 60 }));
      fc.assert(
        fc.property(fc.array(shape, { minLength: 50, maxLength: 50 }), (some) => {
          let now = 0;
          // Every eighth key is never seen again.
          const all = Array.from({ length: 12_000 }, (__, i) => {
            const [k, n, more] = some[(i * 7) % some.length];
            now += more * 10_000;
            return one(i % 8 === 0 ? `once ${i}` : String(k), n, now - ((i * 7919) % 100) * 10_000);
          });
          const world = open(spec);
          let newest = 0;
          let most = 0;
          for (let i = 0; i < all.length; i += 500) {
            const batch = all.slice(i, i + 500);
            // Lines are numbered anew in each batch: lanes tell those of one time apart, in order of coming.
            world.feed(batch, 0, `lane ${String(i).padStart(5, '0')}`);
            newest = Math.max(newest, ...batch.map(({ at }) => at));
            world.moveTo(newest - SECOND - 1);
            most = Math.max(most, world.open?.rows ?? 0);
          }
          world.moveTo(END);
          expect(left(world)).toEqual(wanted(all, spec));
          expect(most).toBeLessThan(6000);
          expect(world.open).toEqual({ windows: 0, groups: 0, rows: 0 });
        }),
        { numRuns: 3 },
      );
    },
    30_000,
  );

  test('for ever goes on after the end of all input', () => {
    const world = open({ ...ROWS, retention: 'forever' });
    world.feed([one('a', 1, 0), one('a', 2, 1), one('a', 4, 2), one('a', 8, 3)]);
    world.moveTo(END);
    expect(world.open).toEqual({ windows: 0, groups: 1, rows: 2 });
    world.feed([one('a', 16, 0)]);
    world.moveTo(0);
    expect(left(world).at(-1)).toEqual(['a', 16, 3, 28]);
  });
});

describe('what leaves', () => {
  const leaving = (spec: Spec): string[] => open(spec).output.schema.fields.map(({ name }) => name);

  test('are fields of group_by, those that are kept, and those that are computed', () => {
    expect(leaving({ ...ROWS, fields: { c: 'count(*)' } })).toEqual(['k', 'c']);
    expect(leaving({ ...ROWS, fields: { c: 'count(*)' }, keep: 'all' })).toEqual([
      'k',
      'n',
      'd',
      'c',
    ]);
    expect(leaving({ ...ROWS, fields: { c: 'count(*)' }, keep: ['d', 'k'] })).toEqual([
      'k',
      'd',
      'c',
    ]);
    expect(leaving({ ...RANGE, group_by: { low: 'n < 3' }, keep: 'all', fields: {} })).toEqual([
      'low',
      'k',
      'n',
      'd',
    ]);
  });

  test('is computed from what is read, and no more is read', () => {
    expect(open(ROWS).reads()).toEqual([0, 1]);
    expect(open({ ...ROWS, keep: 'all', fields: { c: 'count(*)' } }).reads()).toEqual([0, 1, 2]);
    expect(open(ROWS, { stateless: false }).reads()).toEqual([0, 1, 2]);
    const summed = open({ ...RANGE, fields: { s: 'sum(n + d)' } });
    expect(summed.reads()).toEqual([0, 1, 2]);
    // The sum of each record is enough.
    expect(summed.state).toMatchObject({ columns: [DOUBLE, STRING, LONG] });
  });

  test('is kept once, however many aggregates read it, and without what says in which order records came', () => {
    const fields = {
      best: 'max_by(k, n) FILTER (WHERE d > 0)',
      first: 'first(k) FILTER (WHERE d > 0)',
      sum: 'sum(n * 2)',
      different: 'count(DISTINCT n * 2)',
      high: 'percentile(n, 0.9)',
    };
    const world = open({ ...RANGE, fields });
    expect(world.reads()).toEqual([0, 1, 2]);
    expect(world.state).toMatchObject({ columns: [STRING, LONG, BOOLEAN, LONG, STRING, LONG] });
  });

  test('may come from what is known of a record only while it comes', () => {
    const fields = {
      newest: 'max(_time)',
      lanes: 'collect_set(_lane)',
      when: 'first(_ingest_time)',
    };
    const world = open({ ...RANGE, fields });
    world.feed([one('a', 1, 5), one('a', 2, 6)], 70);
    world.feed([one('a', 4, 7)], 80);
    world.moveTo(END, 90);
    expect(left(world)).toEqual([
      ['a', 5, ['north'], 70],
      ['a', 6, ['north'], 70],
      ['a', 7, ['north'], 70],
    ]);
  });

  test('is in order of the frame for first and last, also where equals are told apart by their fields', () => {
    const fields = { n: 'n', first: 'first(n)', last: 'last(n)', all: 'collect_list(n)' };
    const world = open({ ...ROWS, fields }, { stateless: false });
    world.feed([
      one('b', 9, 10),
      one('a', 5, 10, 1),
      one('a', 5, 10),
      one('a', 3, 11),
      one('a', 4, 10),
    ]);
    world.moveTo(END);
    expect(left(world).filter(([k]) => k === 'a')).toEqual([
      ['a', 4, 4, 4, [4]],
      ['a', 5, 4, 5, [4, 5]],
      ['a', 5, 4, 5, [4, 5, 5]],
      ['a', 3, 5, 3, [5, 5, 3]],
    ]);
  });

  test('may be grouped by what is known of a record only while it comes', () => {
    const world = open({ ...RANGE, group_by: { when: '_ingest_time' } });
    world.feed([one('a', 1, 5)], 70);
    world.feed([one('a', 2, 6)], 80);
    world.feed([one('a', 4, 7)], 80);
    world.moveTo(END, 90);
    expect(left(world).map(([when, , , sum]) => [when, sum])).toEqual([
      [70, 1],
      [80, 2],
      [80, 6],
    ]);
  });

  test('may have the time of the record, the fields of group_by, and computed arguments', () => {
    const fields = { at: '_time', high: 'NOT low', part: 'n / sum(n + 1)', mean: 'avg(d * 2)' };
    const world = open({ ...RANGE, group_by: { low: 'n < 3' }, fields });
    world.feed([one('a', 1, 5, 1.5), one('b', 2, 6, null)]);
    world.moveTo(END);
    expect(left(world)).toEqual([
      [true, 5, false, 0.5, 3],
      [true, 6, false, 0.4, 3],
    ]);
  });
});

describe('an edit of an over', () => {
  const because = (before: Spec, after: Spec): string => {
    const carry = open(before).edit(after);
    return carry.kind === 'reset' ? carry.because : carry.kind;
  };

  test('goes on with what is kept, also for an aggregate that is new', () => {
    const more = { ...ROWS, rows: 2, fields: { ...FIELDS, most: 'max(n)' } };
    const world = open(ROWS);
    world.feed([one('a', 4, 1), one('a', 1, 2)]);
    world.moveTo(2);
    expect(world.edit(more)).toEqual({ kind: 'kept' });
    world.feed([one('a', 2, 3)]);
    world.moveTo(3);
    expect(left(world).at(-1)).toEqual(['a', 2, 2, 3, 2]);
    expect(because(RANGE, { ...RANGE, range: '4s', late_to: 'late' })).toBe('kept');
  });

  test('says why it cannot', () => {
    const frames = 'it did not keep the records that are taken together';
    expect(because(ROWS, { ...ROWS, rows: 4 })).toBe(frames);
    expect(because(ROWS, { ...ROWS, retention: '1d' })).toBe(frames);
    expect(because(RANGE, ROWS)).toBe(frames);
    expect(because(ROWS, { ...ROWS, group_by: 'd' })).toBe('it groups by something else');
    expect(because(ROWS, { ...ROWS, keep: ['d'] })).toBe('it needs other fields of records');
    for (const s of ['sum(n * 2)', 'sum(n) FILTER (WHERE n > 1)']) {
      expect(because(ROWS, { ...ROWS, fields: { s } })).toBe('it needs other fields of records');
    }
  });
});

describe('an over that is wrong', () => {
  const findings = (spec: Spec, also = {}) =>
    open(spec, also).findings.map(({ rule, path }) => `${rule} ${path}`);
  const { retention: _, ...withoutRetention } = ROWS;

  test('is found with its place', () => {
    expect(findings({ fields: FIELDS })).toEqual(['missing-field ']);
    expect(findings(withoutRetention)).toEqual(['unbounded-state ']);
    expect(findings({ ...ROWS, retention: '0s' })).toEqual(['value-not-allowed retention']);
    expect(findings({ ...RANGE, range: '0s' })).toEqual(['value-not-allowed range']);
    expect(findings({ ...RANGE, rows: 2 })).toEqual(['conflicting-fields rows']);
    expect(findings({ ...RANGE, retention: '1d' })).toEqual(['conflicting-fields retention']);
    expect(findings({ ...ROWS, fields: { s: 'sum(m)' } })).toEqual(['unknown-column fields.s']);
    expect(findings({ ...ROWS, fields: { k: 'n' } })).toEqual(['duplicate-name fields.k']);
    expect(findings({ ...ROWS, keep: 'all' })).toEqual(['duplicate-name fields.n']);
    expect(findings({ ...ROWS, keep: ['m'] })).toEqual(['unknown-column keep.0']);
    expect(findings({ ...ROWS, group_by: 'm' })).toEqual(['unknown-column group_by']);
    expect(findings(ROWS, { progress: 'revisions' })).toEqual(['needs-final-input from']);
    expect(findings(ROWS, { progress: 'none' })).toEqual(['needs-watermark from']);
  });
});
