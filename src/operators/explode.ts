/**
 * `explode`: one record for each element of an array, in its order. With `outer` a record without any
 * gives one whose element is NULL. Times, order and lateness are those of the record it came from.
 */
import { type Expression, inputScope } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { type DataType, LONG, type Schema, typeText } from '../stream/schema.ts';
import { least } from '../stream/watermark.ts';
import { gather, gatherNumbers } from './gather.ts';
import type { CheckContext, InputStream, OperatorDefinition } from './operator.ts';
import { expressionSchema, fieldOf, fieldsSchema, type NamedExpression, readsOf } from './spec.ts';

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
  /** undefined: all of `inner` leaves. */
  readonly fields: readonly NamedExpression[] | undefined;
}

export const explode: OperatorDefinition<Spec, Checked> = {
  type: 'explode',
  summary: 'Makes one record of each element of an array.',
  schema: {
    properties: {
      each: expressionSchema('The array.', "split(line, ' ')"),
      as: {
        title: 'Name of the element.',
        description: 'The field that holds the element.',
        type: 'string',
        examples: ['word'],
      },
      position: {
        title: 'Name of the position.',
        description: 'A field that holds the place of the element, from 0.',
        type: 'string',
        examples: ['n'],
      },
      outer: {
        title: 'Keep records without elements.',
        description: 'A record without elements gives one whose element is NULL.',
        type: 'boolean',
        default: false,
        examples: [true],
      },
      fields: fieldsSchema('What leaves; absent: the input, the element and its position.', {
        word: 'lower(word)',
      }),
    },
    required: ['each', 'as'],
  },
  check(spec, context) {
    const {
      inputs: [input],
      report,
    } = context;
    const scope = inputScope(input.name, input.schema, input.windowed);
    const each = context.expression(spec.each, ['each'], scope);
    if (each === undefined) return undefined;
    if (each.type.kind !== 'array') {
      const message = `each must be an array, not a ${typeText(each.type)}`;
      report.add({ rule: 'type-mismatch', path: ['each'], message });
      return undefined;
    }
    const inner = innerSchema(spec, input, each.type.element, context);
    if (inner === undefined) return undefined;
    if (spec.fields === undefined)
      return { input, each, outer: spec.outer === true, inner, fields: undefined };
    const fields: NamedExpression[] = [];
    const innerScope = inputScope(input.name, inner, input.windowed);
    for (const [name, value] of spec.fields) {
      const expression = context.expression(value, ['fields', name], innerScope);
      if (expression !== undefined) fields.push({ name, expression });
    }
    if (fields.length < spec.fields.size) return undefined;
    return { input, each, outer: spec.outer === true, inner, fields };
  },
  output: ({ input, inner, fields }) => ({
    ...input,
    schema: fields === undefined ? inner : { fields: fields.map(fieldOf) },
  }),
  reads({ input, each, fields }, wanted) {
    const inner = fields === undefined ? wanted : readsOf(fields);
    const count = input.schema.fields.length;
    return new Set([...each.reads, ...[...inner].filter((index) => index < count)]);
  },
  state: () => ({ kind: 'none' }),
  open({ each, outer, inner, fields, input }) {
    const program = compile(each);
    const programs = fields?.map(({ expression }) => compile(expression));
    const schema = fields === undefined ? inner : { fields: fields.map(fieldOf) };
    const withPosition = inner.fields.length > input.schema.fields.length + 1;
    const used = new Set(fields === undefined ? inner.fields.keys() : readsOf(fields));
    const buffers = new Buffers();
    const flush = (batch: Batch, count: number): Batch => {
      const whole = buffers.batch(batch, count, inner, used, withPosition);
      return programs === undefined
        ? whole
        : { ...whole, schema, columns: programs.map((p) => p.evaluate(whole)) };
    };
    return {
      onBatch(batch, _, out) {
        const array = program.evaluate(batch);
        if (array.type !== 'array') throw new Error('each is an array');
        buffers.element = array.element;
        let count = 0;
        for (let k = 0; k < batch.selected; k++) {
          const row = batch.selection === null ? k : batch.selection[k];
          const present = array.valid === null || array.valid[row] === 1;
          const length = present ? array.lengths[row] : 0;
          const times = length === 0 && outer ? 1 : length;
          for (let i = 0; i < times; i++) {
            if (count === BATCH_ROWS_MAX) {
              out.emit(flush(batch, count));
              count = 0;
            }
            buffers.parents[count] = row;
            buffers.elements[count] = length === 0 ? -1 : array.starts[row] + i;
            buffers.positions[count++] = i;
          }
        }
        if (count > 0) out.emit(flush(batch, count));
      },
      onTime: ({ inputs }) => least(inputs),
    };
  },
};

/** The rows being put together: which record and which element each comes from. */
class Buffers {
  readonly parents = new Int32Array(BATCH_ROWS_MAX);
  readonly elements = new Int32Array(BATCH_ROWS_MAX);
  readonly positions = new Float64Array(BATCH_ROWS_MAX);
  element: Batch['columns'][number] = { type: 'boolean', values: new Uint8Array(0), valid: null };

  batch(
    batch: Batch,
    count: number,
    schema: Schema,
    used: ReadonlySet<number>,
    withPosition: boolean,
  ): Batch {
    const { parents, elements, positions } = this;
    const columns = batch.columns.map((column, i) =>
      used.has(i) ? gather(column, parents, count) : column,
    );
    columns.push(gather(this.element, elements, count));
    if (withPosition) columns.push({ type: 'long', values: positions, valid: null });
    return {
      schema,
      columns,
      rows: count,
      selection: null,
      selected: count,
      eventTime: gatherNumbers(batch.eventTime, parents, count),
      sequence: gatherNumbers(batch.sequence, parents, count),
      late:
        batch.late === null
          ? null
          : Uint8Array.from(parents.subarray(0, count), (row) => batch.late?.[row] ?? 0),
      ingestTime: batch.ingestTime,
      windowStart: batch.windowStart && gatherNumbers(batch.windowStart, parents, count),
      windowEnd: batch.windowEnd && gatherNumbers(batch.windowEnd, parents, count),
    };
  }
}

function innerSchema(
  spec: Spec,
  input: InputStream,
  element: DataType,
  { report }: CheckContext,
): Schema | undefined {
  const fields = [...input.schema.fields];
  const add = (name: string, type: DataType, nullable: boolean, path: string): boolean => {
    if (fields.some((field) => field.name === name)) {
      const message = `"${input.name}" has a field "${name}" already`;
      report.add({ rule: 'duplicate-name', path: [path], message, hint: 'choose another name' });
      return false;
    }
    fields.push({ name, type, nullable });
    return true;
  };
  if (!add(spec.as, element, true, 'as')) return undefined;
  if (spec.position !== undefined && !add(spec.position, LONG, false, 'position')) return undefined;
  return { fields };
}
