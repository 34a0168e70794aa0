/** `group_by`: what the records of a group have in common, as fields of the input or as name: expression. */
import type { Expression } from '../sql/expression.ts';
import { describeType, isComparable } from '../sql/type.ts';
import type { CheckContext } from './operator.ts';
import {
  columnOf,
  EXPRESSION,
  FIELD_NAMES,
  type NamedExpression,
  noSuchField,
  scopeOf,
} from './spec.ts';

export type GroupBy = string | readonly string[] | ReadonlyMap<string, unknown>;

/** The shape of `group_by`. */
export const GROUP_BY = {
  type: ['string', 'array', 'object'],
  items: { type: 'string' },
  propertyNames: FIELD_NAMES,
  additionalProperties: EXPRESSION,
  title: 'Group by',
  description: 'A field, a list of fields, or name: expression. Absent: one group.',
  examples: ['origin', ['origin', 'carrier'], { day: "date_trunc('DAY', at)" }],
};

/** @returns undefined: one of them is wrong, and reported */
export function checkKeys(
  groupBy: GroupBy | undefined,
  { inputs: [input], report, expression: checkExpression }: CheckContext,
): readonly NamedExpression[] | undefined {
  const keys: NamedExpression[] = [];
  let whole = true;
  const add = (name: string, expression: Expression | undefined, path: (string | number)[]) => {
    whole &&= expression !== undefined;
    if (expression === undefined) return;
    if (!isComparable(expression.type)) {
      const message = `records can't be grouped by ${describeType(expression.type)}`;
      report.add({ rule: 'type-mismatch', path, message });
      whole = false;
    } else if (keys.some((key) => key.name === name)) {
      const message = `"${name}" is there already`;
      report.add({ rule: 'duplicate-name', path, message, hint: 'leave it out' });
      whole = false;
    } else {
      keys.push({ name, expression });
    }
  };
  if (groupBy instanceof Map) {
    const scope = scopeOf(input);
    for (const [name, value] of groupBy) {
      const path = ['group_by', name];
      add(name, checkExpression(value, path, scope), path);
    }
    return whole ? keys : undefined;
  }
  const names = typeof groupBy === 'string' ? [groupBy] : ((groupBy ?? []) as readonly string[]);
  names.forEach((name, i) => {
    const path = typeof groupBy === 'string' ? ['group_by'] : ['group_by', i];
    const expression = columnOf(input, name);
    if (expression === undefined) report.add(noSuchField(input, name, path));
    add(name, expression, path);
  });
  return whole ? keys : undefined;
}
