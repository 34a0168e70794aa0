/** Text to a checked expression, or to all that is wrong with it. */
import type { AggregateCollector } from './aggregate-call.ts';
import { check } from './check.ts';
import type { Constants, Expression, Problem, Scope } from './expression.ts';
import { expressionOf } from './expression-of.ts';
import { parse } from './parser.ts';

/**
 * @param aggregates takes the aggregates of the expression; absent: it may have none
 * @param params what stands behind `params.` before a name
 * @returns an expression exactly when there are no problems; one syntax problem, or all others
 */
export function analyse(
  text: string,
  scope: Scope,
  aggregates?: AggregateCollector,
  params?: Constants,
): { readonly expression: Expression | undefined; readonly problems: readonly Problem[] } {
  const parsed = parse(text);
  if ('problem' in parsed) return { expression: undefined, problems: [parsed.problem] };
  const { found, written, problems } = check(text, parsed.node, scope, aggregates, params);
  if (found === undefined) return { expression: undefined, problems };
  if (found.node === undefined) {
    const message = 'a bare NULL has no type';
    const hint = 'write CAST(NULL AS STRING), or another type';
    const problem = { rule: 'type-mismatch', start: 0, end: text.length, message, hint };
    return { expression: undefined, problems: [problem] };
  }
  return { expression: expressionOf(written, found.node), problems: [] };
}
