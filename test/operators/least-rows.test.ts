/** The least of many rows, and few or many in order, against a sort of everything. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leastRows, sortRows } from '../../src/operators/least-rows.ts';

const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });

describe('rows', () => {
  test('are sorted, and the least of them found, however many they are', () => {
    fc.assert(
      fc.property(values, fc.nat(59), (all, nth) => {
        const compare = (a: number, b: number): number => all[a] - all[b] || a - b;
        const sorted = all.map((_, row) => row).sort(compare);
        const rows = Int32Array.from(all.keys());
        sortRows(rows, compare);
        expect([...rows]).toEqual(sorted);
        const count = 1 + (nth % all.length);
        const least = Int32Array.from(all.keys());
        expect(leastRows(least, count, compare)).toBe(sorted[count - 1]);
        expect([...least.subarray(0, count)].sort(compare)).toEqual(sorted.slice(0, count));
      }),
    );
  });
});
