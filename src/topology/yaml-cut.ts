/**
 * Recognises an expression or a type that YAML took apart: `{ n: f(x, 1) }` is two keys to YAML, since a
 * comma, a colon or ` #` ends a bare scalar. The sign is a bracket that the scalar opens and the text behind
 * it closes. Brackets that nothing closes are the author's, and the expression's own check speaks of them.
 */
import type { Path } from '../diagnostics/report.ts';
import type { Remark } from './remark.ts';
import type { TextRange } from './yaml-spot.ts';

export interface Cut {
  readonly remark: Remark;
  /** The part of the document that YAML read otherwise than it was meant. */
  readonly around: Path;
  /** Whether a complaint of the parser at this position is a consequence. */
  explains(position: number): boolean;
}

/** Longer expressions are refused anyway, so nobody looks for their last bracket. */
const EXPRESSION_MAX = 4096;
/** A longer text is not written out a second time: whoever wrote it knows it. */
const SHOWN_MAX = 200;
const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
/** Outside of brackets these end an entry. */
const ENDS = /[,}\]#]/;
/** Words before a `<` that make it a bracket, not "less than". */
const TYPE_BEFORE = /\b(?:array|struct|map)$/i;

/**
 * @param range where the bare scalar stands
 * @param flow the outermost flow collection around it
 * @param problem where the parser complained first
 */
export function cutExpression(
  text: string,
  [start, end]: TextRange,
  flow: { readonly path: Path; readonly end: number } | undefined,
  path: Path,
  problem: number | undefined,
): Cut | undefined {
  const lineBreak = text.indexOf('\n', end);
  const lineEnd = lineBreak === -1 ? text.length : lineBreak;
  const complained = problem !== undefined && problem >= start && problem <= lineEnd;
  const comment = /^[ \t]+#/.test(text.slice(end, Math.min(end + 80, lineEnd)));
  if (flow === undefined && !complained && !comment) return undefined;
  const whole = wholeEnd(text, start, end, lineEnd);
  if (whole === undefined || whole <= end) return undefined;
  return {
    remark: {
      rule: 'needs-quotes',
      start,
      end: whole,
      message: `YAML takes ${sign(text, end)} for the end of this text`,
      hint:
        whole - start > SHOWN_MAX
          ? 'put it in quotes'
          : `put it in quotes: ${quoted(text.slice(start, whole))}`,
      // A longer one is no expression, and where it ends is a guess.
      ...(whole - start > EXPRESSION_MAX ? {} : { fix: quoted(text.slice(start, whole)) }),
    },
    around: flow?.path ?? path,
    explains: (position) => position >= start && position <= Math.max(flow?.end ?? 0, lineEnd),
  };
}

/** What ended the scalar, as the author sees it. */
function sign(text: string, end: number): string {
  const rest = text.slice(end, end + 80).trimStart();
  return rest === '' ? 'the end of the line' : `"${rest.charAt(0)}"`;
}

/**
 * Where the text goes on to whose brackets are still open at `end`. One that is too long for an expression
 * goes on to the end of the line: its later pieces are not texts of their own.
 * @returns undefined when none is open there, or one is never closed
 */
function wholeEnd(text: string, start: number, end: number, lineEnd: number): number | undefined {
  const limit = Math.min(lineEnd, start + EXPRESSION_MAX);
  const open: string[] = [];
  let at = start;
  for (; at < limit; at++) {
    // A bare `${` is the one bracket that ends a scalar by itself.
    if (at === end && open.length === 0 && text[at - 1] + text[at] !== '${') return undefined;
    const c = text[at];
    if (open.length === 0 && at > end && ENDS.test(c)) break;
    if (c === "'" || c === '"') {
      const close = text.indexOf(c, at + 1);
      if (close === -1 || close >= limit) return undefined;
      at = close;
    } else if (CLOSES[c] !== undefined) {
      open.push(CLOSES[c]);
    } else if (c === '<' && TYPE_BEFORE.test(text.slice(Math.max(start, at - 8), at))) {
      open.push('>');
    } else if (c === open.at(-1)) {
      open.pop();
    }
  }
  if (open.length > 0) return limit < lineEnd ? lineEnd : undefined;
  return start + text.slice(start, at).trimEnd().length;
}

/** The text as a YAML scalar in quotes. */
function quoted(text: string): string {
  return text.includes('"')
    ? `'${text.replaceAll("'", "''")}'`
    : `"${text.replaceAll('\\', '\\\\')}"`;
}
