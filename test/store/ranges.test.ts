/** A set of numbers as ranges, beside a plain set. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Ranges } from '../../src/store/ranges.ts';
import { share } from '../tools/campaign.ts';

const MOST = 60;
const range = fc
  .tuple(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 0, max: 9 }))
  .map(([first, more]) => ({ first, last: first + more }));

/** How many of from..from + 7 are in it. */
function countIn(plain: ReadonlySet<number>, from: number): number {
  let count = 0;
  for (let n = from; n <= from + 7; n++) if (plain.has(n)) count++;
  return count;
}

describe('ranges', () => {
  test('are what a set of the same numbers is, however they were added', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), (added) => {
        const ranges = new Ranges();
        const plain = new Set<number>();
        for (const { first, last } of added) {
          const before = plain.size;
          for (let n = first; n <= last; n++) plain.add(n);
          expect(ranges.add(first, last)).toBe(plain.size - before);
          expect(ranges.size).toBe(plain.size);
        }
        for (let from = 1; from <= MOST + 12; from++) {
          let outside = from;
          while (plain.has(outside)) outside++;
          expect(ranges.firstOutside(from)).toBe(outside);
          if (from % 3 === 0) expect(ranges.has(from)).toBe(plain.has(from));
          if (from % 5 === 0) expect(ranges.countIn(from, from + 7)).toBe(countIn(plain, from));
        }
        expect(ranges.highest).toBe(Math.max(0, ...plain));
        const pairs = ranges.pairs();
        const again = new Ranges();
        for (let i = 0; i < pairs.length; i += 2) again.add(pairs[i], pairs[i + 1]);
        expect(again.pairs()).toEqual(pairs);
        for (let i = 2; i < pairs.length; i += 2) {
          expect(pairs[i]).toBeGreaterThan(pairs[i - 1] + 1);
        }
      }),
      { numRuns: share(1_000) },
    );
  });
});
