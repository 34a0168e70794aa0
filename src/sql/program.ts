/**
 * A checked expression made ready to run: an array of steps, each one kernel call over a whole batch, and
 * one loop over them. What occurs twice in the expression is computed once. A program keeps scratch memory
 * and so has one owner.
 */
import { strict as assert } from 'node:assert';
import type { Batch } from '../stream/batch.ts';
import type { Column, Validity } from '../stream/column.ts';
import { type DataType, STRING, typeText } from '../stream/schema.ts';
import { constantColumn } from './constant-column.ts';
import type { Expression, Program, Slot } from './expression.ts';
import { booleanColumn, flags, type Kernel } from './kernel.ts';
import { both, selectRows } from './kernels-logic.ts';
import { Scratch } from './scratch.ts';
import type { TypedNode, Value } from './typed.ts';

/** Rows that columns of constants begin with. */
const CONSTANT_ROWS_MIN = 1024;

/** One kernel call: which results it reads, and the memory its own lies in. */
class Step {
  readonly kernel: StepKernel;
  readonly strict: boolean;
  readonly inputs: readonly number[];
  readonly scratch = new Scratch();
  /** The inputs of the present call; reused, so that a call makes no array. */
  readonly columns: Column[] = [];

  constructor(kernel: StepKernel, strict: boolean, inputs: readonly number[]) {
    this.kernel = kernel;
    this.strict = strict;
    this.inputs = inputs;
  }
}

/** A kernel that may also look at the batch: how columns and constants enter. */
type StepKernel = (inputs: readonly Column[], batch: Batch, out: Scratch) => Column;

/** Turns an expression into a program. */
export function compile(expression: Expression): Program {
  const compiler = new Compiler();
  compiler.add(expression.node);
  return new StepProgram(expression.type, compiler.steps);
}

/**
 * Writes the selected rows of `batch` at which `column` is TRUE (not FALSE, not NULL) to `out`, ascending;
 * `out` has at least as many places as rows are selected.
 * @returns how many there are
 */
export function selectTrue(column: Column, batch: Batch, out: Int32Array): number {
  return selectRows(out, flags(column), column.valid, batch.selection, batch.selected);
}

class Compiler {
  readonly steps: Step[] = [];
  /** What is computed already, by what it computes. */
  readonly #known = new Map<string, number>();

  /** Adds the steps of a node that are missing, inputs first. @returns the index of its result */
  add(node: TypedNode): number {
    if (node.kind === 'constant') {
      const key = `constant ${typeText(node.type)} ${typeof node.value} ${exactText(node.value)}`;
      return this.#step(key, () => new Step(constantKernel(node.type, node.value), false, []));
    }
    if (node.kind === 'read') {
      const { slot } = node;
      const key = slot.from === 'column' ? `column ${slot.index}` : slot.from;
      return this.#step(key, () => new Step(readKernel(slot), false, []));
    }
    const { operation, type, args } = node;
    const inputs = args.map((arg) => this.add(arg));
    const key = `${operation.name}: ${typeText(type)} (${inputs.join(' ')})`;
    return this.#step(key, () => {
      const kernel: Kernel = operation.factory(args, type);
      return new Step(kernel, operation.strict, inputs);
    });
  }

  #step(key: string, make: () => Step): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.steps.push(make()) - 1;
    this.#known.set(key, index);
    return index;
  }
}

/** Text that differs for values that differ, -0 and 0 included. */
function exactText(value: Value): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

class StepProgram implements Program {
  readonly type: DataType;
  readonly #steps: readonly Step[];
  readonly #results: Column[] = [];

  constructor(type: DataType, steps: readonly Step[]) {
    this.type = type;
    this.#steps = steps;
  }

  evaluate(batch: Batch): Column {
    const results = this.#results;
    for (let i = 0; i < this.#steps.length; i++) {
      const { kernel, strict, inputs, scratch, columns } = this.#steps[i];
      for (let k = 0; k < inputs.length; k++) columns[k] = results[inputs[k]];
      scratch.used = 0;
      scratch.valid = strict ? allPresent(columns, batch, scratch) : null;
      results[i] = kernel(columns, batch, scratch);
    }
    return results[this.#steps.length - 1];
  }
}

/** Where all inputs are present: an input's own validity, or one in `scratch`. */
function allPresent(inputs: readonly Column[], batch: Batch, scratch: Scratch): Validity {
  let valid: Validity = null;
  for (const input of inputs) {
    if (input.valid === null || input.valid === valid) continue;
    if (valid === null) {
      valid = input.valid;
    } else {
      const out: Uint8Array = scratch.validity(batch.rows);
      both(out, valid, input.valid, batch.selection, batch.selected);
      valid = out;
    }
  }
  return valid;
}

/** One value in every row, filled anew only when a larger batch comes. */
function constantKernel(type: DataType, value: Value): StepKernel {
  let rows = 0;
  let column: Column | undefined;
  return (_, batch) => {
    if (column === undefined || batch.rows > rows) {
      rows = Math.max(CONSTANT_ROWS_MIN, batch.rows);
      column = constantColumn(type, value, rows);
    }
    return column;
  };
}

/** The name of the batch's lane in every row. A union brings those of several, in turn. */
function laneKernel(): StepKernel {
  const names = new Map<string, StepKernel>();
  return (inputs, batch, out) => {
    const { lane } = batch;
    assert(lane !== undefined, 'a batch behind an operator with state has no lane');
    const known = names.get(lane) ?? constantKernel(STRING, lane);
    names.set(lane, known);
    return known(inputs, batch, out);
  };
}

function readKernel(slot: Slot): StepKernel {
  switch (slot.from) {
    case 'column':
      return (_, batch) => batch.columns[slot.index];
    case 'parameter':
      return assert.fail('a name of a lambda is read outside of it');
    case 'event_time':
      return (_, batch) => timestamps(batch.eventTime);
    case 'sequence':
      return (_, batch) => ({ type: 'long', values: batch.sequence, valid: null });
    case 'window_start':
      return (_, batch) => timestamps(batch.windowStart);
    case 'window_end':
      return (_, batch) => timestamps(batch.windowEnd);
    case 'lane':
      return laneKernel();
    case 'late':
      return (_, { late, rows }, out) =>
        booleanColumn(late ?? out.flags(rows).fill(0, 0, rows), null);
    case 'late_by':
      return (_, { late, lateBy, rows }, out) => ({
        type: 'interval',
        values: lateBy ?? out.numbers(rows),
        valid: late ?? out.flags(rows).fill(0, 0, rows),
      });
    case 'ingest_time':
      return (_, batch, out) =>
        timestamps(out.numbers(batch.rows).fill(batch.ingestTime, 0, batch.rows));
  }
}

function timestamps(values: Float64Array | null): Column {
  assert(values !== null, 'a batch without windows has no bounds of them');
  return { type: 'timestamp', values, valid: null };
}
