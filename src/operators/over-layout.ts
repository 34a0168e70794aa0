/**
 * What an `over` keeps of a record, and where: columns of the input that it leaves with or is told apart by,
 * arguments of aggregates that are computed, and its number in the lane.
 */
import { type DataType, DOUBLE, typeText } from '../stream/schema.ts';
import type { Call } from './aggregate-check.ts';
import type { InputStream } from './operator.ts';
import type { Checked } from './over-check.ts';
import { columnRead, readsOf } from './spec.ts';

/** An argument that is a field of the input is kept as that. */
function fieldOf({ argument }: Call): number | undefined {
  return argument && columnRead(argument);
}

function usedColumns({ input, calls, kept, fields }: Checked): readonly number[] {
  const { fields: all } = input.schema;
  // Behind an operator with state equals are told apart by all fields.
  if (!input.stateless) return [...all.keys()];
  const reads = readsOf(fields.map(({ expression }) => expression));
  const used = new Set([...kept, ...calls.flatMap((call) => fieldOf(call) ?? []), ...reads]);
  // What else the fields read are keys, and results of aggregates.
  return [...used].filter((column) => column < all.length).sort((a, b) => a - b);
}

/** Columns of the input that are read of a record, to be kept or at once. */
export function readColumns(checked: Checked): ReadonlySet<number> {
  const expressions = [
    ...checked.keys.map(({ expression }) => expression),
    ...checked.calls.flatMap(({ argument }) => argument ?? []),
  ];
  return new Set([...usedColumns(checked), ...readsOf(expressions)]);
}

export class OverLayout {
  readonly used: readonly number[];
  readonly computed: readonly Call[];
  readonly types: readonly DataType[];
  /** By call, where its argument is kept; -1: it has none. */
  readonly places: readonly number[];

  readonly #input: InputStream;

  constructor(checked: Checked) {
    const { input, calls } = checked;
    this.#input = input;
    this.used = usedColumns(checked);
    this.computed = calls.filter(
      (call) => call.argument !== undefined && fieldOf(call) === undefined,
    );
    this.types = [
      ...this.used.map((column) => input.schema.fields[column].type),
      ...this.computed.flatMap(({ argument }) => argument?.type ?? []),
      DOUBLE,
    ];
    this.places = calls.map((call) => {
      if (call.argument === undefined) return -1;
      const field = fieldOf(call);
      return field === undefined
        ? this.used.length + this.computed.indexOf(call)
        : this.used.indexOf(field);
    });
  }

  /** Where numbers in the lane are kept. */
  get sequence(): number {
    return this.types.length - 1;
  }

  /** Two of one text keep the same of a record, in the same places. */
  get text(): string {
    const { fields } = this.#input.schema;
    return JSON.stringify([
      this.#input.stateless,
      this.used.map((column) => [fields[column].name, typeText(fields[column].type)]),
      this.computed.map(({ argument }) => argument && [argument.text, typeText(argument.type)]),
    ]);
  }
}
