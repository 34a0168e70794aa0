/** Expressions of a file: checked by `sql`, their problems reported at the words they are about. */
import type { Finding, Report } from '../diagnostics/report.ts';
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
    if (sameType(expression.type, want.type)) {
      if (want.type.kind === 'boolean' && expression.node.kind === 'constant') {
        report.add({ rule: 'constant-condition', path, ...constant(expression.node.value, text) });
      }
      return expression;
    }
    const found = describeType(expression.type);
    const message = `${describeType(want.type)} is needed here, this is ${found}`;
    report.add({ rule: 'type-mismatch', path, span: [0, text.length], message });
    return undefined;
  };
}

/** @param value what the condition is for every record */
function constant(value: unknown, text: string): Pick<Finding, 'message' | 'hint'> {
  if (value === null) {
    const hint = /\bNULL\b/i.test(text)
      ? { hint: 'to ask whether a value is missing write IS NULL, or IS NOT NULL' }
      : {};
    return { message: 'this is NULL for every record, which is not true', ...hint };
  }
  const quoted = /'[A-Za-z_]\w*'/.exec(text)?.[0];
  return {
    message: `this is ${value} for every record`,
    ...(quoted === undefined ? {} : { hint: `${quoted} is a text; a field has no quotes` }),
  };
}
