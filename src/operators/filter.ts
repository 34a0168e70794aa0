/** `filter`: keeps the records for which a condition is TRUE; FALSE and NULL are let go. W is passed on as it is. */

import type { Expression } from '../sql/expression.ts';
import { inputScope } from '../sql/expression.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { BOOLEAN } from '../stream/schema.ts';
import { least } from '../stream/watermark.ts';
import type { InputStream, OperatorDefinition } from './operator.ts';
import { expressionSchema } from './spec.ts';

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
      where: expressionSchema('The condition a record must meet.', 'price > 100'),
    },
    required: ['where'],
  },
  check(spec, { inputs: [input], expression }) {
    const scope = inputScope(input.name, input.schema, input.windowed);
    const where = expression(spec.where, ['where'], scope, { type: BOOLEAN });
    return where && { input, where };
  },
  output: ({ input }) => input,
  reads: ({ where }, wanted) => new Set([...wanted, ...where.reads]),
  state: () => ({ kind: 'none' }),
  open({ where }) {
    const program = compile(where);
    const kept = new Int32Array(BATCH_ROWS_MAX);
    return {
      onBatch(batch, _, out) {
        const selected = selectTrue(program.evaluate(batch), batch, kept);
        out.drop('filtered', batch.selected - selected);
        if (selected > 0) out.emit({ ...batch, selection: kept, selected });
      },
      onTime: ({ inputs }) => least(inputs),
    };
  },
};
