/** Kept rows of two sides against a plain list: found by key and time, forgotten by time, in columns of every type. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByTime } from '../../src/engine/by-time.ts';
import { Rows } from '../../src/engine/rows.ts';
import type { Candidates } from '../../src/operators/operator-state.ts';
import { BOOLEAN, type DataType, LONG, STRING } from '../../src/stream/schema.ts';
import { BEGINNING } from '../../src/stream/watermark.ts';
import { columnOf, type Value, valueAt } from '../sql/table.ts';
import { share } from '../tools/campaign.ts';

const TYPES: readonly DataType[] = [
  LONG,
  STRING,
  BOOLEAN,
  { kind: 'array', element: STRING },
  {
    kind: 'struct',
    fields: [
      { name: '0', type: LONG, nullable: true },
      { name: '1', type: STRING, nullable: true },
    ],
  },
];

interface Row {
  readonly key: number;
  readonly time: number;
  readonly values: readonly Value[];
}

const text = fc.constantFrom(
  null,
  '',
  'a',
  'ü',
  'a long text that is copied in another way than short ones are',
);
const value = fc.record({
  key: fc.nat(4),
  time: fc.nat(30),
  values: fc.tuple(
    fc.oneof(fc.constant(null), fc.integer()),
    text,
    fc.constantFrom(null, true, false),
    fc.oneof(fc.constant(null), fc.array(text, { maxLength: 3 })),
    fc.oneof(fc.constant(null), fc.record({ '0': fc.constantFrom(null, 1), '1': text })),
  ),
});

type Step =
  | {
      readonly put: readonly Row[];
      readonly side: number;
      readonly skip: boolean;
      readonly times: number;
    }
  | { readonly forget: number; readonly side: number };
const side = fc.constantFrom(0, 1);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        put: fc.array(value, { minLength: 1, maxLength: 5 }),
        side,
        skip: fc.boolean(),
        // Now and then so many that segments fill.
        times: fc.constantFrom(1, 1, 1, 300),
      }),
    },
    { weight: 1, arbitrary: fc.record({ forget: fc.nat(8), side }) },
  ),
  { maxLength: 25 },
);

interface KeyKind {
  readonly types: readonly DataType[];
  of(key: number): readonly Value[];
}
const NUMBER: KeyKind = { types: [LONG], of: (key) => [key] };
/** NULL is a key like others here: that it equals nothing is for a join to see to. */
const KINDS: readonly KeyKind[] = [
  NUMBER,
  { types: [LONG], of: (key) => [key === 0 ? null : key] },
  { types: [STRING], of: (key) => [`key ${key}`] },
  { types: [STRING, BOOLEAN], of: (key) => [key < 2 ? null : `${key >> 1}`, key % 2 === 1] },
];

function rowsOf(seed: number, { types }: KeyKind): Rows {
  const columns = { columns: TYPES, expires: true };
  return new Rows({ kind: 'rows', keys: types, sides: [columns, columns] }, seed);
}

