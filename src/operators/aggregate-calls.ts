/** The aggregates of an operator at work, on the accumulators of whatever groups they are given. */
import assert from 'node:assert';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import type { AggregateDefinition } from '../sql/aggregate.ts';
import { aggregates } from '../sql/aggregates.ts';
import type { Grouped } from '../sql/aggregates-kernels.ts';
import type { Program } from '../sql/expression.ts';
import { selectRows } from '../sql/kernels-logic.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { BooleanColumn, Column, Validity } from '../stream/column.ts';
import type { Call } from './aggregate-check.ts';
import type { Groups } from './operator-state.ts';

type Accumulators = Pick<Groups, 'accumulators'>;

/** What a call reads of records. */
export interface CallColumns {
  readonly args: readonly Column[];
  readonly filter: Column | undefined;
}

export function definitionOf({ key }: Call): AggregateDefinition {
  const found = aggregates.get(key);
  assert(found !== undefined, `there is no aggregate ${key}`);
  return found;
}

export function kindsOf(call: Call): readonly AccumulatorKind[] {
  return definitionOf(call).accumulators(call.args.map(({ type }) => type));
}

/** One aggregate: which accumulators are its own. */
class Running {
  readonly from: number;
  readonly filter: Filter | undefined;
  readonly #call: Call;
  readonly #definition: AggregateDefinition;
  readonly #args: readonly Program[];
  readonly #to: number;
  #columns: readonly Column[] = [];

  constructor(call: Call, from: number, filter: Filter | undefined) {
    this.from = from;
    this.filter = filter;
    this.#call = call;
    this.#definition = definitionOf(call);
    this.#args = call.args.map(compile);
    this.#to = from + kindsOf(call).length;
  }

  evaluate(batch: Batch): void {
    this.take(this.#args.map((program) => program.evaluate(batch)));
  }

  take(columns: readonly Column[]): void {
    this.#columns = columns;
  }

  update(groups: Accumulators, grouped: Grouped): void {
    this.#definition.update(this.#kept(groups), this.#columns, grouped);
  }

  merge(groups: Accumulators, from: Accumulators, grouped: Grouped): void {
    this.#definition.merge(this.#kept(groups), this.#kept(from), grouped);
  }

  finish(groups: Groups): Column {
    const { type, share } = this.#call;
    return this.#definition.finish(this.#kept(groups), groups.size, type, share);
  }

  #kept({ accumulators }: Accumulators): readonly Accumulator[] {
    return accumulators.slice(this.from, this.#to);
  }
}

/** `FILTER (WHERE ...)`, evaluated once for all aggregates that have it. */
class Filter {
  readonly #program: Program;
  #rows = new Int32Array(BATCH_ROWS_MAX);
  #column: BooleanColumn | undefined;
  /** Of the rows that were named last. */
  met: Grouped | undefined;

  constructor(program: Program) {
    this.#program = program;
  }

  evaluate(batch: Batch): void {
    this.take(this.#program.evaluate(batch));
  }

  take(column: Column): void {
    assert(column.type === 'boolean', 'a condition is a boolean');
    this.#column = column;
  }

  /** Names the rows of which those that meet it count. */
  select({ rows, count, ids }: Grouped): void {
    assert(this.#column !== undefined, 'it has been evaluated');
    const { values, valid } = this.#column;
    if (this.#rows.length < count) this.#rows = new Int32Array(count);
    const met = selectRows(this.#rows, values, valid, rows, count);
    this.met = { rows: this.#rows, count: met, ids };
  }
}

export class Calls {
  readonly #calls: readonly Running[];
  /** By text. */
  readonly #filters = new Map<string, Filter>();

  constructor(calls: readonly Call[]) {
    let from = 0;
    this.#calls = calls.map((call) => {
      const running = new Running(call, from, this.#filterOf(call));
      from += kindsOf(call).length;
      return running;
    });
  }

  /** Computes the arguments for a batch, whose rows `update` then takes. */
  evaluate(batch: Batch): void {
    for (const filter of this.#filters.values()) filter.evaluate(batch);
    for (const call of this.#calls) call.evaluate(batch);
  }

  /** Has what they read from elsewhere: of each call its arguments, and what its condition gives if it has one. */
  take(columns: readonly CallColumns[]): void {
    for (const [i, { args, filter }] of columns.entries()) {
      this.#calls[i].take(args);
      if (filter !== undefined) this.#calls[i].filter?.take(filter);
    }
  }

  /** Takes rows of that batch into their groups. */
  update(groups: Accumulators, grouped: Grouped): void {
    for (const filter of this.#filters.values()) filter.select(grouped);
    for (const call of this.#calls) call.update(groups, call.filter?.met ?? grouped);
  }

  /** Takes groups of `from`, the rows of `grouped`, into these. */
  merge(groups: Accumulators, from: Accumulators, grouped: Grouped): void {
    for (const call of this.#calls) call.merge(groups, from, grouped);
  }

  /** The results of all groups; NULL where an edit added the aggregate after a group had begun. */
  finish(groups: Groups): readonly Column[] {
    return this.#calls.map((call) => {
      const column = call.finish(groups);
      const whole = groups.whole(call.from);
      return whole === null ? column : { ...column, valid: both(column.valid, whole) };
    });
  }

  /** The results of all groups, from as far back as each aggregate reaches. */
  finishRunning(groups: Groups): readonly Column[] {
    return this.#calls.map((call) => call.finish(groups));
  }

  #filterOf({ filter }: Call): Filter | undefined {
    if (filter === undefined) return undefined;
    const known = this.#filters.get(filter.text) ?? new Filter(compile(filter));
    this.#filters.set(filter.text, known);
    return known;
  }
}

function both(valid: Validity, whole: Uint8Array): Uint8Array {
  return valid === null ? whole : whole.map((one, i) => one & valid[i]);
}
