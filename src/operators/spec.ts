/** What several operators share: shapes of their fields, and how fields of an input are named in them. */
import type { Finding, Path } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { type Expression, inputScope, type Scope } from '../sql/expression.ts';
import { expressionOf } from '../sql/expression-of.ts';
import { FIELD_NAME_PATTERN, type Field, fieldIndex } from '../stream/schema.ts';
import { DURATION_PATTERN } from '../stream/time.ts';
import type { CheckContext, InputStream } from './operator.ts';

/** The author's own notes, inside of what is ours. */
export const NOTES = { '^x_': true };

/** Names that mean something of their own wherever a stream is named. */
export const RESERVED_STREAMS = ['left', 'right', 'rest', 'same', 'params'] as const;
export const STREAM_NAMES = {
  $comment: 'bad-name stream',
  pattern: `^(?!(${RESERVED_STREAMS.join('|')})$)[a-z][a-z0-9_]{0,62}$`,
} as const;
/** The name of a stream that an operator makes beside its own. */
export const STREAM_NAME = { type: 'string', ...STREAM_NAMES };

/** An expression: text, or a literal number or boolean. */
export const EXPRESSION = { type: ['string', 'number', 'boolean'] };

export const FIELD_NAMES = { $comment: 'bad-name field', pattern: FIELD_NAME_PATTERN };
/** The name of a field that an operator makes. */
export const FIELD_NAME = { type: 'string', ...FIELD_NAMES };

/** Computed fields by name, in order of output. */
export const EXPRESSIONS = {
  type: 'object',
  propertyNames: FIELD_NAMES,
  additionalProperties: EXPRESSION,
};

export const DURATION = {
  type: 'string',
  $comment: 'bad-quantity duration',
  pattern: DURATION_PATTERN,
  examples: ['10s', '1h30m'],
};

export interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

export function fieldOf({ name, expression }: NamedExpression): Field {
  return { name, type: expression.type, nullable: expression.nullable };
}

/**
 * Whether an input has a watermark, which what closes or forgets by time needs; reports if not.
 * @param path of the field that names the input
 */
export function hasWatermark(
  { name, progress }: InputStream,
  path: Path,
  { report }: CheckContext,
): boolean {
  if (progress === 'watermark') return true;
  const [rule, because] =
    progress === 'revisions'
      ? ['needs-final-input', 'a later result takes the place of an earlier one']
      : ['needs-watermark', 'its records come at any time'];
  report.add({
    rule,
    path,
    message: `"${name}" never says that a stretch of time is complete: ${because}`,
    hint: `only ${readersWithoutTime(progress)} can read it`,
  });
  return false;
}

/** Who can read a stream of which no stretch of time is ever complete: final records can also be added up. */
export function readersWithoutTime(progress: InputStream['progress']): string {
  const some = 'operators without state, exits, ';
  const right = 'a join with as_of: arrival on its right';
  return progress === 'revisions'
    ? `${some}and ${right}`
    : `${some}${right}, and an aggregate or a top with retention: forever or, behind a lane, with window: { batch: 10s }`;
}

/** The columns that any of the expressions reads. */
export function readsOf(expressions: readonly Expression[]): Set<number> {
  return new Set(expressions.flatMap(({ reads }) => [...reads]));
}

/** The names an expression over the records of `input` may use. */
export function scopeOf({ name, schema, windowed, stateless }: InputStream): Scope {
  return inputScope(name, schema, windowed, stateless);
}

/** The field of an input that has a name, as an expression; undefined: it has none. */
export function columnOf({ schema }: InputStream, name: string): Expression | undefined {
  const index = fieldIndex(schema, name);
  if (index === -1) return undefined;
  const { type, nullable } = schema.fields[index];
  return expressionOf(name, { kind: 'read', slot: { from: 'column', index }, type, nullable });
}

/** The column that an expression is, and no more; undefined: it computes something. */
export function columnRead({ node }: Expression): number | undefined {
  return node.kind === 'read' && node.slot.from === 'column' ? node.slot.index : undefined;
}

/** What is wrong with a name that is no field of `input`, a stream or a table. */
export function noSuchField(
  input: Pick<InputStream, 'name' | 'schema'>,
  name: string,
  path: Path,
): Finding {
  const names = input.schema.fields.map((field) => field.name);
  const meant = nearest(name, names);
  const expression = path[0] === 'group_by' && /[^\w.]/.test(name);
  const hint = expression
    ? `an expression needs a name: write { NAME: "${name}" }`
    : meant === undefined
      ? `there are: ${names.join(', ')}`
      : `did you mean "${meant}"?`;
  return { rule: 'unknown-column', path, message: `"${input.name}" has no field "${name}"`, hint };
}