describe('kept rows', () => {
  test('are found by key and time in order of arrival, and are what was put in', () => {
    fc.assert(
      fc.property(steps, fc.integer(), fc.constantFrom(...KINDS), (all, seed, kind) => {
        const state = rowsOf(seed, kind);
        const model: Row[][] = [[], []];
        const clock = [0, 0];
        for (const step of all) {
          if ('forget' in step) {
            clock[step.side] += step.forget;
            const through = clock[step.side];
            const expired = [...state.sides[step.side].expired(through)].map(
              (at) => state.sides[step.side].times[at],
            );
            expect(expired).toEqual([...expired].sort((a, b) => a - b));
            expect(expired.length).toBe(
              model[step.side].filter(({ time }) => time <= through).length,
            );
            state.forget(step.side, through);
            model[step.side] = model[step.side].filter(({ time }) => time > through);
            continue;
          }
          // Later as time goes on, never at or below what is forgotten.
          const own = state.sides[step.side];
          const put = Array.from({ length: step.times }, () => step.put)
            .flat()
            .map((row) => ({ ...row, time: row.time + clock[step.side] + 1 }));
          const rows = step.skip ? Int32Array.from(put.keys()).filter((i) => i % 2 === 0) : null;
          const count = rows === null ? put.length : rows.length;
          const keys = kind.types.map((type, i) =>
            columnOf(
              type,
              put.map(({ key }) => kind.of(key)[i]),
            ),
          );
          const hashes = new Int32Array(put.length);
          state.hash(keys, rows, count, hashes);
          const times = Float64Array.from(put, ({ time }) => time);
          const batch = { keys, hashes, times, rows, count };
          const found: Candidates = {
            probing: new Int32Array(4),
            kept: new Int32Array(4),
            count: 0,
            next: 0,
          };
          const other = state.sides[1 - step.side];
          other.find(
            { ...batch, count: Math.min(count, 3) },
            -3,
            5,
            found,
            Number.POSITIVE_INFINITY,
            Number.POSITIVE_INFINITY,
          );
          const columns = other.columns();
          const pairs = Array.from({ length: found.count }, (_, i) => [
            found.probing[i],
            other.times[found.kept[i]],
            ...columns.map((column) => valueAt(column, found.kept[i])),
          ]);
          const wanted = put.flatMap((row, i) =>
            (rows === null ? i : rows.indexOf(i)) < 0 || (rows === null ? i : rows.indexOf(i)) > 2
              ? []
              : model[1 - step.side]
                  .filter(
                    (kept) =>
                      kept.key === row.key &&
                      kept.time >= row.time - 3 &&
                      kept.time <= row.time + 5,
                  )
                  .map((kept) => [i, kept.time, ...kept.values]),
          );
          expect(pairs).toEqual(wanted);
          own.append(
            batch,
            TYPES.map((type, i) =>
              columnOf(
                type,
                put.map(({ values }) => values[i]),
              ),
            ),
            null,
          );
          model[step.side].push(...put.filter((_, i) => rows === null || rows.includes(i)));
          expect(own.earliest()).toBe(Math.min(...model[step.side].map(({ time }) => time)));
        }
      }),
      { numRuns: share(200) },
    );
  });

  test('of each key are the newest alone where no other is wanted, and are what was put in', () => {
    const steps = fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({
            put: fc.array(value, { minLength: 1, maxLength: 8 }),
            times: fc.constantFrom(1, 1, 100, 500),
          }),
        },
        { weight: 1, arbitrary: fc.record({ forget: fc.nat(3) }) },
      ),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom(...KINDS), (all, kind) => {
        const shape = { columns: TYPES, expires: false, found: 'newest' } as const;
        const state = new Rows({ kind: 'rows', keys: kind.types, sides: [shape] }, 5);
        const [versions] = state.sides;
        const model = new Map<number, Row>();
        let now = 1;
        const keyed = (rows: readonly Row[]) => {
          const count = rows.length;
          const keys = kind.types.map((type, i) =>
            columnOf(
              type,
              rows.map(({ key }) => kind.of(key)[i]),
            ),
          );
          const hashes = new Int32Array(count);
          state.hash(keys, null, count, hashes);
          return { keys, hashes, times: Float64Array.from(rows, (r) => r.time), rows: null, count };
        };
        for (const step of all) {
          if ('forget' in step) {
            const through = now - 1 - step.forget;
            state.forget(0, through);
            for (const [key, { time }] of model) if (time <= through) model.delete(key);
          } else {
            const put = Array.from({ length: step.times }, () => step.put)
              .flat()
              .map((row) => ({ ...row, time: now }));
            now++;
            const columns = TYPES.map((type, i) =>
              columnOf(
                type,
                put.map(({ values }) => values[i]),
              ),
            );
            versions.append(keyed(put), columns, null);
            for (const row of put) model.set(row.key, row);
          }
          const asked = [0, 1, 2, 3, 4].map((key) => ({ key, time: now, values: [] }));
          const found: Candidates = {
            probing: new Int32Array(1),
            kept: new Int32Array(1),
            count: 0,
            next: 0,
          };
          const always = Number.POSITIVE_INFINITY;
          versions.find(keyed(asked), -always, 0, found, always, 1);
          const columns = versions.columns();
          const seen = Array.from({ length: found.count }, (_, i) => [
            found.probing[i],
            ...columns.map((column) => valueAt(column, found.kept[i])),
          ]);
          const wanted = asked.flatMap(({ key }) => {
            const row = model.get(key);
            return row === undefined ? [] : [[key, ...row.values]];
          });
          expect(seen).toEqual(wanted);
          // Those that are forgotten go by segment.
          expect(state.open().rows).toBeGreaterThanOrEqual(model.size);
          expect(state.open().rows).toBeLessThanOrEqual(5);
        }
      }),
      { numRuns: share(100) },
    );
  });

  test('take keys with them: a key that never comes back leaves nothing behind', () => {
    const state = rowsOf(3, NUMBER);
    const columns = TYPES.map((type) => columnOf(type, new Array(1000).fill(null)));
    const hashes = new Int32Array(1000);
    for (let round = 0; round < 200; round++) {
      const keys = columnOf(
        LONG,
        Array.from({ length: 1000 }, (_, i) => round * 1000 + i),
      );
      state.hash([keys], null, 1000, hashes);
      const times = new Float64Array(1000).fill(round);
      const batch = { keys: [keys], hashes, times, rows: null, count: 1000 };
      expect(state.sides[0].newest(batch, round)).toBe(BEGINNING);
      state.sides[0].append(batch, columns, null);
      expect(state.sides[0].newest(batch, round)).toBe(round);
      state.sides[0].expired(round - 2);
      state.forget(0, round - 2);
      expect(state.open().rows).toBeLessThanOrEqual(5120);
    }
    state.sides[0].expired(1000);
    state.forget(0, 1000);
    expect(state.open().rows).toBe(0);
  });

  test('come out by time, then arrival, however they went in', () => {
    const entry = fc.oneof(fc.record({ add: fc.nat(20) }), fc.record({ take: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), (all) => {
        const queue = new ByTime();
        let model: [number, number][] = [];
        let next = 0;
        for (const one of all) {
          if ('add' in one) {
            queue.add(one.add, next);
            model.push([one.add, next++]);
            continue;
          }
          model.sort(([a, b], [c, d]) => a - c || b - d);
          const gone = model.filter(([time]) => time <= one.take);
          model = model.filter(([time]) => time > one.take);
          const taken: number[] = [];
          while (queue.first <= one.take) taken.push(queue.take());
          expect(taken).toEqual(gone.map(([, row]) => row));
        }
        expect(queue.first).toBe(
          Math.min(Number.POSITIVE_INFINITY, ...model.map(([time]) => time)),
        );
      }),
      { numRuns: share(300) },
    );
  });
});
