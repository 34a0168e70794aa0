/**
 * A set of sequences from 1 as a low-water mark and sparse ranges above it: all of 1..low, and the ranges.
 * Ranges are disjoint, ascending, and never touch.
 */
import type { Sequence } from '../stream/port.ts';

export class Ranges {
  low: Sequence = 0;
  /** How many are in it. */
  size = 0;
  #starts: Sequence[] = [];
  #ends: Sequence[] = [];

  get highest(): Sequence {
    return this.#ends[this.#ends.length - 1] ?? this.low;
  }

  /** Low-water mark and ranges as pairs first, last. */
  pairs(): number[] {
    const pairs = this.low > 0 ? [1, this.low] : [];
    for (let i = 0; i < this.#starts.length; i++) pairs.push(this.#starts[i], this.#ends[i]);
    return pairs;
  }

  /** @returns how many of first..last were not in it before */
  add(first: Sequence, last: Sequence): number {
    let from = Math.max(first, this.low + 1);
    let to = last;
    if (from > to) return 0;
    let i = this.#indexFrom(from - 1);
    const at = i;
    let known = 0;
    while (i < this.#starts.length && this.#starts[i] <= to + 1) {
      from = Math.min(from, this.#starts[i]);
      to = Math.max(to, this.#ends[i]);
      known += this.#ends[i] - this.#starts[i] + 1;
      i++;
    }
    if (from === this.low + 1) {
      this.low = to;
      this.#starts.splice(at, i - at);
      this.#ends.splice(at, i - at);
    } else {
      this.#starts.splice(at, i - at, from);
      this.#ends.splice(at, i - at, to);
    }
    const added = to - from + 1 - known;
    this.size += added;
    return added;
  }

  has(sequence: Sequence): boolean {
    return this.firstOutside(sequence) !== sequence;
  }

  /** How many of first..last are in it. */
  countIn(first: Sequence, last: Sequence): number {
    let count = Math.max(0, Math.min(last, this.low) - first + 1);
    let i = this.#indexFrom(first);
    for (; i < this.#starts.length && this.#starts[i] <= last; i++) {
      count += Math.min(last, this.#ends[i]) - Math.max(first, this.#starts[i]) + 1;
    }
    return count;
  }

  /** The least number >= `from` that is not in it. */
  firstOutside(from: Sequence): Sequence {
    const start = Math.max(from, this.low + 1);
    const i = this.#indexFrom(start);
    return i < this.#starts.length && this.#starts[i] <= start ? this.#ends[i] + 1 : start;
  }

  /** Index of the first range that ends at or behind `at`. */
  #indexFrom(at: Sequence): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
