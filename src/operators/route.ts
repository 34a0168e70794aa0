/**
 * `route`: each record to the streams whose condition is TRUE, `NAME.ROUTE` each: the first one in the order
 * of the file, or with `match: all` every one. A record that meets none goes to `NAME.rest`, so that nothing
 * is lost without being named.
 */
import type { Program } from '../sql/expression.ts';
import { compile, selectTrue } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { BOOLEAN } from '../stream/schema.ts';
import { least, type Watermark } from '../stream/watermark.ts';
import type {
  CheckContext,
  Emitter,
  InputStream,
  Marks,
  Operator,
  OperatorDefinition,
} from './operator.ts';
import { EXPRESSION, type NamedExpression, NOTES, STREAM_NAMES, scopeOf } from './spec.ts';

interface Spec {
  readonly routes: ReadonlyMap<string, unknown>;
  readonly match?: 'first' | 'all';
}

interface Checked {
  readonly input: InputStream;
  /** Under the full names of their streams. */
  readonly routes: readonly NamedExpression[];
  readonly rest: string;
  readonly match: 'first' | 'all';
}

/** The route of those that meet no condition. */
const REST = 'rest';
export const route: OperatorDefinition<Spec, Checked> = {
  type: 'route',
  summary: 'Each record to the streams whose condition is true.',
  schema: {
    properties: {
      routes: {
        type: 'object',
        title: 'Routes',
        description:
          'Conditions by name, tried in this order. Their streams are NAME.ROUTE; NAME.rest has what meets none.',
        minProperties: 1,
        propertyNames: STREAM_NAMES,
        additionalProperties: EXPRESSION,
        patternProperties: NOTES,
        examples: [{ large: 'amount > 1000', small: 'amount <= 1000' }],
      },
      match: {
        enum: ['first', 'all'],
        title: 'Match',
        description:
          'Whether a record takes the first route whose condition holds, or all of them.',
        default: 'first',
        examples: ['all'],
      },
    },
    required: ['routes'],
  },
  streams: (name, { routes }) => [
    ...(routes instanceof Map ? [...routes.keys()] : []).map((one) => `${name}.${String(one)}`),
    `${name}.${REST}`,
  ],
  check,
  output: ({ input }) => input,
  reads({ routes }, _, __, further) {
    const reads = new Set(routes.flatMap(({ expression }) => [...expression.reads]));
    for (const wanted of further.values()) for (const column of wanted) reads.add(column);
    return reads;
  },
  state: () => ({ kind: 'none' }),
  describe: ({ routes, rest, match }, { from: [from] }) => ({
    brief: match === 'first' ? 'the first that is true' : 'all that are true',
    does: [
      match === 'first'
        ? `Sends each record of ${from} to the first of its streams whose condition is true.`
        : `Sends each record of ${from} to every stream of its own whose condition is true.`,
      ...routes.map(({ name, expression }) => `${name} has those where ${expression.text}.`),
      `${rest} has those that meet none.`,
    ],
    keeps: [],
    leaves: [],
  }),
  open: (checked) => new Route(checked),
};

function check({ routes, match = 'first' }: Spec, context: CheckContext): Checked | undefined {
  const { name, inputs } = context;
  const scope = scopeOf(inputs[0]);
  const checked: NamedExpression[] = [];
  for (const [one, value] of routes) {
    const expression = context.expression(value, ['routes', one], scope, { type: BOOLEAN });
    if (expression !== undefined) checked.push({ name: `${name}.${one}`, expression });
  }
  if (checked.length < routes.size) return undefined;
  return { input: inputs[0], routes: checked, rest: `${name}.${REST}`, match };
}

class Route implements Operator {
  readonly #routes: readonly { readonly stream: string; readonly condition: Program }[];
  readonly #rest: string;
  readonly #first: boolean;
  readonly #taken = new Int32Array(BATCH_ROWS_MAX);
  /** By row: it has taken a route. */
  readonly #met = new Uint8Array(BATCH_ROWS_MAX);
  /** Rows that have taken no route yet; two, so that one is read while the other is written. */
  #left = new Int32Array(BATCH_ROWS_MAX);
  #next = new Int32Array(BATCH_ROWS_MAX);

  constructor({ routes, rest, match }: Checked) {
    this.#routes = routes.map(({ name, expression }) => ({
      stream: name,
      condition: compile(expression),
    }));
    this.#rest = rest;
    this.#first = match === 'first';
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    let left: Batch = batch;
    this.#met.fill(0, 0, batch.rows);
    for (const { stream, condition } of this.#routes) {
      const asked = this.#first ? left : batch;
      if (asked.selected === 0) break;
      const selected = selectTrue(condition.evaluate(asked), asked, this.#taken);
      if (selected === 0) continue;
      for (let k = 0; k < selected; k++) this.#met[this.#taken[k]] = 1;
      left = this.#without(left);
      out.emit({ ...batch, selection: this.#taken, selected }, stream);
    }
    if (left.selected > 0) out.emit(left, this.#rest);
  }

  onTime({ inputs }: Marks): Watermark {
    return least(inputs);
  }

  /** The rows of `batch` that have taken no route. */
  #without(batch: Batch): Batch {
    const { selection, selected } = batch;
    const rows = this.#next;
    let count = 0;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      rows[count] = row;
      count += this.#met[row] ^ 1;
    }
    this.#next = this.#left;
    this.#left = rows;
    return { ...batch, selection: rows, selected: count };
  }
}
