/**
 * Pairs what was expected with what came. In any order each expected record takes one that came, and as many
 * pairs are found as there can be: a record that names few fields never takes what only another could have.
 * In order, the most that both have in common stays together.
 */
/** Cells of the table that finds it: 100 MB. A flow that is fed a large file can give more, and expects little. */
const CELLS_MAX = 25_000_000;

export interface Matching {
  /** Pairs of positions, in order of the expected. */
  readonly pairs: readonly (readonly [expected: number, came: number])[];
  readonly missing: readonly number[];
  readonly surplus: readonly number[];
}

export type Fits = (expected: number, came: number) => boolean;

export function match(expected: number, came: number, ordered: boolean, fits: Fits): Matching {
  const pairs = !ordered
    ? inAnyOrder(expected, came, fits)
    : expected * came <= CELLS_MAX
      ? inOrder(expected, came, fits)
      : sideBySide(expected, came, fits);
  const paired = new Set(pairs.map(([one]) => one));
  const taken = new Set(pairs.map(([, other]) => other));
  return {
    pairs,
    missing: range(expected).filter((one) => !paired.has(one)),
    surplus: range(came).filter((other) => !taken.has(other)),
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Kuhn's maximum bipartite matching: whoever finds its record taken asks the taker to move. */
function inAnyOrder(expected: number, came: number, fits: Fits): [number, number][] {
  const takers = new Int32Array(came).fill(-1);
  const find = (one: number, asked: Uint8Array): boolean => {
    for (let other = 0; other < came; other++) {
      if (asked[other] === 1 || !fits(one, other)) continue;
      asked[other] = 1;
      if (takers[other] === -1 || find(takers[other], asked)) {
        takers[other] = one;
        return true;
      }
    }
    return false;
  };
  for (let one = 0; one < expected; one++) {
    // Most records come as they are expected: what is free is taken first.
    let free = 0;
    while (free < came && (takers[free] !== -1 || !fits(one, free))) free++;
    if (free < came) takers[free] = one;
    else find(one, new Uint8Array(came));
  }
  return range(came)
    .filter((other) => takers[other] !== -1)
    .map((other): [number, number] => [takers[other], other])
    .sort(([a], [b]) => a - b);
}

/** The longest common subsequence. */
function inOrder(expected: number, came: number, fits: Fits): [number, number][] {
  const width = came + 1;
  const longest = new Int32Array((expected + 1) * width);
  for (let one = expected - 1; one >= 0; one--) {
    for (let other = came - 1; other >= 0; other--) {
      longest[one * width + other] = fits(one, other)
        ? longest[(one + 1) * width + other + 1] + 1
        : Math.max(longest[(one + 1) * width + other], longest[one * width + other + 1]);
    }
  }
  const pairs: [number, number][] = [];
  for (let one = 0, other = 0; one < expected && other < came; ) {
    if (fits(one, other)) pairs.push([one++, other++]);
    else if (longest[(one + 1) * width + other] >= longest[one * width + other + 1]) one++;
    else other++;
  }
  return pairs;
}

/** Each with the one at its own place. */
function sideBySide(expected: number, came: number, fits: Fits): [number, number][] {
  return range(Math.min(expected, came))
    .filter((at) => fits(at, at))
    .map((at) => [at, at]);
}
