/**
 * `dedupe` with `keep: earliest`: records in order of their own time, of which one passes when the one of its key
 * before it, passed or not, is more than `within` earlier. A record waits until the watermark has come to it, for
 * then no earlier one can come; so neither arrival nor batches show, and any engine gives the same.
 *
 * Records of one time go by lane and line; where lines are gone, by all their fields.
 */
import assert from 'node:assert';
import { numbers } from '../sql/kernel.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { TIMESTAMP } from '../stream/schema.ts';
import { least, type Watermark } from '../stream/watermark.ts';
import { compareRows } from './compare-rows.ts';
import type { Checked } from './dedupe-check.ts';
import { gather, gatherNumbers } from './gather.ts';
import { LateRecords } from './late.ts';
import { linesOf, lineTypes } from './line-order.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { RowState, State, StateShape } from './operator-state.ts';

/** Sides of the state: records that wait, whole, and the newest time of each key. */
const WAITING = 0;
const NEWEST = 1;

export function earliestState({ input, keys }: Checked): StateShape {
  const types = input.schema.fields.map(({ type }) => type);
  const columns = [
    ...types,
    ...lineTypes(input),
    ...(input.windowed ? [TIMESTAMP, TIMESTAMP] : []),
  ];
  return {
    kind: 'rows',
    keys: keys.map((key) => types[key]),
    sides: [
      { columns, expires: true },
      { columns: [], expires: false },
    ],
  };
}

export class DedupeEarliest implements Operator {
  readonly #checked: Checked;
  readonly #state: RowState;
  readonly #late: LateRecords;
  readonly #hashes = new Int32Array(BATCH_ROWS_MAX);
  readonly #passed = new Int32Array(BATCH_ROWS_MAX);
  /** The one row whose key is being looked up. */
  readonly #one = new Int32Array(1);
  readonly #sequence = Float64Array.from({ length: BATCH_ROWS_MAX }, (_, i) => i);

  constructor(checked: Checked, state: State) {
    assert(state.kind === 'rows', 'a dedupe keeps rows');
    this.#checked = checked;
    this.#state = state;
    this.#late = new LateRecords(checked.input, checked.lateTo);
  }

  onBatch(all: Batch, _: number, out: Emitter): void {
    const batch = this.#late.divert(all, out);
    const { columns, eventTime: times, selection: rows, selected: count } = batch;
    const keys = this.#checked.keys.map((key) => columns[key]);
    const hashes = this.#hashes;
    this.#state.hash(keys, rows, count, hashes);
    const { input } = this.#checked;
    const kept = [...columns, ...linesOf(input, batch), ...(input.windowed ? windowOf(batch) : [])];
    this.#state.sides[WAITING].append({ keys, hashes, times, rows, count }, kept, null);
  }

  onTime({ inputs }: Marks, out: Emitter): Watermark {
    const mark = least(inputs);
    const waiting = this.#state.sides[WAITING];
    const positions = waiting.expired(mark);
    if (positions.length > 0) {
      const { times } = waiting;
      const columns = waiting.columns();
      // Lane and line lie behind the fields and tell rows apart by themselves.
      const { schema, stateless } = this.#checked.input;
      const ties = stateless ? columns.slice(schema.fields.length) : columns;
      positions.sort((a, b) => times[a] - times[b] || compareRows(ties, a, b) || a - b);
      for (let from = 0; from < positions.length; from += BATCH_ROWS_MAX) {
        this.#judge(columns, times, positions.subarray(from, from + BATCH_ROWS_MAX), out);
      }
    }
    this.#state.forget(WAITING, mark);
    this.#state.forget(NEWEST, mark - this.#checked.within);
    return mark;
  }

  pending(): Watermark {
    const [waiting, newest] = this.#state.sides;
    return Math.min(waiting.earliest(), newest.earliest() + this.#checked.within);
  }

  /**
   * @param columns of records that waited, with what is kept behind their fields
   * @param at rows of these, by time
   */
  #judge(columns: readonly Column[], times: Float64Array, at: Int32Array, out: Emitter): void {
    const { input, keys: keyFields, within } = this.#checked;
    const rows = at.length;
    const own = columns.map((column) => gather(column, at, rows));
    const eventTime = gatherNumbers(times, at, rows);
    const keys = keyFields.map((key) => own[key]);
    this.#state.hash(keys, null, rows, this.#hashes);
    const newest = this.#state.sides[NEWEST];
    const one = { keys, hashes: this.#hashes, times: eventTime, rows: this.#one, count: 1 };
    let passed = 0;
    for (let row = 0; row < rows; row++) {
      this.#one[0] = row;
      const apart = eventTime[row] - newest.newest(one, row);
      if (apart > within) this.#passed[passed++] = row;
      if (apart > 0 && !newest.renew(one, row)) newest.append(one, [], null);
    }
    if (passed < rows) out.drop('filtered', rows - passed);
    if (passed === 0) return;
    const [start, end] = input.windowed ? own.slice(-2).map(numbers) : [null, null];
    out.emit({
      schema: input.schema,
      columns: own.slice(0, input.schema.fields.length),
      rows,
      selection: this.#passed,
      selected: passed,
      eventTime,
      sequence: this.#sequence,
      late: null,
      lateBy: null,
      ingestTime: out.now,
      windowStart: start,
      windowEnd: end,
    });
  }
}

function windowOf({ windowStart, windowEnd }: Batch): readonly [Column, Column] {
  assert(windowStart !== null && windowEnd !== null, 'results of windows have bounds');
  return [
    { type: 'timestamp', values: windowStart, valid: null },
    { type: 'timestamp', values: windowEnd, valid: null },
  ];
}
