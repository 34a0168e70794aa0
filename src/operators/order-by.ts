/**
 * `order_by`: expressions, each with its direction, as text with commas or as a list. NULL comes first where
 * values rise and last where they fall, as in Spark; NaN is above every number.
 */
import type { Expression } from '../sql/expression.ts';
import { type Token, tokens } from '../sql/lexer.ts';
import { describeType, isComparable } from '../sql/type.ts';
import type { CheckContext } from './operator.ts';
import { scopeOf } from './spec.ts';

export interface OrderKey {
  readonly expression: Expression;
  readonly falling: boolean;
  readonly nullsLast: boolean;
}

/** The shape of `order_by`. */
export const ORDER_BY = {
  type: ['string', 'array'],
  items: { type: 'string' },
  minItems: 1,
  title: 'Order by',
  description: 'What comes first: expressions of the input, each rising, or falling with DESC.',
  examples: ['amount DESC', 'amount DESC, name', ['amount * rate DESC', 'name']],
};

/** One key in a text: where its expression stands, and the words behind it. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly falling: boolean;
  readonly nullsLast: boolean;
}

/** @returns undefined: one of them is wrong, and reported */
export function checkOrder(
  orderBy: string | readonly string[],
  { inputs: [input], report, expression: checkExpression }: CheckContext,
): readonly OrderKey[] | undefined {
  const keys: OrderKey[] = [];
  let whole = true;
  const scope = scopeOf(input);
  const texts = typeof orderBy === 'string' ? [orderBy] : orderBy;
  texts.forEach((text, i) => {
    const path = typeof orderBy === 'string' ? ['order_by'] : ['order_by', i];
    for (const { start, end, ...direction } of piecesOf(text)) {
      // Behind as many blanks as stand before it, so that what is wrong is found where it was written.
      const own = `${' '.repeat(start)}${text.slice(start, end)}`;
      const expression = checkExpression(own, path, scope);
      if (expression === undefined) {
        whole = false;
      } else if (isComparable(expression.type)) {
        keys.push({
          expression: { ...expression, text: expression.text.trimStart() },
          ...direction,
        });
      } else {
        const message = `${describeType(expression.type)} has no order`;
        report.add({ rule: 'type-mismatch', path, span: [start, end], message });
        whole = false;
      }
    }
  });
  return whole ? keys : undefined;
}

/** As an author would write it. */
export function orderText(keys: readonly OrderKey[]): string {
  return keys
    .map(({ expression: { text }, falling, nullsLast }) => {
      const nulls = nullsLast === falling ? '' : ` NULLS ${nullsLast ? 'LAST' : 'FIRST'}`;
      return `${text}${falling ? ' DESC' : ''}${nulls}`;
    })
    .join(', ');
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let own: Token[] = [];
  let depth = 0;
  for (const token of tokens(text)) {
    const symbol = token.kind === 'symbol' ? token.text : '';
    if (symbol === '(' || symbol === '[') depth++;
    if (symbol === ')' || symbol === ']') depth--;
    if (token.kind === 'end' || (symbol === ',' && depth === 0)) {
      pieces.push(pieceOf(own, token.start));
      own = [];
    } else {
      own.push(token);
    }
  }
  // Nothing can be read behind what is no token: the expression that holds it says so.
  if (own.length > 0) pieces.push(pieceOf(own, text.length));
  return pieces;
}

/** @param end of the piece, if there is nothing in it */
function pieceOf(all: readonly Token[], end: number): Piece {
  let words = all.length;
  /** Whether the word stands at the end, behind something else. */
  const takes = (word: string): boolean => {
    const token = all[words - 1];
    if (words < 2 || token.kind !== 'word' || token.upper !== word) return false;
    words--;
    return true;
  };
  const before = words;
  const last = takes('LAST');
  const said = (last || takes('FIRST')) && takes('NULLS');
  if (!said) words = before;
  const falling = takes('DESC');
  if (!falling) takes('ASC');
  const final = all[words - 1];
  return {
    start: all.length === 0 ? end : all[0].start,
    // A token that cannot be read has no end that is known.
    end: final === undefined || final.kind === 'bad' ? end : final.end,
    falling,
    nullsLast: said ? last : falling,
  };
}
