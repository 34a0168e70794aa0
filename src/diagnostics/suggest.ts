/**
 * "Did you mean": the candidate nearest to a word that is not one of them. Silent rather than far-fetched:
 * a wrong guess costs the author more than none.
 */
import { distance } from 'fastest-levenshtein';

/** Longer words are no typing mistakes, and the distance costs length times length. */
const WORD_MAX = 100;

/**
 * The candidate that `word` was most likely meant to be; case does not count. A third of the letters may
 * differ, at least one and at most three. Of two that are as near, the first in order of text wins.
 * @returns undefined when none is near
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_MAX) return undefined;
  const wanted = word.toLowerCase();
  const allowed = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > allowed) continue;
    const far = distance(wanted, candidate.toLowerCase());
    if (far < bestDistance || (far === bestDistance && best !== undefined && candidate < best)) {
      best = candidate;
      bestDistance = far;
    }
  }
  return bestDistance <= allowed ? best : undefined;
}
