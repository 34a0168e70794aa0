/**
 * Text on a terminal: how many cells it takes, and what may not be sent there as it is. Nothing an author
 * or a peer wrote can move the cursor, change colours or turn the direction of writing.
 */

/** C0 and C1 controls, the marks that reorder or hide text, and blanks that only look like one. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00a0\u00ad\u061c\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;
const TAB = '    ';
const ZERO_WIDTH = /^(?:\p{Mn}|\p{Me})$/u;
/** East Asian wide and full-width, and pictures; the rare rest is counted as one cell. */
const TWO_WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** The text with every unsafe character written as an escape. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return c === '\n' ? '\\n' : c === '\t' ? '\\t' : `\\u{${code.toString(16)}}`;
  });
}

/** One character of a source line as it is shown: tabs as spaces, unsafe ones as escapes. */
export function shownAs(character: string): string {
  return character === '\t' ? TAB : printable(character);
}

/** Cells that printable text takes. */
export function cells(text: string): number {
  let count = 0;
  for (const c of text) count += ZERO_WIDTH.test(c) ? 0 : TWO_WIDE.test(c) ? 2 : 1;
  return count;
}
