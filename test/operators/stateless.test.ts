/** `filter`, `select` and `explode` on batches: rows one by one, and what travels unseen beside them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { explode } from '../../src/operators/explode.ts';
import { filter } from '../../src/operators/filter.ts';
import { select } from '../../src/operators/select.ts';
import { BATCH_ROWS_MAX } from '../../src/stream/batch.ts';
import { type DataType, LONG, STRING } from '../../src/stream/schema.ts';
import type { Value } from '../sql/table.ts';
import { inputOf, OperatorWorld, type Row } from '../tools/operator-world.ts';

const LIST: DataType = { kind: 'array', element: STRING };
const INPUT = inputOf({ n: LONG, s: STRING, xs: LIST });

const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    values: fc.record({
      n: fc.option(fc.integer({ min: -3, max: 3 })),
      s: fc.option(fc.constantFrom('', 'a', 'ü')),
      xs: fc.option(fc.array(fc.option(fc.constantFrom('x', 'yy', '')), { maxLength: 4 })),
    }),
    at: fc.nat(1000),
    late: fc.boolean(),
    skipped: fc.boolean(),
  }),
  { maxLength: 40 },
);

/** Selected rows with their place in the batch, counted from 1. */
function numbered(all: readonly Row[]): (Row & { readonly sequence: number })[] {
  return all.map((row, i) => ({ ...row, sequence: i + 1 })).filter(({ skipped }) => !skipped);
}

/** What leaves when a row gives `values`. */
function emittedOf(row: Row & { readonly sequence: number }, values: Row['values']) {
  const { at, sequence, late = false } = row;
  return { values, at, sequence, late, start: null, end: null };
}

describe('filter', () => {
  test('keeps what is TRUE and counts what is not', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const world = new OperatorWorld(filter, { where: 'n > 0' }, INPUT);
        world.feed(all);
        const kept = numbered(all).filter(({ values: { n } }) => n !== null && Number(n) > 0);
        expect(world.emitted).toEqual(kept.map((row) => emittedOf(row, row.values)));
        expect(world.dropped.filtered).toBe(numbered(all).length - kept.length);
        expect(world.moveTo(7)).toBe(7);
      }),
    );
  });

  test('reads what its condition reads and what is wanted of it', () => {
    const world = new OperatorWorld(filter, { where: "s = 'a'" }, INPUT);
    expect(world.reads()).toEqual([1]);
    expect(world.reads(2)).toEqual([1, 2]);
    expect(world.output).toEqual(INPUT);
  });

  test('wants a condition', () => {
    expect(new OperatorWorld(filter, { where: 'n + 1' }, INPUT).findings).toEqual([
      { rule: 'type-mismatch', path: 'where' },
    ]);
  });
});

describe('select', () => {
  const names = (spec: Readonly<Record<string, unknown>>): string[] =>
    new OperatorWorld(select, spec, INPUT).output.schema.fields.map(({ name }) => name);

  test('computes from the input, beside what is kept', () => {
    const spec = { fields: { n: 'n + 1', t: 'n * 10' }, keep: ['s', 'n'] };
    fc.assert(
      fc.property(rows, (all) => {
        const world = new OperatorWorld(select, spec, INPUT);
        world.feed(all);
        const wanted = numbered(all).map((row) => {
          const { n, s } = row.values;
          const more = (by: (x: number) => number): Value => (n === null ? null : by(Number(n)));
          return emittedOf(row, { s, n: more((x) => x + 1), t: more((x) => x * 10 + 0) });
        });
        expect(world.emitted).toEqual(wanted);
        expect(world.dropped).toEqual({ filtered: 0, late: 0 });
      }),
    );
  });

  test('puts kept fields in their order, and a computed one in the place of its name', () => {
    expect(names({ keep: 'all', fields: { s: 'n', z: 'n' } })).toEqual(['n', 's', 'xs', 'z']);
    expect(names({ keep: ['xs', 'n'] })).toEqual(['xs', 'n']);
    expect(names({ drop: ['s'] })).toEqual(['n', 'xs']);
    expect(names({ keep: ['s', 'n'], drop: ['s'], fields: { a: 'n' } })).toEqual(['n', 'a']);
    expect(names({ fields: { a: 'n' } })).toEqual(['a']);
    expect(names({ drop: ['n'], fields: { n: 's' } })).toEqual(['s', 'xs', 'n']);
  });

  test('reads columns that are wanted, and what its expressions need', () => {
    const world = new OperatorWorld(select, { keep: 'all', fields: { z: 'n' } }, INPUT);
    expect(world.reads(1)).toEqual([0, 1]);
    expect(world.reads(3)).toEqual([0]);
  });

  test.each([
    ['another field of its own', { fields: { a: 'n', b: 'a' } }, ['unknown-column fields.b']],
    [
      'fields the input lacks',
      { keep: ['n', 'm'], drop: ['q'] },
      ['unknown-column drop.0', 'unknown-column keep.1'],
    ],
    ['that nothing is left', { keep: 'none' }, ['missing-field ']],
    ['that all is dropped', { drop: ['n', 's', 'xs'] }, ['missing-field ']],
  ] as const)('finds %s', (_, spec, wanted) => {
    const { findings } = new OperatorWorld(select, spec, INPUT);
    expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual(wanted);
  });
});

