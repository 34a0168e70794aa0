/**
 * The text of a topology file and the way from a position in it to a line and a column. Lines and columns
 * count from 1; a column is a code point. Looking a position up costs a binary search, so thousands of
 * findings on one long line stay cheap.
 */
import type { Place } from '../diagnostics/diagnostic.ts';

export class SourceText {
  readonly file: string;
  readonly text: string;
  /** Where each line starts. */
  readonly #lines: readonly number[];
  /** Where each pair of surrogates starts: two UTF-16 units, one column. */
  readonly #pairs: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const lines = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      lines.push(at + 1);
    }
    this.#lines = lines;
    this.#pairs = Array.from(text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g), (m) => m.index);
  }

  /** The place of the half-open range `[start, end)` of UTF-16 units. */
  place(start: number, end: number): Place {
    const from = this.#position(start);
    const to = this.#position(Math.max(start, end));
    return {
      file: this.file,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    };
  }

  #position(offset: number): { line: number; column: number } {
    const at = Math.min(Math.max(offset, 0), this.text.length);
    const line = countUpTo(this.#lines, at);
    const start = this.#lines[line - 1];
    const pairs = countUpTo(this.#pairs, at - 1) - countUpTo(this.#pairs, start - 1);
    return { line, column: at - start - pairs + 1 };
  }
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
