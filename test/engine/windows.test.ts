/** Open windows against a sorted list. */
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

describe('open windows', () => {
  test('close in order of their ends, each once, with what was put into them', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const state = windows();
        const model = new Map<number, Map<number, number>>();
        for (const step of all) {
          if ('mark' in step) {
            const due = [...model.keys()]
              .filter((start) => step.mark >= start + SIZE - 1)
              .sort((a, b) => a - b);
            const closed = state.closed(step.mark);
            expect(closed.map(({ start, end }) => [start, end])).toEqual(
              due.map((start) => [start, start + SIZE]),
            );
            for (const window of closed) {
              expect(window.groups.size).toBe(model.get(window.start)?.size);
              state.drop(window);
              model.delete(window.start);
            }
          } else {
            const start = step.open * SIZE;
            const groups = model.get(start) ?? new Map<number, number>();
            model.set(start, groups);
            groups.set(step.key, (groups.get(step.key) ?? 0) + 1);
            expect(put(state, start, step.key)).toBe(groups.get(step.key));
          }
          const ends = [...model.keys()].map((start) => start + SIZE);
          expect(state.earliestEnd()).toBe(Math.min(Number.POSITIVE_INFINITY, ...ends));
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
    for (const window of state.closed(Number.POSITIVE_INFINITY)) state.drop(window);
    expect(state.open().windows).toBe(0);
    expect(state.earliestEnd()).toBe(Number.POSITIVE_INFINITY);
  });

  test('an operator without state has nothing open', () => {
    const state = createState({ kind: 'none' }, 1);
    expect(state.open()).toEqual({ windows: 0, groups: 0 });
  });
});
