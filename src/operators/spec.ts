/** Pieces of schema and of checking that several operators share. */
import type { Expression } from '../sql/expression.ts';
import type { Field } from '../stream/schema.ts';

/** An expression as an author writes it: text, or a literal number or boolean. */
export function expressionSchema(title: string, example: string): object {
  return {
    title,
    description: `${title} An expression, as in Spark SQL.`,
    type: ['string', 'number', 'boolean'],
    examples: [example],
  };
}

/** Named expressions, in order of output. */
export function fieldsSchema(title: string, example: Record<string, string>): object {
  return {
    title,
    description: `${title} A map of names to expressions; their order is the order of output.`,
    type: 'object',
    additionalProperties: { type: ['string', 'number', 'boolean'] },
    examples: [example],
  };
}

export interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

export function fieldOf({ name, expression }: NamedExpression): Field {
  return { name, type: expression.type, nullable: expression.nullable };
}

/** The columns that any of the expressions reads. */
export function readsOf(named: readonly NamedExpression[]): ReadonlySet<number> {
  return new Set(named.flatMap(({ expression }) => [...expression.reads]));
}
