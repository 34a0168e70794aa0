/**
 * `union`: several streams of the same fields as one. Fields are matched by name and leave in the order of
 * the first stream. Its watermark is the least of its inputs': each promises only for itself.
 */
import { listed } from '../diagnostics/words.ts';
import { type Schema, sameType, typeText } from '../stream/schema.ts';
import { least } from '../stream/watermark.ts';
import type { CheckContext, InputStream, OperatorDefinition, OutputStream } from './operator.ts';

interface Checked {
  readonly output: OutputStream;
  /** By input: for each field of the output, the input's column. */
  readonly columns: readonly (readonly number[])[];
}

export const union: OperatorDefinition<object, Checked> = {
  type: 'union',
  summary: 'Several streams of the same fields as one.',
  inputs: 'several',
  schema: { properties: {}, required: [] },
  check,
  output: ({ output }) => output,
  reads: ({ columns }, wanted, input) => new Set([...wanted].map((field) => columns[input][field])),
  state: () => ({ kind: 'none' }),
  describe: (_, { from }) => ({
    brief: listed(from),
    does: [`Passes on every record of ${listed(from)}, as one stream of the same fields.`],
    keeps: [],
    leaves: [],
  }),
  open: ({ output: { schema }, columns }) => ({
    onBatch(batch, input, out) {
      out.emit({ ...batch, schema, columns: columns[input].map((index) => batch.columns[index]) });
    },
    onTime: ({ inputs }) => least(inputs),
  }),
};

function check(_: object, { inputs, report }: CheckContext): Checked | undefined {
  const columns: (readonly number[])[] = [];
  inputs.forEach((input, i) => {
    const path = inputs.length === 1 ? ['from'] : ['from', i];
    if (inputs.findIndex(({ name }) => name === input.name) < i) {
      const message = `"${input.name}" is read already`;
      report.add({ rule: 'duplicate-name', path, message, hint: 'leave it out' });
      return;
    }
    const problem = difference(inputs[0], input);
    if (problem === undefined) columns.push(columnsOf(inputs[0], input));
    else {
      const hint = 'give both the same fields with a select';
      report.add({ rule: 'type-mismatch', path, message: problem, hint });
    }
  });
  return columns.length === inputs.length ? { output: outputOf(inputs), columns } : undefined;
}

function columnsOf(first: InputStream, input: InputStream): readonly number[] {
  return first.schema.fields.map(({ name }) =>
    input.schema.fields.findIndex((field) => field.name === name),
  );
}

/** A sentence about the first thing that keeps two streams apart; undefined: nothing does. */
function difference(first: InputStream, other: InputStream): string | undefined {
  for (const { name, type } of first.schema.fields) {
    const found = other.schema.fields.find((field) => field.name === name);
    if (found === undefined)
      return `"${other.name}" has no field "${name}", as "${first.name}" has`;
    if (sameType(found.type, type)) continue;
    return `"${name}" is ${typeText(found.type)} in "${other.name}" and ${typeText(type)} in "${first.name}"`;
  }
  const names = new Set(first.schema.fields.map(({ name }) => name));
  const extra = other.schema.fields.find(({ name }) => !names.has(name));
  return extra && `"${other.name}" has a field "${extra.name}", which "${first.name}" lacks`;
}

/** What holds for all of the inputs holds for the union. */
function outputOf(inputs: readonly InputStream[]): OutputStream {
  const schema: Schema = {
    fields: inputs[0].schema.fields.map(({ name, type }) => ({
      name,
      type,
      nullable: inputs.some((input) =>
        input.schema.fields.some((field) => field.name === name && field.nullable),
      ),
    })),
  };
  const [progress] = (['revisions', 'none', 'watermark'] as const).filter((kind) =>
    inputs.some((input) => input.progress === kind),
  );
  const [{ window }] = inputs;
  return {
    schema,
    windowed: inputs.every(({ windowed }) => windowed),
    window: inputs.every((input) => input.window === window) ? window : undefined,
    stateless: inputs.every(({ stateless }) => stateless),
    progress,
  };
}
