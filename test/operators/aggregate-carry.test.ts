/** An aggregate that is edited while groups are open. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from '../../src/operators/aggregate.ts';
import { LONG, STRING } from '../../src/stream/schema.ts';
import { share } from '../tools/campaign.ts';
import { inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const SECOND = 1_000_000;
const END = Number.POSITIVE_INFINITY;

const TUMBLE = { window: { tumble: '10s' }, group_by: 'k', fields: { c: 'count(*)' } };
const HOP = { ...TUMBLE, window: { hop: '10s', every: '5s' } };
const SESSION = { ...TUMBLE, window: { session: '10s' } };
const RUNNING = { group_by: 'k', fields: { c: 'count(*)' }, retention: '1d' };

function open(spec: object) {
  const input = inputOf({ k: STRING, n: LONG });
  return new OperatorWorld(aggregate, spec as Readonly<Record<string, unknown>>, input);
}

describe('an edit of an aggregate', () => {
  test.each([
    ['another name and place of a key', { group_by: { key: 'k' }, fields: { c: 'count(*)' } }],
    ['another name of a field', { fields: { count: 'count(*)' } }],
    [
      'a field that is computed from what is there',
      { fields: { c: 'count(*)', d: 'count(*) * 2' } },
    ],
    ['a condition', { having: 'c > 2' }],
    ['where late records go', { late_to: 'late' }],
  ])('keeps its groups: %s', (_, change) => {
    for (const spec of [TUMBLE, HOP, SESSION, RUNNING]) {
      expect(open(spec).edit({ ...spec, ...change })).toEqual({ kind: 'kept' });
    }
  });

  test('keeps them when only the pace changes', () => {
    expect(open(RUNNING).edit({ ...RUNNING, every: '1m' })).toEqual({ kind: 'kept' });
  });

  test.each([
    ['the size', TUMBLE, { window: { tumble: '11s' } }, 'window'],
    ['the offset', TUMBLE, { window: { tumble: '10s', offset: '1s' } }, 'window'],
    ['the kind', TUMBLE, { window: { batch: '10s' } }, 'window'],
    ['the pace of hops', HOP, { window: { hop: '10s', every: '2s' } }, 'window'],
    ['the gap', SESSION, { window: { session: '1s' } }, 'window'],
    ['no window', SESSION, { window: undefined, retention: '10s' }, 'window'],
    ['the retention', RUNNING, { retention: 'forever' }, 'retention'],
    ['the keys', RUNNING, { group_by: ['k', 'n'] }, 'groups by'],
    ['the expression of a key', TUMBLE, { group_by: { k: 'upper(k)' } }, 'groups by'],
  ] as const)('cannot keep them: %s', (_, spec, change, because) => {
    const carry = open(spec).edit({ ...spec, ...change });
    expect(carry.kind === 'reset' && carry.because).toContain(because);
  });

  const MORE = {
    fields: { least: 'min(k)', s: 'sum(n)', c: 'count(*)', e: 'coalesce(sum(n), -1)' },
  };

  test.each([
    ['a tumble', TUMBLE],
    ['a hop', HOP],
    ['a session', SESSION],
  ])('gives %s that was open no value of what is new, and what opens later all', (_, spec) => {
    const world = open(spec);
    world.feed([
      { values: { k: 'a', n: 1 }, at: 6 * SECOND },
      { values: { k: 'b', n: 1 }, at: 7 * SECOND },
    ]);
    expect(world.edit({ ...spec, ...MORE }).kind).toBe('adapted');
    world.feed([
      { values: { k: 'a', n: 2 }, at: 8 * SECOND },
      { values: { k: 'c', n: 2 }, at: 26 * SECOND },
    ]);
    world.moveTo(END);
    const values = world.emitted.map((one) => one.values);
    const open_ = values.filter(({ k }) => k !== 'c');
    expect(open_.length).toBe(spec === HOP ? 4 : 2);
    for (const one of open_) {
      const c = one['k'] === 'a' ? 2 : 1;
      expect(one).toEqual({ k: one['k'], least: null, s: null, c, e: -1 });
    }
    const later = values.filter(({ k }) => k === 'c');
    expect(later.length).toBe(spec === HOP ? 2 : 1);
    for (const one of later) expect(one).toEqual({ k: 'c', least: 'c', s: 2, c: 1, e: 2 });
  });

  test('starts what is new in running groups', () => {
    const world = open(RUNNING);
    world.feed([{ values: { k: 'a', n: 1 }, at: 6 * SECOND }]);
    expect(world.edit({ ...RUNNING, ...MORE }).kind).toBe('adapted');
    expect(world.due).toBe(SECOND);
    world.feed([{ values: { k: 'a', n: 2 }, at: 8 * SECOND }]);
    world.moveTo(0, SECOND);
    expect(world.emitted.map((one) => one.values)).toEqual([
      { k: 'a', least: 'a', s: 2, c: 2, e: 2 },
    ]);
  });

  test('treats what collects and chooses as what counts', () => {
    const fields = {
      c: 'count(*)',
      all: 'collect_list(n)',
      first: 'first(n)',
      least: 'min_by(k, n)',
      different: 'count(DISTINCT n)',
    };
    const first = [{ values: { k: 'a', n: 1 }, at: 2 * SECOND }];
    const second = [{ values: { k: 'a', n: 2 }, at: SECOND }];
    for (const spec of [TUMBLE, HOP, SESSION, RUNNING]) {
      const world = open(spec);
      world.feed(first);
      expect(world.edit({ ...spec, fields }).kind).toBe('adapted');
      world.feed(second);
      world.moveTo(END, SECOND);
      const started = { all: [2], first: 2, least: 'a', different: 1 };
      const unknown = { all: null, first: null, least: null, different: null };
      for (const { values } of world.emitted) {
        expect(values).toEqual({ k: 'a', c: 2, ...(spec === RUNNING ? started : unknown) });
      }
      expect(world.emitted.length).toBeGreaterThan(0);
    }
    // Other places, and what was collected stays.
    const world = open({ ...TUMBLE, fields });
    world.feed(first);
    const { c, ...others } = fields;
    expect(world.edit({ ...TUMBLE, fields: { ...others, c, m: 'max(n)' } }).kind).toBe('adapted');
    world.feed(second);
    world.moveTo(END);
    expect(world.emitted.map((one) => one.values)).toEqual([
      { k: 'a', all: [2, 1], first: 2, least: 'a', different: 2, c: 2, m: null },
    ]);
  });

  test('lets go of what no one asks for any more, and does not find it again', () => {
    const world = open({ ...TUMBLE, ...MORE });
    world.feed([{ values: { k: 'a', n: 1 }, at: 0 }]);
    expect(world.edit(TUMBLE).kind).toBe('adapted');
    world.feed([{ values: { k: 'a', n: 1 }, at: 1 }]);
    expect(world.edit({ ...TUMBLE, fields: { s: 'sum(n)', c: 'count(*)' } }).kind).toBe('adapted');
    world.moveTo(END);
    expect(world.emitted.map((one) => one.values)).toEqual([{ k: 'a', s: null, c: 2 }]);
  });

  test('knows of a session that was joined with an older one what it has not seen', () => {
    const world = open(SESSION);
    world.feed([{ values: { k: 'a', n: 1 }, at: 0 }]);
    world.edit({ ...SESSION, fields: { s: 'sum(n)', c: 'count(*)' } });
    world.feed([{ values: { k: 'a', n: 2 }, at: 20 * SECOND }]);
    world.feed([{ values: { k: 'a', n: 4 }, at: 10 * SECOND }]);
    world.moveTo(END);
    expect(world.emitted.map((one) => one.values)).toEqual([{ k: 'a', s: null, c: 3 }]);
  });

  test.each([
    ['tumbles', TUMBLE],
    ['hops', HOP],
    ['hops that do not divide', { ...TUMBLE, window: { hop: '7s', every: '3s' } }],
    ['sessions', { ...TUMBLE, window: { session: '2s' } }],
  ])('anywhere in a flow of %s leaves every value right, or NULL where it cannot be', (_, spec) => {
    const row = fc.record({
      values: fc.record({ k: fc.constantFrom('a', 'b', null), n: fc.nat(9) }),
      at: fc.integer({ min: 0, max: 60 }).map((half) => half * 500_000),
    });
    const parts = fc.array(fc.array(row, { minLength: 1, maxLength: 8 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        parts,
        fc.nat(12),
        fc.array(fc.nat(30), { maxLength: 12 }),
        (all, when, marks) => {
          const whole = open({ ...spec, ...MORE });
          const edited = open(spec);
          const before: Row[] = [];
          let passed = Number.NEGATIVE_INFINITY;
          const ordered = [...marks].sort((a, b) => a - b);
          all.forEach((part, i) => {
            if (i === when) edited.edit({ ...spec, ...MORE });
            const fitting = part.filter(({ at }) => at > passed);
            if (i < when) before.push(...fitting);
            for (const world of [whole, edited]) if (fitting.length > 0) world.feed(fitting);
            if (ordered[i] !== undefined) passed = ordered[i] * SECOND;
            for (const world of [whole, edited]) world.moveTo(passed);
          });
          if (when >= all.length) edited.edit({ ...spec, ...MORE });
          for (const world of [whole, edited]) world.moveTo(END);
          expect(edited.emitted.length).toBe(whole.emitted.length);
          edited.emitted.forEach(({ values, at, sequence, start, end }, i) => {
            const wanted = whole.emitted[i];
            expect([at, sequence, start, end]).toEqual([
              wanted.at,
              wanted.sequence,
              wanted.start,
              wanted.end,
            ]);
            expect([values['k'], values['c']]).toEqual([wanted.values['k'], wanted.values['c']]);
            if (!('s' in values)) return; // it left before the edit
            const open_ = before.some(
              ({ at: time }) => time >= Number(start) && time < Number(end),
            );
            if (values['s'] === null) expect(open_).toBe(true);
            else expect(values).toEqual(wanted.values);
            const same = before.some(
              ({ values: { k }, at: time }) =>
                k === values['k'] && time >= Number(start) && time < Number(end),
            );
            if (same) expect([values['least'], values['s'], values['e']]).toEqual([null, null, -1]);
          });
        },
      ),
      { numRuns: share(150) },
    );
  });
});
