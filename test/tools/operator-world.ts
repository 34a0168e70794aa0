/**
 * One operator outside of the engine: opened from what an author writes, driven with batches of plain rows,
 * and what it emits as plain rows again.
 */
import { createState, type EngineState } from '../../src/engine/state.ts';
import type {
  Carry,
  Emitter,
  InputStream,
  Operator,
  OperatorDefinition,
} from '../../src/operators/operator.ts';
import type { Batch } from '../../src/stream/batch.ts';
import type { DataType, Field } from '../../src/stream/schema.ts';
import type { Micros } from '../../src/stream/time.ts';
import { expressionCheck } from '../../src/topology/expression-check.ts';
import { columnOf, type Value, valueAt } from '../sql/table.ts';

export interface Row {
  readonly values: Readonly<Record<string, Value>>;
  readonly at: Micros;
  readonly late?: boolean;
  /** It lies in the batch but is not selected. */
  readonly skipped?: boolean;
}

export interface Emitted {
  readonly values: Readonly<Record<string, Value>>;
  readonly at: Micros;
  readonly sequence: number;
  readonly late: boolean;
  readonly start: Micros | null;
  readonly end: Micros | null;
}

interface Finding {
  readonly rule: string;
  readonly path: string;
}

export function fieldsOf(types: Readonly<Record<string, DataType>>): readonly Field[] {
  return Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }));
}

/** An input called `in`. */
export function inputOf(
  types: Readonly<Record<string, DataType>>,
  also: Partial<InputStream> = {},
): InputStream {
  const schema = { fields: fieldsOf(types) };
  return { name: 'in', schema, windowed: false, stateless: true, progress: 'watermark', ...also };
}

/** Plain objects inside a spec are maps, as in a topology. */
function specOf(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [
      key,
      plain(value) ? new Map(Object.entries(value as object)) : value,
    ]),
  );
}

export class OperatorWorld<Checked> {
  readonly findings: Finding[] = [];
  checked: Checked | undefined;
  readonly emitted: Emitted[] = [];
  readonly dropped = { filtered: 0, late: 0 };
  readonly rejected: { readonly reason: string; readonly detail: string; readonly row: number }[] =
    [];
  /** Sizes of the batches that were emitted. */
  readonly batches: number[] = [];
  readonly #definition: OperatorDefinition<never, Checked>;
  readonly #input: InputStream;
  #state: EngineState | undefined;
  #operator: Operator | undefined;

  constructor(
    definition: OperatorDefinition<never, Checked>,
    spec: Readonly<Record<string, unknown>>,
    input: InputStream,
  ) {
    this.#definition = definition;
    this.#input = input;
    this.checked = this.#check(spec);
  }

  get output(): ReturnType<OperatorDefinition<never, Checked>['output']> {
    return this.#definition.output(this.#proved());
  }

  get state(): ReturnType<OperatorDefinition<never, Checked>['state']> {
    return this.#definition.state(this.#proved());
  }

  reads(...wanted: number[]): number[] {
    return [...this.#definition.reads(this.#proved(), new Set(wanted), 0, new Map())].sort(
      (a, b) => a - b,
    );
  }

  /** Gives it a batch; without a selection unless a row is skipped. */
  feed(rows: readonly Row[], ingestTime: Micros = 0, lane = 'north'): void {
    const { schema } = this.#input;
    const selection = rows.some(({ skipped }) => skipped)
      ? Int32Array.from(rows.flatMap(({ skipped }, i) => (skipped ? [] : [i])))
      : null;
    const batch: Batch = {
      schema,
      columns: schema.fields.map(({ name, type }) =>
        columnOf(
          type,
          rows.map(({ values }) => values[name] ?? null),
        ),
      ),
      rows: rows.length,
      selection,
      selected: selection === null ? rows.length : selection.length,
      eventTime: Float64Array.from(rows, ({ at }) => at),
      sequence: Float64Array.from(rows, (_, i) => i + 1),
      late: rows.some(({ late }) => late)
        ? Uint8Array.from(rows, ({ late }) => (late ? 1 : 0))
        : null,
      lateBy: rows.some(({ late }) => late) ? Float64Array.from(rows, () => 1) : null,
      ingestTime,
      lane,
      windowStart: null,
      windowEnd: null,
    };
    this.#emitter.now = ingestTime;
    this.#running().onBatch(batch, 0, this.#emitter);
  }

