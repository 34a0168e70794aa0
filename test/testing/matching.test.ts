/** Pairs of what was expected and what came, against all the ways there are. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { match } from '../../src/testing/matching.ts';

/** Which came fits which expected. */
const tables = fc.tuple(fc.nat(5), fc.nat(5)).chain(([expected, came]) =>
  fc.array(fc.array(fc.boolean(), { minLength: came, maxLength: came }), {
    minLength: expected,
    maxLength: expected,
  }),
);

/** The most pairs there can be, by trying all. */
function most(
  table: readonly (readonly boolean[])[],
  ordered: boolean,
  one = 0,
  taken = 0,
): number {
  if (one === table.length) return 0;
  let best = most(table, ordered, one + 1, taken);
  table[one].forEach((fits, other) => {
    const free = ordered ? taken >> other === 0 : (taken & (1 << other)) === 0;
    if (fits && free)
      best = Math.max(best, 1 + most(table, ordered, one + 1, taken | (1 << other)));
  });
  return best;
}

describe.each([false, true])('match, ordered: %s', (ordered) => {
  test('finds as many pairs as there can be, none of them wrong', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const came = table[0]?.length ?? 0;
        const fits = (one: number, other: number): boolean => table[one][other];
        const { pairs, missing, surplus } = match(table.length, came, ordered, fits);
        expect(pairs.length).toBe(most(table, ordered));
        for (const [one, other] of pairs) expect(fits(one, other)).toBe(true);
        const ones = [...pairs.map(([one]) => one), ...missing].sort((a, b) => a - b);
        const others = [...pairs.map(([, other]) => other), ...surplus].sort((a, b) => a - b);
        expect(ones).toEqual(table.map((_, i) => i));
        expect(others).toEqual(Array.from({ length: came }, (_, i) => i));
        if (ordered)
          expect(pairs.map(([, other]) => other)).toEqual(
            pairs.map(([, o]) => o).sort((a, b) => a - b),
          );
      }),
      { numRuns: 500 },
    );
  });
});

test('match keeps up with as many records as a file can hold', () => {
  const { pairs } = match(2500, 2500, false, (one, other) => one + other === 2499);
  expect(pairs.length).toBe(2500);
  for (const ordered of [false, true]) {
    const { surplus } = match(200, 300_000, ordered, (one, other) => one === other);
    expect(surplus.length).toBe(299_800);
  }
  expect(match(1500, 1500, true, (one, other) => one === other).missing).toEqual([]);
});
