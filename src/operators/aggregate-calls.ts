/** The aggregates of an operator at work, on the accumulators of whatever groups they are given. */
import assert from 'node:assert';
import type { Accumulator, AccumulatorKind } from '../sql/accumulator.ts';
import { type AggregateDefinition, aggregates } from '../sql/aggregates.ts';
import type { Grouped } from '../sql/aggregates-kernels.ts';
import type { Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import type { Batch } from '../stream/batch.ts';
import type { Column, Validity } from '../stream/column.ts';
import type { Call } from './aggregate-check.ts';
import type { Groups } from './operator.ts';

type Accumulators = Pick<Groups, 'accumulators'>;

function definitionOf({ name }: Call): AggregateDefinition {
  const found = aggregates.get(name);
  assert(found !== undefined, `there is no aggregate ${name}`);
  return found;
}

export function kindsOf(call: Call): readonly AccumulatorKind[] {
  return definitionOf(call).accumulators(call.argument?.type);
}

/** One aggregate: which accumulators are its own. */
class Running {
  readonly from: number;
  readonly #call: Call;
  readonly #definition: AggregateDefinition;
  readonly #argument: Program | undefined;
  readonly #to: number;

  constructor(call: Call, from: number) {
    this.from = from;
    this.#call = call;
    this.#definition = definitionOf(call);
    this.#argument = call.argument && compile(call.argument);
    this.#to = from + kindsOf(call).length;
  }

  evaluate(batch: Batch): Column | undefined {
    return this.#argument?.evaluate(batch);
  }

  update(groups: Accumulators, argument: Column | undefined, grouped: Grouped): void {
    this.#definition.update(this.#kept(groups), argument, grouped);
  }

  merge(groups: Accumulators, from: Accumulators, grouped: Grouped): void {
    this.#definition.merge(this.#kept(groups), this.#kept(from), grouped);
  }

  finish(groups: Groups): Column {
    return this.#definition.finish(this.#kept(groups), groups.size, this.#call.type);
  }

  #kept({ accumulators }: Accumulators): readonly Accumulator[] {
    return accumulators.slice(this.from, this.#to);
  }
}

export class Calls {
  readonly #calls: readonly Running[];
  #columns: readonly (Column | undefined)[] = [];

  constructor(calls: readonly Call[]) {
    let from = 0;
    this.#calls = calls.map((call) => {
      const running = new Running(call, from);
      from += kindsOf(call).length;
      return running;
    });
  }

  /** Computes the arguments for a batch, whose rows `update` then takes. */
  evaluate(batch: Batch): void {
    this.#columns = this.#calls.map((call) => call.evaluate(batch));
  }

  /** Has the arguments from elsewhere, by call; undefined: of count(*). */
  take(columns: readonly (Column | undefined)[]): void {
    this.#columns = columns;
  }

  /** Takes rows of that batch into their groups. */
  update(groups: Accumulators, grouped: Grouped): void {
    for (let i = 0; i < this.#calls.length; i++) {
      this.#calls[i].update(groups, this.#columns[i], grouped);
    }
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
}

function both(valid: Validity, whole: Uint8Array): Uint8Array {
  return valid === null ? whole : whole.map((one, i) => one & valid[i]);
}