  /** @returns the watermark it passes on */
  moveTo(mark: Micros, now: Micros = 0): Micros {
    this.#emitter.now = now;
    return this.#running().onTime({ inputs: [mark], now }, this.#emitter);
  }

  closingMark(time: Micros): Micros | undefined {
    return this.#running().closingMark?.(time);
  }

  readonly #emitter: Emitter & { now: Micros } = {
    now: 0,
    emit: (batch) => this.#take(batch),
    drop: (why, records) => {
      this.dropped[why] += records;
    },
    reject: (reason, detail, _, rows, count) => {
      for (let k = 0; k < count; k++) this.rejected.push({ reason, detail, row: rows[k] });
    },
  };

  get pending(): Micros | undefined {
    return this.#running().pending?.(0);
  }

  get due(): Micros | undefined {
    return this.#running().due?.();
  }

  needs(mark: Micros): Micros | undefined {
    return this.#running().needs?.(0, mark);
  }

  get open(): ReturnType<EngineState['open']> | undefined {
    return this.#state?.open();
  }

  /** Rows that are kept beside groups without windows. */
  get rowsKept(): number {
    return this.#state?.kind === 'sessions' ? this.#state.rows.size : 0;
  }

  /** The author edits it: another operator goes on with the state, unless it cannot. */
  edit(spec: Readonly<Record<string, unknown>>): Carry {
    const before = this.#proved();
    this.checked = this.#check(spec);
    const after = this.#proved();
    const carry = this.#definition.carry?.(before, after) ?? { kind: 'kept' };
    const shape = this.#definition.state(after);
    if (carry.kind === 'reset') this.#state = undefined;
    else if (carry.kind === 'adapted' && 'accumulators' in shape) {
      this.#state?.adapt?.(shape.accumulators, carry.accumulators);
    }
    this.#operator = undefined;
    return carry;
  }

  #check(spec: Readonly<Record<string, unknown>>): Checked | undefined {
    const report = {
      add: ({ rule, path }: { rule: string; path: readonly (string | number)[] }) => {
        this.findings.push({ rule, path: path.join('.') });
      },
    };
    const expression = expressionCheck(report);
    const context = { name: 'op', inputs: [this.#input], report, expression };
    return this.#definition.check(specOf(spec) as never, context);
  }

  #proved(): Checked {
    if (this.checked === undefined) throw new Error(JSON.stringify(this.findings));
    return this.checked;
  }

  #running(): Operator {
    const checked = this.#proved();
    this.#state ??= this.#newState(checked);
    this.#operator ??= this.#definition.open(checked, this.#state);
    return this.#operator;
  }

  #newState(checked: Checked): EngineState {
    const shape = this.#definition.state(checked);
    if (shape.kind === 'table') throw new Error('a table is not made of records');
    return createState(shape, 1);
  }

  #take(batch: Batch): void {
    this.batches.push(batch.selected);
    for (let k = 0; k < batch.selected; k++) {
      const row = batch.selection === null ? k : batch.selection[k];
      const values = batch.schema.fields.map(({ name }, i) => [
        name,
        valueAt(batch.columns[i], row),
      ]);
      this.emitted.push({
        values: Object.fromEntries(values),
        at: batch.eventTime[row],
        sequence: batch.sequence[row],
        late: batch.late !== null && batch.late[row] === 1,
        start: batch.windowStart === null ? null : batch.windowStart[row],
        end: batch.windowEnd === null ? null : batch.windowEnd[row],
      });
    }
  }
}
