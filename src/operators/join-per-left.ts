/**
 * One record for each left record, once its time is over, computed from all of its partners.
 *
 *   a partner       l - before <= r <= end, keys equal (NULL equals nothing), and `where` is TRUE
 *   end             l + after; with `until` that field instead, but no earlier than l, no later than l + after
 *   leaves          when W_r >= end, with the time `end`; in order of these, then of arrival
 *   kept until      a left record until then; a right one until W_l >= r + before and W_r >= r + before + after
 *   passes on       min(W_l, W_r): who is still to leave has an end behind one of them
 */
import assert from 'node:assert';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { least, type Watermark } from '../stream/watermark.ts';
import type { Checked } from './join-check.ts';
import type { Bounds, Form } from './join-form.ts';
import { JoinKeys, NO_KEYS } from './join-keys.ts';
import { keptSource, keptTimes, type Source } from './join-pairs.ts';
import { Partners } from './join-partners.ts';
import { inputOf, keysOf, LEFT, RIGHT, usedFields, waitingFields } from './join-sides.ts';
import { LateRecords } from './late.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { RowState } from './operator-state.ts';

export class JoinPerLeft implements Operator {
  readonly #checked: Checked;
  readonly #bounds: Bounds;
  readonly #until: number | undefined;
  readonly #state: RowState;
  readonly #keys: JoinKeys;
  readonly #partners: Partners;
  readonly #late: readonly LateRecords[];
  readonly #waiting: readonly number[];
  readonly #kept: readonly number[];
  /** By row of the batch at hand. */
  readonly #ends = new Float64Array(BATCH_ROWS_MAX);
  readonly #over = new Int32Array(BATCH_ROWS_MAX);
  readonly #keep = new Int32Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, { bounds, until }: Form & { by: 'left' }, state: RowState) {
    this.#checked = checked;
    this.#bounds = bounds;
    this.#until = until;
    this.#state = state;
    this.#keys = new JoinKeys(state);
    this.#partners = new Partners(checked, bounds, state.seed);
    this.#late = [LEFT, RIGHT].map(
      (side) => new LateRecords(inputOf(checked, side), checked.lateTo[side]),
    );
    this.#waiting = waitingFields(checked, LEFT);
    this.#kept = usedFields(checked, RIGHT);
  }

  onBatch(all: Batch, input: number, out: Emitter): void {
    const batch = this.#late[input].divert(all, out);
    if (batch.selected === 0) return;
    if (input === LEFT) this.#take(batch, out);
    else {
      const { columns, eventTime, selection, selected } = batch;
      const keys = keysOf(this.#checked, RIGHT).map((key) => columns[key]);
      const rows = this.#keys.of(keys, eventTime, selection, selected);
      const kept = this.#kept.map((field) => columns[field]);
      this.#state.sides[RIGHT].append(rows, kept, null);
    }
  }

  onTime({ inputs }: Marks, out: Emitter): Watermark {
    const [left, right] = inputs;
    const { before, after } = this.#bounds;
    const waiting = this.#state.sides[LEFT];
    if (right > waiting.floor) {
      const over = waiting.expired(right);
      for (let first = 0; first < over.length; first += BATCH_ROWS_MAX) {
        const rows = over.subarray(first, first + BATCH_ROWS_MAX);
        this.#leave(this.#source(), waiting.times, rows, rows.length, out);
      }
      this.#state.forget(LEFT, right);
    }
    this.#state.forget(RIGHT, Math.min(left - before, right - before - after));
    return least(inputs);
  }

  pending(input: number): Watermark {
    const { before, after } = this.#bounds;
    const [left, right] = this.#state.sides;
    const kept = right.earliest() + before;
    return input === LEFT ? kept : Math.min(left.earliest(), kept + after);
  }

  /** Left records whose time is over already leave at once, the others wait for it. */
  #take(batch: Batch, out: Emitter): void {
    const { columns, eventTime, selection, selected } = batch;
    const ends = this.#endsOf(batch);
    const { floor } = this.#state.sides[LEFT];
    let over = 0;
    let keep = 0;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      if (ends[row] <= floor) this.#over[over++] = row;
      else this.#keep[keep++] = row;
    }
    const kept = this.#waiting.map((field) => columns[field]);
    kept.push({ type: 'timestamp', values: eventTime, valid: null });
    const rows = { ...NO_KEYS, times: ends, rows: this.#keep, count: keep };
    this.#state.sides[LEFT].append(rows, kept, null);
    if (over > 0) this.#leave({ columns, times: eventTime }, ends, this.#over, over, out);
  }

  #endsOf({ columns, eventTime, rows }: Batch): Float64Array {
    const ends = this.#ends;
    const { after } = this.#bounds;
    const until = this.#until === undefined ? undefined : columns[this.#until];
    for (let row = 0; row < rows; row++) ends[row] = eventTime[row] + after;
    if (until?.type !== 'timestamp') return ends;
    const { values, valid } = until;
    for (let row = 0; row < rows; row++) {
      // A record that does not say until when has all the time there is.
      if (valid !== null && valid[row] === 0) continue;
      ends[row] = Math.min(Math.max(eventTime[row], values[row]), ends[row]);
    }
    return ends;
  }

  /** @param ends by position in the source */
  #leave(left: Source, ends: Float64Array, rows: Int32Array, count: number, out: Emitter): void {
    const keys = keysOf(this.#checked, LEFT).flatMap((key) => left.columns[key] ?? []);
    const asking = this.#keys.of(keys, left.times, rows, count);
    const side = this.#state.sides[RIGHT];
    this.#partners.find(asking, left, ends, side, keptSource(side, this.#kept));
    this.#partners.leave(rows, left, ends, out);
  }

  /** Left records that wait: the time of a kept row is its end, its own time a column behind the others. */
  #source(): Source {
    const side = this.#state.sides[LEFT];
    const times = keptTimes(side, this.#waiting);
    assert(times !== null, 'those who wait have a time of their own');
    return { ...keptSource(side, this.#waiting), times };
  }
}
