/**
 * `lookup`: adds to each record the fields of the row of a table that has its key. No two rows have the same
 * key, so a record gives one result or none; NULL is no key. It keeps nothing of records: what leaves depends on
 * the record and on what the table has when it comes.
 */
import assert from 'node:assert';
import { listed } from '../diagnostics/words.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { least, type Watermark } from '../stream/watermark.ts';
import { Gatherer } from './gather.ts';
import { type Checked, checkLookup, outputSchema, type Spec } from './lookup-check.ts';
import type { Emitter, Marks, Operator, OperatorDefinition } from './operator.ts';
import type { State } from './operator-state.ts';
import { STREAM_NAME } from './spec.ts';
import type { TableState } from './table.ts';

export const lookup: OperatorDefinition<Spec, Checked> = {
  type: 'lookup',
  summary: 'Adds the fields of a table in a file.',
  hasTable: true,
  schema: {
    properties: {
      key: {
        type: ['string', 'array'],
        items: { type: 'string' },
        minItems: 1,
        title: 'Key',
        description:
          'The field of the record that is looked up, or several in the order of the key of the table.',
        examples: ['bidder', ['region', 'day']],
      },
      kind: {
        enum: ['inner', 'left'],
        title: 'Kind',
        description:
          'What becomes of a record whose key is in no row: it is let go (inner), or leaves with the fields of the table NULL (left).',
        default: 'inner',
        examples: ['left'],
      },
      unmatched_to: {
        ...STREAM_NAME,
        title: 'Unmatched',
        description: 'The name of a stream of the records whose key is in no row.',
        examples: ['unknown_bidders'],
      },
    },
    required: ['key'],
  },
  streams: (name, { unmatched_to: unmatched }) => [
    name,
    ...(typeof unmatched === 'string' ? [unmatched] : []),
  ],
  check: checkLookup,
  output: (checked) => ({ ...checked.input, schema: outputSchema(checked) }),
  further: ({ input, unmatchedTo }) =>
    new Map(unmatchedTo === undefined ? [] : [[unmatchedTo, input]]),
  reads({ input, keys, unmatchedTo }, wanted, _, further) {
    const own = [...wanted].filter((column) => column < input.schema.fields.length);
    return new Set([...keys, ...own, ...(further.get(unmatchedTo ?? '') ?? [])]);
  },
  state: () => ({ kind: 'table' }),
  describe({ input, keys, added, table, kind, unmatchedTo }, { from: [from] }) {
    const key = listed(keys.map((column) => input.schema.fields[column].name));
    const fields = listed(added.map((column) => table.schema.fields[column].name));
    const alone =
      kind === 'left'
        ? 'The others leave with those fields NULL.'
        : unmatchedTo === undefined
          ? 'The others are let go and counted as filtered.'
          : `The others leave on ${unmatchedTo}.`;
    const adds =
      added.length === 0
        ? `Passes a record of ${from} on if a row of ${table.file} has its ${key}`
        : `Adds ${fields} to a record of ${from}, of the row of ${table.file} that has its ${key}`;
    return {
      brief: `${key} in ${table.file}`,
      does: [
        `${adds} as ${listed(table.key)}.`,
        alone,
        `${table.file} is followed: once it is saved, records that come then meet its new rows.`,
      ],
      keeps: [`Keeps the rows of ${table.file}, and nothing of records.`],
      leaves: [],
    };
  },
  open: (checked, state) => new Lookup(checked, state),
};

class Lookup implements Operator {
  readonly #checked: Checked;
  readonly #schema: Batch['schema'];
  readonly #table: TableState;
  readonly #at = new Int32Array(BATCH_ROWS_MAX);
  readonly #found = new Int32Array(BATCH_ROWS_MAX);
  readonly #missed = new Int32Array(BATCH_ROWS_MAX);
  readonly #present = new Uint8Array(BATCH_ROWS_MAX);
  /** By field that is added. */
  readonly #gatherers: readonly Gatherer[];
  readonly #valid: readonly Uint8Array[];

  constructor(checked: Checked, state: State) {
    assert(state.kind === 'table', 'a lookup has a table');
    this.#checked = checked;
    this.#schema = outputSchema(checked);
    this.#table = state;
    this.#gatherers = checked.added.map(() => new Gatherer());
    this.#valid = checked.added.map(() => new Uint8Array(BATCH_ROWS_MAX));
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const { columns, selection, selected } = batch;
    const { kind, keys, unmatchedTo } = this.#checked;
    const { current } = this.#table;
    const at = this.#at;
    // Positions of rows that do not count are read as well.
    if (selection !== null) at.fill(0, 0, batch.rows);
    current.find(
      keys.map((key) => columns[key]),
      selection,
      selected,
      at,
    );
    const found = this.#split(selection, selected);
    if (kind === 'inner' && found < selected) {
      const missed = selected - found;
      if (unmatchedTo === undefined) out.drop('filtered', missed);
      else out.emit({ ...batch, selection: this.#missed, selected: missed }, unmatchedTo);
    }
    const leaving = kind === 'left' ? selected : found;
    if (leaving === 0) return;
    const all = current.columns();
    const added = this.#checked.added.map((column, i) =>
      this.#gather(all[column], i, batch, found),
    );
    out.emit({
      ...batch,
      schema: this.#schema,
      columns: [...columns, ...added],
      selection: kind === 'left' ? selection : this.#found,
      selected: leaving,
    });
  }

  onTime({ inputs }: Marks): Watermark {
    return least(inputs);
  }

  /**
   * A field of the rows that were found, by row of the batch. Elsewhere it is that of position 0, which is there
   * to be read, and not selected or NULL.
   */
  #gather(column: Column, i: number, { rows, selected }: Batch, found: number): Column {
    const gathered = this.#gatherers[i].gather(column, this.#at, rows);
    if (found === selected) return gathered;
    const valid = this.#valid[i];
    const present = this.#present;
    if (gathered.valid === null) valid.set(present.subarray(0, rows));
    else for (let row = 0; row < rows; row++) valid[row] = gathered.valid[row] & present[row];
    return { ...gathered, valid };
  }

  /** Tells rows whose key is in the table from the others, which have position 0 from here on. @returns how many are */
  #split(selection: Int32Array | null, selected: number): number {
    const n = selected | 0;
    const at = this.#at;
    let found = 0;
    let missed = 0;
    for (let k = 0; k < n; k++) {
      const row = selection === null ? k : selection[k];
      // 1, or 0 of a negative position: without a branch, which nobody could foresee.
      const is = 1 + (at[row] >> 31);
      this.#present[row] = is;
      this.#found[found] = row;
      this.#missed[missed] = row;
      found += is;
      missed += 1 - is;
      at[row] &= -is;
    }
    return found;
  }
}
