/** `filter`: keeps the records for which a condition is TRUE. FALSE and NULL are let go, and counted. */
import type { Expression } from '../sql/expression.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { BOOLEAN } from '../stream/schema.ts';
import { least } from '../stream/watermark.ts';
import type { InputStream, OperatorDefinition } from './operator.ts';
import { EXPRESSION, scopeOf } from './spec.ts';

interface Spec {
  readonly where: unknown;
}

interface Checked {
  readonly input: InputStream;
  readonly where: Expression;
}

export const filter: OperatorDefinition<Spec, Checked> = {
  type: 'filter',
  summary: 'Keeps the records for which a condition is true.',
  schema: {
    properties: {
      where: {
        ...EXPRESSION,
        title: 'Condition',
        description: 'What a record must meet to pass. FALSE and NULL do not.',
        examples: ['price > 100', "region IN ('north', 'south')"],
      },
    },
    required: ['where'],
  },
  check(spec, { inputs: [input], expression }) {
    const where = expression(spec.where, ['where'], scopeOf(input), { type: BOOLEAN });
    return where && { input, where };
  },
  output: ({ input }) => input,
  reads: ({ where }, wanted) => new Set([...wanted, ...where.reads]),
  state: () => ({ kind: 'none' }),
  describe: ({ where }, { from: [from] }) => ({
    brief: where.text,
    does: [
      `Lets a record of ${from} pass if ${where.text}.`,
      `The others, and those where that is NULL, are let go and counted as filtered.`,
    ],
    keeps: [],
    leaves: [],
  }),
  open({ where }) {
    const condition = compile(where);
    const kept = new Int32Array(BATCH_ROWS_MAX);
    return {
      onBatch(batch, _, out) {
        const selected = selectTrue(condition.evaluate(batch), batch, kept);
        out.drop('filtered', batch.selected - selected);
        if (selected > 0) out.emit({ ...batch, selection: kept, selected });
      },
      onTime: ({ inputs }) => least(inputs),
    };
  },
};
