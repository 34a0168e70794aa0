/**
 * `select`: computes fields. `keep` takes fields of the input along (all, or names), `drop` leaves some out
 * of them; a computed field takes the place of a kept one of its name. Fields see the input, not each other.
 */
import { listed } from '../diagnostics/words.ts';
import type { Expression } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { fieldIndex, type Schema } from '../stream/schema.ts';
import { least } from '../stream/watermark.ts';
import type {
  CheckContext,
  InputStream,
  OperatorDefinition,
  SpecSchema,
  Spoken,
  Surroundings,
} from './operator.ts';
import { EXPRESSIONS, noSuchField, readsOf, scopeOf } from './spec.ts';
import {
  LateByScope,
  type StrictField,
  StrictFields,
  strictFields,
  strictReason,
} from './strict-fields.ts';

interface Spec {
  readonly fields?: ReadonlyMap<string, unknown>;
  readonly keep?: 'none' | 'all' | readonly string[];
  readonly drop?: readonly string[];
  readonly strict?: readonly string[];
}

/** A field of the output: the input's column at an index, or computed. */
type Output = number | Expression;

interface Checked {
  readonly input: InputStream;
  readonly outputs: readonly Output[];
  readonly strict: readonly StrictField[];
  readonly schema: Schema;
}

const NAMES = { type: 'array', items: { type: 'string' } };

const schema: SpecSchema = {
  properties: {
    fields: {
      ...EXPRESSIONS,
      title: 'Fields',
      description:
        'Computed fields by name, in order of output. They see the input, not each other.',
      examples: [{ auction: 'auction', eur: 'price * 0.908' }],
    },
    keep: {
      type: ['string', 'array'],
      items: { type: 'string' },
      if: { type: 'string' },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { enum: ['none', 'all'] },
      title: 'Keep',
      description: 'Fields of the input that stay: `none`, `all`, or a list of names.',
      default: 'none',
      examples: ['all', ['auction', 'bidder']],
    },
    drop: {
      ...NAMES,
      title: 'Drop',
      description: 'Fields of the input that do not stay; without `keep`, all others do.',
      examples: [['extra']],
    },
    strict: {
      ...NAMES,
      title: 'Strict',
      description:
        'Fields whose NULL from inputs that are there sends the record to the dead letter.',
      examples: [['eur']],
    },
  },
  required: [],
};

export const select: OperatorDefinition<Spec, Checked> = {
  type: 'select',
  summary: 'Computes fields, and keeps or drops those there are.',
  schema,
  check(spec, context) {
    const {
      inputs: [input],
      report,
    } = context;
    const scope = scopeOf(input);
    const outputs = new Map<string, Output>();
    const readingLateBy = new Set<string>();
    for (const name of keptNames(spec, context)) outputs.set(name, fieldIndex(input.schema, name));
    let whole = true;
    for (const [name, value] of spec.fields ?? []) {
      const noting = new LateByScope(scope);
      const expression = context.expression(value, ['fields', name], noting);
      if (expression === undefined) whole = false;
      else outputs.set(name, expression);
      if (noting.looked) readingLateBy.add(name);
    }
    // A field that could not be read is missing below: one cause, one finding.
    if (!whole) return undefined;
    const strict = strictFields(spec.strict ?? [], outputs, readingLateBy, context);
    if (outputs.size === 0) {
      const message = 'nothing would be left of a record';
      report.add({ rule: 'missing-field', path: [], message, hint: 'write fields, or keep: all' });
      return undefined;
    }
    const fields = [...outputs].map(([name, output]) => {
      const { type, nullable } = typeof output === 'number' ? input.schema.fields[output] : output;
      return { name, type, nullable };
    });
    return strict && { input, outputs: [...outputs.values()], strict, schema: { fields } };
  },
  output: ({ input, schema }) => ({ ...input, schema }),
  reads({ input, outputs, strict }, wanted) {
    // A record that is rejected is shown with all that it had.
    if (strict.length > 0) return new Set(input.schema.fields.keys());
    // Every expression is evaluated, also one that nobody reads; a column is only handed on.
    const reads = readsOf(outputs.filter((output) => typeof output !== 'number'));
    for (const index of wanted) {
      const output = outputs[index];
      if (typeof output === 'number') reads.add(output);
    }
    return reads;
  },
  state: () => ({ kind: 'none' }),
  describe,
  open({ input, outputs, strict, schema }) {
    const sources = outputs.map((output) =>
      typeof output === 'number' ? output : compile(output),
    );
    const strictly = strict.length === 0 ? undefined : new StrictFields(strict, input);
    return {
      onBatch(batch, _, out) {
        const columns = sources.map((source) =>
          typeof source === 'number' ? batch.columns[source] : source.evaluate(batch),
        );
        const passing = strictly === undefined ? batch : strictly.divert(batch, columns, out);
        if (passing.selected > 0) out.emit({ ...passing, schema, columns });
      },
      onTime: ({ inputs }) => least(inputs),
    };
  },
};

function describe(
  { input, outputs, strict, schema }: Checked,
  { from: [from] }: Surroundings,
): Spoken {
  const computed: string[] = [];
  const kept: string[] = [];
  outputs.forEach((output, i) => {
    const { name } = schema.fields[i];
    if (typeof output === 'number') kept.push(name);
    else computed.push(output.text === name ? name : `${name} as ${output.text}`);
  });
  return {
    brief: listed(schema.fields.map(({ name }) => name)),
    does: [
      ...(kept.length === 0 ? [] : [`Keeps ${listed(kept)} of each record of ${from}.`]),
      ...(computed.length === 0 ? [] : [`Computes ${listed(computed)} from each record.`]),
      ...strict.map(
        (field) => `A record whose ${strictReason(field, input)}, goes to the dead letter instead.`,
      ),
    ],
    keeps: [],
    leaves: [],
  };
}

/** Names of the input's fields that stay, in its order for `all`, in the author's for a list. */
function keptNames(spec: Spec, { inputs: [input], report }: CheckContext): readonly string[] {
  const all = input.schema.fields.map((field) => field.name);
  const known = (names: readonly string[], key: string): readonly string[] =>
    names.filter((name, i) => {
      if (all.includes(name)) return true;
      report.add(noSuchField(input, name, [key, i]));
      return false;
    });
  const dropped = known(spec.drop ?? [], 'drop');
  const keep = spec.keep ?? (spec.drop === undefined ? 'none' : 'all');
  const kept = keep === 'all' ? all : keep === 'none' ? [] : known(keep, 'keep');
  return kept.filter((name) => !dropped.includes(name));
}
