/** Expressions of a file: checked by `sql`, their problems reported at the words they are about. */
import type { Report } from '../diagnostics/report.ts';
import type { CheckContext } from '../operators/operator.ts';
import { analyse } from '../sql/analyse.ts';
import type { Constants } from '../sql/expression.ts';
import { describeType } from '../sql/type.ts';
import { sameType } from '../stream/schema.ts';

/**
 * @param report what paths are relative to
 * @param params the constants that expressions may name
 */
export function expressionCheck(report: Report, params?: Constants): CheckContext['expression'] {
  return (value, path, scope, want = {}) => {
    // A literal number or boolean is that literal; a topology keeps them as text already.
    const text = String(value);
    const { expression, problems } = analyse(text, scope, want.aggregates, params);
    for (const { start, end, ...problem } of problems) {
      report.add({ ...problem, path, span: [start, end] });
    }
    if (expression === undefined || want.type === undefined) return expression;
    if (sameType(expression.type, want.type)) return expression;
    const found = describeType(expression.type);
    const message = `${describeType(want.type)} is needed here, this is ${found}`;
    report.add({ rule: 'type-mismatch', path, span: [0, text.length], message });
    return undefined;
  };
}
