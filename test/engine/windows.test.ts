/** Open panes against a sorted list. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createState } from '../../src/engine/state.ts';
import { Windows } from '../../src/engine/windows.ts';
import { LONG } from '../../src/stream/schema.ts';
import { columnOf } from '../sql/table.ts';

const SIZE = 10;

function windows(): Windows {
  const shape = { kind: 'windows', keys: [LONG], accumulators: ['number'], time: 'event' } as const;
  return new Windows(shape, 1);
}

/** Puts a row with a key into the window that starts at `start`. */
function put(state: Windows, start: number, key: number): number {
  const groups = state.at(start, start + SIZE);
  const ids = new Int32Array(1);
  groups.locate([columnOf(LONG, [key])], null, 1, ids);
  const [accumulator] = groups.accumulators;
  if (accumulator.kind !== 'number') throw new Error('an accumulator of numbers');
  return ++accumulator.values[ids[0]];
}

type Step = { readonly open: number; readonly key: number } | { readonly mark: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ open: fc.nat(30), key: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ mark: fc.nat(320) }) },
  ),
  { maxLength: 80 },
);

describe('open panes', () => {
  test('are there in order of time, each once, with what was put into them', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const state = windows();
        const model = new Map<number, Map<number, number>>();
        for (const step of all) {
          if ('mark' in step) {
            const due = [...model.keys()]
              .filter((start) => step.mark >= start + SIZE)
              .sort((a, b) => a - b);
            const panes = state.until(step.mark);
            expect(panes.map(({ start, end }) => [start, end])).toEqual(
              due.map((start) => [start, start + SIZE]),
            );
            for (const { start, groups } of panes) {
              expect(groups.size).toBe(model.get(start)?.size);
              state.dropFirst();
              model.delete(start);
            }
          } else {
            const start = step.open * SIZE;
            const groups = model.get(start) ?? new Map<number, number>();
            model.set(start, groups);
            groups.set(step.key, (groups.get(step.key) ?? 0) + 1);
            expect(put(state, start, step.key)).toBe(groups.get(step.key));
          }
          const first = model.size === 0 ? undefined : Math.min(...model.keys());
          expect(state.first()?.start).toBe(first);
          const groups = [...model.values()].reduce((sum, { size }) => sum + size, 0);
          expect(state.open()).toEqual({ windows: model.size, groups });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('hold tens of thousands at once, and forget them one by one', () => {
    const state = windows();
    for (let i = 0; i < 40_000; i++) state.at(i * SIZE, (i + 1) * SIZE);
    expect(state.open().windows).toBe(40_000);
    for (let i = 0; i < 40_000; i++) state.dropFirst();
    expect(state.open().windows).toBe(0);
    expect(state.first()).toBeUndefined();
  });

  test('forget how far windows have been closed once none is open', () => {
    const state = windows();
    for (const start of [0, SIZE]) state.at(start, start + SIZE);
    state.passed = 7;
    state.dropFirst();
    expect(state.passed).toBe(7);
    state.dropFirst();
    expect(state.passed).toBe(Number.NEGATIVE_INFINITY);
  });

  test('take other accumulators: those that stay keep their values, a new one knows what it has not seen', () => {
    const shape = {
      kind: 'windows',
      keys: [LONG],
      accumulators: ['number', 'flag'],
      time: 'event',
    } as const;
    const state = new Windows(shape, 1);
    put(state, 0, 5);
    put(state, 0, 5);
    state.adapt(['bytes', 'number', 'number'], [-1, -1, 0]);
    const [before] = state.until(SIZE);
    const values = before.groups.accumulators.map((one) => one.values[0]);
    expect(values).toEqual([null, 0, 2]);
    expect([0, 1, 2].map((i) => before.groups.whole(i))).toEqual([
      Uint8Array.of(0),
      Uint8Array.of(0),
      null,
    ]);
    const after = state.at(SIZE, 2 * SIZE);
    expect([0, 1, 2].map((i) => after.whole(i))).toEqual([null, null, null]);
    const both = state.until(2 * SIZE);
    expect(state.scratch(both).whole(0)).toEqual(new Uint8Array(0));
    expect(state.scratch(both.slice(1)).whole(0)).toBeNull();
    // What was added once does not become unknown at the next edit.
    state.adapt(['number', 'bytes'], [1, 0]);
    expect([0, 1].map((i) => state.at(SIZE, 2 * SIZE).whole(i))).toEqual([null, null]);
    state.dropFirst();
    expect([0, 1].map((i) => state.at(2 * SIZE, 3 * SIZE).whole(i))).toEqual([null, null]);
  });

  test('an operator without state has nothing open', () => {
    const state = createState({ kind: 'none' }, 1);
    expect(state.open()).toEqual({ windows: 0, groups: 0 });
  });
});
