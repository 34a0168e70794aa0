/**
 * `explode`: one record for each element of an array, in its order. With `outer` a record without elements
 * gives one whose element is NULL. Times, order and lateness are those of the record it came from.
 */
import assert from 'node:assert';
import { listed } from '../diagnostics/words.ts';
import type { Expression, Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { describeType } from '../sql/type.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { ArrayColumn } from '../stream/column.ts';
import { type DataType, type Field, LONG, type Schema } from '../stream/schema.ts';
import { least, type Watermark } from '../stream/watermark.ts';
import { gather, gatherFlags, gatherNumbers } from './gather.ts';
import type {
  CheckContext,
  Emitter,
  InputStream,
  Marks,
  Operator,
  OperatorDefinition,
  SpecSchema,
} from './operator.ts';
import {
  EXPRESSION,
  EXPRESSIONS,
  FIELD_NAME,
  fieldOf,
  type NamedExpression,
  readsOf,
  scopeOf,
} from './spec.ts';

interface Spec {
  readonly each: unknown;
  readonly as: string;
  readonly position?: string;
  readonly outer?: boolean;
  readonly fields?: ReadonlyMap<string, unknown>;
}

interface Checked {
  readonly input: InputStream;
  readonly each: Expression;
  readonly outer: boolean;
  /** The input's fields, the element, the position if it has a name. */
  readonly inner: Schema;
  /** Computed from `inner`; undefined: all of it leaves. */
  readonly fields: readonly NamedExpression[] | undefined;
}

const schema: SpecSchema = {
  properties: {
    each: {
      ...EXPRESSION,
      title: 'Array',
      description: 'The array whose elements become records.',
      examples: ["split(line, ' ')"],
    },
    as: {
      ...FIELD_NAME,
      title: 'Element',
      description: 'The name of the field that holds the element.',
      examples: ['word'],
    },
    position: {
      ...FIELD_NAME,
      title: 'Position',
      description: 'The name of a field that holds the place of the element, from 0.',
      examples: ['n'],
    },
    outer: {
      type: 'boolean',
      title: 'Outer',
      description:
        'Whether a record without elements gives one whose element and position are NULL.',
      default: false,
      examples: [true],
    },
    fields: {
      ...EXPRESSIONS,
      minProperties: 1,
      title: 'Fields',
      description:
        'What leaves, by name, in order of output; absent: the input, the element and its position.',
      examples: [{ word: 'lower(word)' }],
    },
  },
  required: ['each', 'as'],
};

export const explode: OperatorDefinition<Spec, Checked> = {
  type: 'explode',
  summary: 'Makes one record of each element of an array.',
  schema,
  check,
  output: ({ input, inner, fields }) => ({ ...input, schema: outputSchema(inner, fields) }),
  reads({ input, each, fields }, wanted) {
    const inner = fields === undefined ? wanted : readsOf(fields.map((field) => field.expression));
    const taken = [...inner].filter((index) => index < input.schema.fields.length);
    return new Set([...each.reads, ...taken]);
  },
  state: () => ({ kind: 'none' }),
  describe: ({ each, outer, fields, inner }, { from: [from] }) => ({
    brief: each.text,
    does: [
      `Makes one record of each element of ${each.text}, in its order, from every record of ${from}.`,
      outer
        ? 'A record without elements gives one whose element is NULL.'
        : 'A record without elements gives none.',
      `Each has ${listed((fields ?? inner.fields).map(({ name }) => name))}, and the time of the record it came from.`,
    ],
    keeps: [],
    leaves: [],
  }),
  open: (checked) => new Explode(checked),
};

class Explode implements Operator {
  readonly #each: Program;
  readonly #outer: boolean;
  readonly #inner: Schema;
  readonly #output: Schema;
  readonly #fields: readonly Program[] | undefined;
  /** The inner columns that are read; of the others no rows are picked. */
  readonly #used: ReadonlySet<number>;
  readonly #withPosition: boolean;
  /** Of the records being put together: the row and the element each is made of, and its place. */
  readonly #parents = new Int32Array(BATCH_ROWS_MAX);
  readonly #elements = new Int32Array(BATCH_ROWS_MAX);
  readonly #positions = new Float64Array(BATCH_ROWS_MAX);
  /** Whether it is of an element; needed with `outer` only. */
  readonly #placed = new Uint8Array(BATCH_ROWS_MAX);

  constructor({ each, outer, inner, fields, input }: Checked) {
    this.#each = compile(each);
    this.#outer = outer;
    this.#inner = inner;
    this.#output = outputSchema(inner, fields);
    this.#fields = fields?.map(({ expression }) => compile(expression));
    this.#used =
      fields === undefined
        ? new Set(inner.fields.keys())
        : readsOf(fields.map((field) => field.expression));
    this.#withPosition = inner.fields.length > input.schema.fields.length + 1;
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const array = this.#each.evaluate(batch);
    assert(array.type === 'array', 'each is an array');
    const { selection, selected } = batch;
    let count = 0;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      const present = array.valid === null || array.valid[row] === 1;
      const length = present ? array.lengths[row] : 0;
      const start = array.starts[row];
      const records = length === 0 && this.#outer ? 1 : length;
      for (let i = 0; i < records; i++) {
        if (count === BATCH_ROWS_MAX) {
          this.#emit(batch, array, count, out);
          count = 0;
        }
        this.#parents[count] = row;
        this.#elements[count] = length === 0 ? -1 : start + i;
        this.#positions[count] = i;
        this.#placed[count] = length === 0 ? 0 : 1;
        count++;
      }
    }
    if (count > 0) this.#emit(batch, array, count, out);
  }

  onTime({ inputs }: Marks): Watermark {
    return least(inputs);
  }

  #emit(batch: Batch, { element }: ArrayColumn, count: number, out: Emitter): void {
    const parents = this.#parents;
    const columns = batch.columns.map((column, i) =>
      this.#used.has(i) ? gather(column, parents, count) : column,
    );
    columns.push(gather(element, this.#elements, count));
    if (this.#withPosition) {
      // As Spark's posexplode_outer has it: who has no elements has no position.
      const valid = this.#outer ? this.#placed : null;
      columns.push({ type: 'long', values: this.#positions, valid });
    }
    const { late, lateBy, windowStart, windowEnd } = batch;
    const inner: Batch = {
      ...batch,
      schema: this.#inner,
      columns,
      rows: count,
      selection: null,
      selected: count,
      eventTime: gatherNumbers(batch.eventTime, parents, count),
      sequence: gatherNumbers(batch.sequence, parents, count),
      late: late && gatherFlags(late, parents, count),
      lateBy: lateBy && gatherNumbers(lateBy, parents, count),
      windowStart: windowStart && gatherNumbers(windowStart, parents, count),
      windowEnd: windowEnd && gatherNumbers(windowEnd, parents, count),
    };
    const fields = this.#fields?.map((program) => program.evaluate(inner));
    out.emit(fields === undefined ? inner : { ...inner, schema: this.#output, columns: fields });
  }
}

function check(spec: Spec, context: CheckContext): Checked | undefined {
  const {
    inputs: [input],
    report,
  } = context;
  const each = context.expression(spec.each, ['each'], scopeOf(input));
  if (each === undefined) return undefined;
  if (each.type.kind !== 'array') {
    const message = `each must be an array, not ${describeType(each.type)}`;
    report.add({ rule: 'type-mismatch', path: ['each'], message });
    return undefined;
  }
  const inner = innerSchema(spec, each.type.element, context);
  if (inner === undefined) return undefined;
  const outer = spec.outer === true;
  if (spec.fields === undefined) return { input, each, outer, inner, fields: undefined };
  const scope = scopeOf({ ...input, schema: inner });
  const fields: NamedExpression[] = [];
  for (const [name, value] of spec.fields) {
    const expression = context.expression(value, ['fields', name], scope);
    if (expression !== undefined) fields.push({ name, expression });
  }
  return fields.length === spec.fields.size ? { input, each, outer, inner, fields } : undefined;
}

function innerSchema(
  { as, position, outer }: Spec,
  element: DataType,
  { report, inputs: [input] }: CheckContext,
): Schema | undefined {
  const fields: Field[] = [...input.schema.fields];
  const add = (path: string, name: string, type: DataType, nullable: boolean): boolean => {
    if (fields.some((field) => field.name === name)) {
      const message = `a field "${name}" is there already`;
      report.add({ rule: 'duplicate-name', path: [path], message, hint: 'choose another name' });
      return false;
    }
    fields.push({ name, type, nullable });
    return true;
  };
  const named =
    add('as', as, element, true) &&
    (position === undefined || add('position', position, LONG, outer === true));
  return named ? { fields } : undefined;
}

function outputSchema(inner: Schema, fields: readonly NamedExpression[] | undefined): Schema {
  return fields === undefined ? inner : { fields: fields.map(fieldOf) };
}
