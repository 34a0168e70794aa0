/**
 * How wide a text is at most, without a font at hand: widths of a wide, common one (DejaVu Sans), so that with
 * any that a viewer puts in its place the text takes less. Nothing drawn by them is cut or overlaps.
 */
import assert from 'node:assert';

/** Of the characters from space to tilde, in hundredths of the size. */
const REGULAR =
  '32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 ' +
  '100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 ' +
  '50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84';
const BOLD =
  '35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 ' +
  '100 77 76 73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50 ' +
  '50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84';
/** Any other character: as wide as the widest there are, pictures left out. */
const OTHER = 130;
const FIRST = 32;

const regular = table(REGULAR);
const bold = table(BOLD);

function table(text: string): readonly number[] {
  const widths = text.split(' ').map(Number);
  assert(widths.length === 95, 'a width for each character from space to tilde');
  return widths;
}

/** @returns width in the unit of `size` */
export function textWidth(text: string, size: number, weight: 'regular' | 'bold'): number {
  const widths = weight === 'bold' ? bold : regular;
  let sum = 0;
  for (const character of text) sum += widths[(character.codePointAt(0) ?? 0) - FIRST] ?? OTHER;
  return (sum * size) / 100;
}

/**
 * Breaks a text into lines no wider than `width`, at spaces where there are any. What does not fit into
 * `lines` ends in an ellipsis.
 */
export function wrapped(text: string, size: number, width: number, lines: number): string[] {
  const fits = (line: string): boolean => textWidth(line, size, 'regular') <= width;
  const found: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, fits))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) line = longer;
    else {
      found.push(line);
      line = word;
    }
  }
  if (line !== '') found.push(line);
  if (found.length <= lines) return found;
  const last = found.slice(0, lines);
  let end = last[lines - 1];
  while (!fits(`${end} …`)) end = [...end].slice(0, -1).join('');
  return [...last.slice(0, -1), `${end} …`];
}

/** A word that is wider than a line, cut into such as are not. */
function pieces(word: string, fits: (line: string) => boolean): string[] {
  const found: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && !fits(piece + character)) {
      found.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...found, piece];
}