describe('explode', () => {
  test.each([false, true])(
    'gives the input, the element and its position for each element (outer: %s)',
    (outer) => {
      const spec = { each: 'xs', as: 'x', position: 'p', outer };
      fc.assert(
        fc.property(rows, (all) => {
          const world = new OperatorWorld(explode, spec, INPUT);
          world.feed(all);
          const wanted = numbered(all).flatMap((row) => {
            const { xs } = row.values;
            const list = Array.isArray(xs) ? xs : [];
            const elements = list.length === 0 && outer ? [null] : list;
            return elements.map((x, i) => {
              const p = list.length === 0 ? null : i;
              return emittedOf(row, { ...row.values, x, p });
            });
          });
          expect(world.emitted).toEqual(wanted);
        }),
      );
    },
  );

  test('cuts what one record gives into batches', () => {
    const world = new OperatorWorld(
      explode,
      { each: 'xs', as: 'x', position: 'p', fields: { p: 'p', x: 'x', n: 'n' } },
      INPUT,
    );
    const xs = Array.from({ length: 10_000 }, (_, i) => String(i));
    world.feed([
      { values: { n: 1, xs }, at: 0 },
      { values: { n: 2, xs: ['z'] }, at: 1 },
    ]);
    expect(world.batches).toEqual([BATCH_ROWS_MAX, BATCH_ROWS_MAX, 10_001 - 2 * BATCH_ROWS_MAX]);
    expect(world.emitted.map(({ values }) => values)).toEqual([
      ...xs.map((x, p) => ({ p, x, n: 1 })),
      { p: 0, x: 'z', n: 2 },
    ]);
  });

  test('reads its array, and of the input what is wanted or computed with', () => {
    const whole = new OperatorWorld(explode, { each: 'xs', as: 'x' }, INPUT);
    expect(whole.reads(0, 3)).toEqual([0, 2]);
    const one = new OperatorWorld(
      explode,
      { each: 'xs', as: 'x', fields: { y: 'x', t: 's' } },
      INPUT,
    );
    expect(one.reads()).toEqual([1, 2]);
    expect(one.output.schema.fields.map(({ name }) => name)).toEqual(['y', 't']);
    expect(one.output.stateless).toBe(true);
  });

  test.each([
    ['that it is no array', { each: 's', as: 'x' }, ['type-mismatch each']],
    ['a name that is taken', { each: 'xs', as: 'n' }, ['duplicate-name as']],
    ['one name for two', { each: 'xs', as: 'x', position: 'x' }, ['duplicate-name position']],
    ['an unknown field', { each: 'xs', as: 'x', fields: { y: 'z' } }, ['unknown-column fields.y']],
  ] as const)('finds %s', (_, spec, wanted) => {
    const { findings, checked } = new OperatorWorld(explode, spec, INPUT);
    expect(findings.map(({ rule, path }) => `${rule} ${path}`)).toEqual(wanted);
    expect(checked).toBeUndefined();
  });
});
