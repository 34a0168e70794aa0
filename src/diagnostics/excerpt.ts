/**
 * The author's own lines with carets under what is meant. Carets stand right under tabs, wide characters
 * and lines too long to show, which are cut around them.
 */
import { cells, printable, shownAs } from './cells.ts';
import type { Place, Severity } from './diagnostic.ts';
import type { Look } from './look.ts';

/** Lines shown above the one that is meant. */
const LINES_BEFORE = 2;
/** Characters of a line shown at most: with the gutter it fits a wide terminal. */
const LINE_MAX = 100;
/** Of them before the carets, when the line is cut. */
const LEAD = 30;

export interface Marked {
  readonly at: Place;
  readonly message: string;
  /** Whose colour the marks take: a warning's carets are not an error's. */
  readonly severity: Severity;
  /** A second place: fewer lines, another mark. */
  readonly second?: boolean;
}

/**
 * @param gutter cells for line numbers
 * @returns lines without line ends; none when the text has no such line
 */
export function excerpt(
  lines: readonly string[],
  { at, message, severity, second = false }: Marked,
  gutter: number,
  look: Look,
): readonly string[] {
  const line = lines[at.line - 1];
  if (line === undefined) return [`  ${printable(message)}`];
  const bar = look.unicode ? '│' : '|';
  const number = (n: number | ''): string => look.paint.dim(`${String(n).padStart(gutter)} ${bar}`);
  const first = Math.max(1, at.line - (second ? 0 : LINES_BEFORE));
  const above = lines
    .slice(first - 1, at.line - 1)
    .map((text, index) => `${number(first + index)} ${cut(text, 0, look).shown}`.trimEnd());

  const from = at.column - 1;
  const characters = [...line.slice(0, SCAN_MAX)];
  const to = at.endLine > at.line ? characters.length : at.endColumn - 1;
  const window = cut(line, from, look);
  const before = cells(shown(characters.slice(window.start, from))) + (window.start > 0 ? 1 : 0);
  const under = cells(shown(characters.slice(from, Math.min(to, window.end))));
  const marks = (second ? '-' : '^').repeat(Math.max(1, under));
  return [
    ...above,
    `${number(at.line)} ${window.shown}`.trimEnd(),
    `${number('')} ${' '.repeat(before)}${look.paint[severity](`${marks} ${printable(message)}`)}`,
  ];
}

/** Beyond it a line is data, not text anybody reads; keeps a 256 KiB line cheap. */
const SCAN_MAX = 16_384;

/** What of a line is shown, in characters `[start, end)`, so that `focus` is in it. */
function cut(
  line: string,
  focus: number,
  look: Look,
): { shown: string; start: number; end: number } {
  const characters = [...line.slice(0, SCAN_MAX)];
  if (characters.length <= LINE_MAX) {
    return { shown: shown(characters), start: 0, end: characters.length };
  }
  const more = look.unicode ? '…' : '~';
  const start = focus < LINE_MAX - LEAD ? 0 : Math.min(focus - LEAD, characters.length);
  const end = Math.min(characters.length, start + LINE_MAX);
  const inside = shown(characters.slice(start, end));
  return {
    shown: `${start > 0 ? more : ''}${inside}${end < characters.length ? more : ''}`,
    start,
    end,
  };
}

function shown(characters: readonly string[]): string {
  return characters.map(shownAs).join('');
}
