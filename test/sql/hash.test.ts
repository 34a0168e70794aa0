/** Hashes of keys under a seed that a sender does not know: no keys can be chosen to share one. */
import { expect, test } from '@jest/globals';
import { hashNumbers, hashTexts } from '../../src/sql/hash.ts';

/** How many of these keys share the commonest hash. */
function commonest(keys: readonly Buffer[], seed: number): number {
  const bytes = Buffer.concat(keys);
  const ends = new Int32Array(keys.length);
  let at = 0;
  for (const [i, key] of keys.entries()) {
    at += key.length;
    ends[i] = at;
  }
  const starts = Int32Array.from(keys, (_, i) => (i === 0 ? 0 : ends[i - 1]));
  const hashes = new Int32Array(keys.length).fill(seed);
  hashTexts(hashes, bytes, starts, ends, null, null, keys.length);
  return most(hashes);
}

function most(hashes: Int32Array): number {
  const counts = new Map<number, number>();
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return Math.max(...counts.values());
}

/**
 * 2^12 keys of twelve pairs of words, each pair one of two. Where a word is multiplied, its highest bits stay
 * by themselves; so a bit that differs in the first word can be taken back by the second, whatever the seed.
 */
function chosen(bit: number, shift: number): readonly Buffer[] {
  const pairs = 12;
  return Array.from({ length: 2 ** pairs }, (_, n) => {
    const key = Buffer.alloc(8 * pairs, 'a');
    for (let pair = 0; pair < pairs; pair++) {
      if ((n & (1 << pair)) === 0) continue;
      const [first, second] = [8 * pair, 8 * pair + 4];
      const back = (bit ^ (bit >>> shift)) >>> 0;
      key.writeUInt32LE((key.readUInt32LE(first) ^ bit) >>> 0, first);
      key.writeUInt32LE((key.readUInt32LE(second) ^ back) >>> 0, second);
    }
    return key;
  });
}

test('keys that differ by bits which cancel out in a product do not share hashes, under any seed', () => {
  for (const seed of [0, -1, 0x5eed1234]) {
    for (let shift = 8; shift < 25; shift++) {
      for (const bit of [2 ** 31, 2 ** 30, 2 ** 29]) {
        expect(commonest(chosen(bit, shift), seed)).toBeLessThan(5);
      }
    }
  }
});

test('keys that differ little do not share hashes', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`user-${i}`));
  expect(commonest(keys, 7)).toBeLessThan(5);
  const ends = Array.from({ length: 4000 }, (_, i) => Buffer.from('\0'.repeat(i)));
  expect(commonest(ends, 7)).toBeLessThan(5);
});

test('numbers whose halves differ by bits that cancel out do not share hashes either', () => {
  const columns = 12;
  const rows = 2 ** columns;
  for (const seed of [0, 1, -1, 0x5eed1234, -559038737]) {
    for (const bit of [2 ** 31, 2 ** 30, 2 ** 29]) {
      const hashes = new Int32Array(rows).fill(seed);
      for (let column = 0; column < columns; column++) {
        const values = new Float64Array(rows);
        const halves = new Uint32Array(values.buffer);
        for (let row = 0; row < rows; row++) {
          const differs = (row & (1 << column)) !== 0;
          halves[2 * row] = differs ? bit : 0;
          halves[2 * row + 1] = (0x3ff80000 ^ (differs ? bit : 0)) >>> 0;
        }
        hashNumbers(hashes, values, null, null, rows);
      }
      expect(most(hashes)).toBeLessThan(5);
    }
  }
});
