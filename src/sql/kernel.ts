/**
 * What a kernel is: one call computes one column for a whole batch. The factory runs once, when a program
 * is built, and picks the variant for the types and constants; the kernel picks typed arrays; the loops
 * below it see nothing but typed arrays and numbers.
 *
 * Loops visit the selected rows only: what lies at other positions may be garbage of an earlier batch.
 */
import { strict as assert } from 'node:assert';
import type {
  ArrayColumn,
  BooleanColumn,
  Column,
  NumberColumn,
  StringColumn,
  Validity,
} from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { Scratch } from './scratch.ts';
import type { Value } from './typed.ts';

/** The rows a kernel works on; a batch is one. */
export interface Rows {
  readonly rows: number;
  readonly selection: Int32Array | null;
  readonly selected: number;
}

/**
 * Computes a column. For a strict operation `out.valid` already says where all inputs are present; the
 * values there are all that counts. The result lives in `out` or in the inputs.
 */
export type Kernel = (inputs: readonly Column[], rows: Rows, out: Scratch) => Column;

/** What is known of an argument before anything runs. `value` is absent unless it is a constant. */
export interface Argument {
  readonly type: DataType;
  readonly value?: Value;
}

export type KernelFactory = (args: readonly Argument[], type: DataType) => Kernel;

/** The checker has proved the type; this tells the compiler, and stops a program that is wrong. */
export function numbers(column: Column): Float64Array {
  assert(
    column.type === 'long' ||
      column.type === 'double' ||
      column.type === 'timestamp' ||
      column.type === 'interval',
  );
  return column.values;
}

export function flags(column: Column): Uint8Array {
  assert(column.type === 'boolean');
  return column.values;
}

export function texts(column: Column): StringColumn {
  assert(column.type === 'string');
  return column;
}

export function arrays(column: Column): ArrayColumn {
  assert(column.type === 'array');
  return column;
}

export function booleanColumn(values: Uint8Array, valid: Validity): BooleanColumn {
  return { type: 'boolean', values, valid };
}

export function numberColumn(type: DataType, values: Float64Array, valid: Validity): NumberColumn {
  const { kind } = type;
  assert(kind === 'long' || kind === 'double' || kind === 'timestamp' || kind === 'interval');
  return { type: kind, values, valid };
}
