/** Windows against exact arithmetic. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { windowStart } from '../../src/stream/window.ts';

/** floor((t - offset) / size) * size + offset, in whole numbers of any size. */
function exactStart(time: number, size: number, offset: number): bigint {
  const shifted = BigInt(time) - BigInt(offset);
  const rest = ((shifted % BigInt(size)) + BigInt(size)) % BigInt(size);
  return BigInt(time) - rest;
}

const sizes = fc.oneof(
  fc.constantFrom(1, 2, 3, 7, 1000, 1_000_000, 2_000_000, 3_600_000_000, 86_400_000_000),
  fc.integer({ min: 1, max: 2 ** 46 }),
);
const times = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800_000_000 }),
  fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
);

describe('windows of one size', () => {
  test('a time lies in the window that exact arithmetic gives, whatever size and offset', () => {
    fc.assert(
      fc.property(times, sizes, fc.integer({ min: 0, max: 2 ** 40 }), (time, size, offset) => {
        expect(BigInt(windowStart(time, size, offset))).toBe(exactStart(time, size, offset));
      }),
      { numRuns: 5000 },
    );
  });

  test('borders belong to the later window, and the microsecond before to the earlier', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: -1000, max: 1000 }), (size, k) => {
        const border = k * Math.min(size, 2 ** 42);
        const length = Math.min(size, 2 ** 42);
        expect(windowStart(border, length, 0)).toBe(border === 0 ? 0 : border);
        expect(windowStart(border - 1, length, 0)).toBe(border - length);
      }),
      { numRuns: 2000 },
    );
  });

  test('an offset moves the borders', () => {
    expect(windowStart(0, 10, 3)).toBe(-7);
    expect(windowStart(3, 10, 3)).toBe(3);
    expect(windowStart(12, 10, 3)).toBe(3);
    expect(windowStart(13, 10, 13)).toBe(13);
  });
});
