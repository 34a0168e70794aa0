/**
 * `select`: computes fields. `keep` takes fields of the input along (`all`, or names), `drop` leaves some
 * out; a computed field takes the place of a kept one of its name. Fields see the input, not each other.
 */
import { nearest } from '../diagnostics/suggest.ts';
import { type Expression, inputScope } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import type { Column } from '../stream/column.ts';
import { fieldIndex, type Schema } from '../stream/schema.ts';
import { least } from '../stream/watermark.ts';
import type { CheckContext, InputStream, OperatorDefinition } from './operator.ts';
import { fieldsSchema } from './spec.ts';

interface Spec {
  readonly fields?: ReadonlyMap<string, unknown>;
  readonly keep?: 'none' | 'all' | readonly string[];
  readonly drop?: readonly string[];
}

/** An output field: the input's column at an index, or computed. */
type Output =
  | { readonly kind: 'kept'; readonly index: number }
  | { readonly kind: 'computed'; readonly expression: Expression };

interface Checked {
  readonly input: InputStream;
  readonly outputs: readonly Output[];
  readonly schema: Schema;
}

const names = { type: 'array', items: { type: 'string' } };

export const select: OperatorDefinition<Spec, Checked> = {
  type: 'select',
  summary: 'Computes fields, and keeps or drops those there are.',
  schema: {
    properties: {
      fields: fieldsSchema('The fields to compute.', { eur: 'price * 0.908' }),
      keep: {
        title: 'Fields of the input that stay.',
        description: 'Fields of the input that stay: `none`, `all`, or a list of names.',
        anyOf: [{ enum: ['none', 'all'] }, names],
        default: 'none',
        examples: ['all', ['auction', 'bidder']],
      },
      drop: {
        title: 'Fields that go.',
        description: 'Fields of the input that do not stay; all others do.',
        ...names,
        examples: [['extra']],
      },
      strict: {
        title: 'Fields that must not be NULL by accident.',
        description: 'Fields whose NULL from present inputs sends the record to the dead letter.',
        ...names,
        examples: [['eur']],
      },
    },
    required: [],
  },
  check(spec, context) {
    const {
      inputs: [input],
    } = context;
    const scope = inputScope(input.name, input.schema, input.windowed);
    const outputs = new Map<string, Output>();
    for (const name of keptNames(spec, context)) {
      outputs.set(name, { kind: 'kept', index: fieldIndex(input.schema, name) });
    }
    let whole = true;
    for (const [name, value] of spec.fields ?? []) {
      const expression = context.expression(value, ['fields', name], scope);
      if (expression === undefined) whole = false;
      else outputs.set(name, { kind: 'computed', expression });
    }
    if (!whole) return undefined;
    const fields = [...outputs].map(([name, output]) => {
      const from = output.kind === 'kept' ? input.schema.fields[output.index] : output.expression;
      return { name, type: from.type, nullable: from.nullable };
    });
    if (fields.length === 0) {
      const message = 'nothing would be left of a record';
      const hint = 'write fields, or keep: all';
      context.report.add({ rule: 'missing-field', path: [], message, hint });
      return undefined;
    }
    return { input, outputs: [...outputs.values()], schema: { fields } };
  },
  output: ({ input, schema }) => ({ ...input, schema }),
  reads({ outputs }, wanted) {
    const reads = new Set<number>();
    for (const index of wanted) {
      const output = outputs[index];
      if (output.kind === 'kept') reads.add(output.index);
      else for (const read of output.expression.reads) reads.add(read);
    }
    return reads;
  },
  state: () => ({ kind: 'none' }),
  open({ outputs, schema }) {
    const sources = outputs.map((output) =>
      output.kind === 'kept' ? output.index : compile(output.expression),
    );
    return {
      onBatch(batch, _, out) {
        const columns: Column[] = sources.map((source) =>
          typeof source === 'number' ? batch.columns[source] : source.evaluate(batch),
        );
        out.emit({ ...batch, schema, columns });
      },
      onTime: ({ inputs }) => least(inputs),
    };
  },
};

function keptNames(spec: Spec, { inputs: [input], report }: CheckContext): readonly string[] {
  const all = input.schema.fields.map((field) => field.name);
  const known = (list: readonly string[], key: string): readonly string[] =>
    list.filter((name, i) => {
      if (all.includes(name)) return true;
      const near = nearest(name, all);
      const hint = near === undefined ? `there are: ${all.join(', ')}` : `did you mean "${near}"?`;
      const message = `"${input.name}" has no field "${name}"`;
      report.add({ rule: 'unknown-column', path: [key, i], message, hint });
      return false;
    });
  const drop = known(spec.drop ?? [], 'drop');
  const keep = spec.keep ?? (spec.drop === undefined ? 'none' : 'all');
  const kept = keep === 'all' ? all : keep === 'none' ? [] : known(keep, 'keep');
  return kept.filter((name) => !drop.includes(name));
}
