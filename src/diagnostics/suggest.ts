/**
 * "Did you mean": the candidate nearest to a word that is not one of them. Silent rather than far-fetched:
 * a wrong guess costs the author more than none.
 */
import { distance } from 'fastest-levenshtein';

/** Longer words are no typing mistakes, and the distance costs length times length. */
const WORD_MAX = 100;
/** Shorter beginnings are those of too many words. */
const BEGINNING_MIN = 3;

/**
 * The candidate that `word` was most likely meant to be; case does not count. Two fifths of the letters may
 * differ, at least one and at most three; two that changed places count as one. Of two that are as near, the
 * first in order of text wins; where none is near, the one that begins with the word.
 * @returns undefined when none is near
 */
export function nearest(word: string, among: Iterable<string>): string | undefined {
  if (word.length > WORD_MAX) return undefined;
  const wanted = word.toLowerCase();
  const candidates = [...among];
  const allowed = Math.min(3, Math.max(1, Math.floor(wanted.length * 0.4)));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > allowed) continue;
    const other = candidate.toLowerCase();
    const far = wanted !== other && isSwap(wanted, other) ? 1 : distance(wanted, other);
    // A word of which nothing is left is another word.
    if (far >= wanted.length) continue;
    if (far < bestDistance || (far === bestDistance && best !== undefined && candidate < best)) {
      best = candidate;
      bestDistance = far;
    }
  }
  return bestDistance <= allowed ? best : beginningWith(wanted, candidates);
}

/** The one candidate that goes on where the word ends: `len` for `length`. */
function beginningWith(wanted: string, candidates: readonly string[]): string | undefined {
  if (wanted.length < BEGINNING_MIN) return undefined;
  let found: string | undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (!other.startsWith(wanted) || other === wanted) continue;
    if (found !== undefined) return undefined;
    found = candidate;
  }
  return found;
}

/** `form` for `from`: one slip of the fingers, though two letters differ. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
