/**
 * What an `over` keeps of a record, and where: columns of the input that it leaves with, aggregates read or that it
 * is told apart by; arguments and conditions of aggregates that are computed; and its lane and line where there are such.
 */
import type { Expression } from '../sql/expression.ts';
import type { Column } from '../stream/column.ts';
import { type DataType, typeText } from '../stream/schema.ts';
import type { Call } from './aggregate-check.ts';
import { lineTypes } from './line-order.ts';
import type { InputStream } from './operator.ts';
import { type Checked, PLACE } from './over-check.ts';
import { columnRead, readsOf } from './spec.ts';

/** Where what a call reads of a record is kept. */
export interface CallPlaces {
  readonly args: readonly number[];
  /** What its condition gives; undefined: it has none. */
  readonly filter: number | undefined;
}

/** In place of a place: it is not kept, but the record's number in the frame that is computed. */
export const IN_FRAME = -1;

/** Two of one text are one: a condition of nothing but NULL is a boolean, an argument of that may be none. */
function textOf({ text, type }: Expression): string {
  return JSON.stringify([text, typeText(type)]);
}

/** What aggregates read of a record itself. */
function readBy(calls: readonly Call[]): readonly Expression[] {
  return calls
    .flatMap(({ args, filter }) => (filter === undefined ? args : [...args, filter]))
    .filter((one) => one !== PLACE);
}

function usedColumns({ input, calls, kept, fields }: Checked): readonly number[] {
  const { fields: all } = input.schema;
  // Behind an operator with state equals are told apart by all fields.
  if (!input.stateless) return [...all.keys()];
  const reads = readsOf(fields.map(({ expression }) => expression));
  const plain = readBy(calls).flatMap((one) => columnRead(one) ?? []);
  // What else the fields read are keys, and results of aggregates.
  return [...new Set([...kept, ...plain, ...reads])]
    .filter((column) => column < all.length)
    .sort((a, b) => a - b);
}

/** Columns of the input that are read of a record, to be kept or at once. */
export function readColumns(checked: Checked): ReadonlySet<number> {
  const keys = checked.keys.map(({ expression }) => expression);
  return new Set([...usedColumns(checked), ...readsOf([...keys, ...readBy(checked.calls)])]);
}

export class OverLayout {
  readonly used: readonly number[];
  /** What aggregates read that is no field of the input; what several read is there once. */
  readonly computed: readonly Expression[];
  readonly types: readonly DataType[];
  /** By call. */
  readonly places: readonly CallPlaces[];

  readonly #input: InputStream;

  constructor(checked: Checked) {
    const { input, calls } = checked;
    this.#input = input;
    this.used = usedColumns(checked);
    const computed = readBy(calls).filter((one) => columnRead(one) === undefined);
    this.computed = [...new Map(computed.map((one) => [textOf(one), one])).values()];
    this.types = [
      ...this.used.map((column) => input.schema.fields[column].type),
      ...this.computed.map(({ type }) => type),
      ...lineTypes(input),
    ];
    this.places = calls.map(({ args, filter }) => ({
      args: args.map((one) => this.#placeOf(one)),
      filter: filter && this.#placeOf(filter),
    }));
  }

  /** What tells records of one time apart, of the columns that are kept. */
  telling(columns: readonly Column[]): readonly Column[] {
    return this.#input.stateless ? columns.slice(this.used.length + this.computed.length) : columns;
  }

  /** Two of one text keep the same of a record, in the same places. */
  get text(): string {
    const { fields } = this.#input.schema;
    return JSON.stringify([
      this.#input.stateless,
      this.used.map((column) => [fields[column].name, typeText(fields[column].type)]),
      this.computed.map(textOf),
    ]);
  }

  #placeOf(read: Expression): number {
    if (read === PLACE) return IN_FRAME;
    const column = columnRead(read);
    if (column !== undefined) return this.used.indexOf(column);
    return this.used.length + this.computed.findIndex((one) => textOf(one) === textOf(read));
  }
}
