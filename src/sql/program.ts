/**
 * A checked expression made ready to run: an array of steps, each one kernel call over a whole batch.
 * Evaluating is one loop over the steps. A program keeps scratch memory and so has one owner.
 */
import type { Batch } from '../stream/batch.ts';
import type { Column, Validity } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Expression, Program, Slot } from './expression.ts';
import { flags, type Kernel } from './kernel.ts';
import { both, selectRows } from './kernels-logic.ts';
import { Scratch } from './scratch.ts';
import type { TypedNode, Value } from './typed.ts';

type Step =
  | { readonly kind: 'read'; readonly slot: Slot; readonly scratch: Scratch }
  | { readonly kind: 'constant'; readonly constant: ConstantColumn }
  | {
      readonly kind: 'apply';
      readonly kernel: Kernel;
      readonly inputs: readonly number[];
      readonly strict: boolean;
      readonly scratch: Scratch;
    };

export function compile(expression: Expression): Program {
  const steps: Step[] = [];
  add(expression.node, steps);
  return new StepProgram(expression.type, steps);
}

/**
 * Writes the selected rows of `batch` at which `column` is TRUE (not FALSE, not NULL) to `out`.
 * @returns how many there are
 */
export function selectTrue(column: Column, batch: Batch, out: Int32Array): number {
  const count = batch.selection === null ? batch.rows : batch.selected;
  return selectRows(out, flags(column), column.valid, batch.selection, count);
}

/** Adds the steps of a node, arguments first. @returns the index of its result */
function add(node: TypedNode, steps: Step[]): number {
  if (node.kind === 'read') {
    return steps.push({ kind: 'read', slot: node.slot, scratch: new Scratch() }) - 1;
  }
  if (node.kind === 'constant') {
    const constant = new ConstantColumn(node.type, node.value);
    return steps.push({ kind: 'constant', constant }) - 1;
  }
  const inputs = node.args.map((arg) => add(arg, steps));
  const args = node.args.map((arg) =>
    arg.kind === 'constant' ? { type: arg.type, value: arg.value } : { type: arg.type },
  );
  const { strict, factory } = node.operation;
  const kernel = factory(args, node.type);
  return steps.push({ kind: 'apply', kernel, inputs, strict, scratch: new Scratch() }) - 1;
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
      const step = this.#steps[i];
      if (step.kind === 'apply') {
        const inputs = step.inputs.map((input) => results[input]);
        if (step.strict) step.scratch.valid = allPresent(inputs, batch, step.scratch);
        else step.scratch.valid = null;
        step.scratch.used = 0;
        results[i] = step.kernel(inputs, batch, step.scratch);
      } else if (step.kind === 'read') {
        results[i] = readSlot(step.slot, batch, step.scratch);
      } else {
        results[i] = step.constant.ofRows(batch.rows);
      }
    }
    return results[this.#steps.length - 1];
  }
}

/** Where all inputs are present. Never an input's own array with another's rows cleared in it. */
function allPresent(inputs: readonly Column[], batch: Batch, scratch: Scratch): Validity {
  let valid: Validity = null;
  let own = false;
  const count = batch.selection === null ? batch.rows : batch.selected;
  for (const input of inputs) {
    if (input.valid === null || input.valid === valid) continue;
    if (valid === null) valid = input.valid;
    else {
      const out: Uint8Array = own ? valid : scratch.validity(batch.rows);
      both(out, valid, input.valid, batch.selection, count);
      valid = out;
      own = true;
    }
  }
  return valid;
}

function readSlot(slot: Slot, batch: Batch, scratch: Scratch): Column {
  if (slot.from === 'column') return batch.columns[slot.index];
  let values: Float64Array | null;
  if (slot.from === 'event_time') values = batch.eventTime;
  else if (slot.from === 'window_start') values = batch.windowStart;
  else if (slot.from === 'window_end') values = batch.windowEnd;
  else values = null;
  if (values === null) {
    values = scratch.numbers(batch.rows);
    values.fill(batch.ingestTime, 0, batch.rows);
  }
  return { type: 'timestamp', values, valid: null };
}

/** One value in every row, filled in anew only when a larger batch comes. */
class ConstantColumn {
  readonly #type: DataType;
  readonly #value: Value;
  #rows = 0;
  #column: Column | undefined;

  constructor(type: DataType, value: Value) {
    this.#type = type;
    this.#value = value;
  }

  ofRows(rows: number): Column {
    if (this.#column === undefined || rows > this.#rows) {
      this.#rows = Math.max(256, rows);
      this.#column = filled(this.#type, this.#value, this.#rows);
    }
    return this.#column;
  }
}

function filled(type: DataType, value: Value, rows: number): Column {
  const valid = value === null ? new Uint8Array(rows) : null;
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean', values: new Uint8Array(rows).fill(value === true ? 1 : 0), valid };
    case 'string': {
      const bytes = Buffer.from(typeof value === 'string' ? value : '', 'utf8');
      const starts = new Int32Array(rows);
      return { type: 'string', bytes, starts, ends: starts.map(() => bytes.length), valid };
    }
    case 'array':
      return {
        type: 'array',
        starts: new Int32Array(rows),
        lengths: new Int32Array(rows),
        element: filled(type.element, null, 0),
        valid,
      };
    case 'struct':
      return { type: 'struct', fields: type.fields.map((f) => filled(f.type, null, rows)), valid };
    case 'map':
      throw new Error('there are no constant maps');
    default: {
      const values = new Float64Array(rows).fill(typeof value === 'number' ? value : 0);
      return { type: type.kind, values, valid };
    }
  }
}
