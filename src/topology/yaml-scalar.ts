/**
 * The way back from a character of a scalar's value to the character of the text that wrote it, through
 * escapes and folded lines. So a caret inside an expression stands where the author sees it.
 */
import type { Spot } from './yaml-spot.ts';

/** Characters after the backslash that take a fixed number of hexadecimal digits. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const LINE_RUN = /[ \t]*\r?\n[ \t\r\n]*/y;
const BLANK_RUN = /[ \t\n]*/y;
const BLOCK_HEADER = /[^\n]*\n[ \t\r\n]*/y;

/**
 * @param index position in the scalar's value, in UTF-16 units
 * @returns the position in the text; at most the scalar's end
 */
export function valueOffset(text: string, spot: Spot, index: number): number {
  const value = typeof spot.value === 'string' ? spot.value : '';
  if (value === '') return Math.min(spot.start + index, spot.end);
  let at = spot.start;
  let inside = 0;
  if (spot.style === 'quoted') at++;
  if (spot.style === 'block') {
    at = runEnd(BLOCK_HEADER, text, at);
    inside = runEnd(BLANK_RUN, value, 0);
  }
  const escapes = spot.style === 'quoted' && text[spot.start] === '"';
  const doubled = spot.style === 'quoted' && text[spot.start] === "'";
  while (inside < index && at < spot.end) {
    const lineEnd = runEnd(LINE_RUN, text, at);
    if (lineEnd > at) {
      // However the lines fold, both sides go on at the same character that is no blank.
      at = lineEnd;
      inside = runEnd(BLANK_RUN, value, inside);
    } else if (escapes && text[at] === '\\') {
      const escaped = text[at + 1];
      if (escaped === '\n' || escaped === '\r') {
        at = runEnd(LINE_RUN, text, at + 1);
      } else {
        const digits = HEX_DIGITS[escaped] ?? 0;
        inside +=
          escaped === 'U' && Number.parseInt(text.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1;
        at += 2 + digits;
      }
    } else {
      at += doubled && text[at] === "'" ? 2 : 1;
      inside++;
    }
  }
  return Math.min(at, spot.end);
}

function runEnd(run: RegExp, text: string, from: number): number {
  run.lastIndex = from;
  return run.test(text) ? run.lastIndex : from;
}
