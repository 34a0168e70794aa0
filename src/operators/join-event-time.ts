/**
 * Each left record with the version of the right side that was the newest at its own time, whatever came first.
 *
 *   a version       a right record, until the next of its key; of equal times the greater `_seq`, else the greater record
 *   counts for      left records with r <= l < r + retention
 *   passes on       M = min(W_l, W_r): what lies up to M is complete on both sides
 *
 * Records of both sides wait until M has passed them. Then they go by in order of time, the right ones before the left
 * ones of the same time: the right ones become the versions of their keys, the left ones are looked up and leave, in
 * order of their time, then of arrival. So nothing depends on how the two sides came, or were cut into batches.
 */
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { END, least, type Watermark } from '../stream/watermark.ts';
import { compareRows } from './compare-rows.ts';
import type { Checked } from './join-check.ts';
import { JoinKeys, NO_KEYS } from './join-keys.ts';
import { Lookup } from './join-lookup.ts';
import { keptSource, type Source } from './join-pairs.ts';
import { inputOf, keysOf, LEFT, RIGHT, usedFields, waitingFields } from './join-sides.ts';
import { LateRecords } from './late.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { KeyedRows, RowSide, RowState } from './operator-state.ts';

const VERSIONS = 0;
/** The sides of those that wait, by input. */
const WAITING = [1, 2] as const;

/** Versions that come in before left records are looked up: those of one key that are too new are walked past. */
const VERSIONS_AHEAD = 256;

export class JoinEventTime implements Operator {
  readonly #checked: Checked;
  readonly #retention: Micros;
  readonly #state: RowState;
  readonly #keys: JoinKeys;
  readonly #lookup: Lookup;
  readonly #late: readonly LateRecords[];
  readonly #kept: readonly number[];
  readonly #waiting: readonly (readonly number[])[];
  /** Right records have a `_seq`. */
  readonly #numbered: boolean;

  constructor(checked: Checked, retention: Micros, state: RowState) {
    this.#checked = checked;
    this.#retention = retention;
    this.#state = state;
    this.#keys = new JoinKeys(state);
    this.#lookup = new Lookup(checked, retention);
    const sides = [LEFT, RIGHT];
    this.#late = sides.map((side) => new LateRecords(inputOf(checked, side), checked.lateTo[side]));
    this.#kept = usedFields(checked, RIGHT);
    this.#waiting = sides.map((side) => waitingFields(checked, side));
    this.#numbered = checked.right.stateless;
  }

  onBatch(all: Batch, input: number, out: Emitter): void {
    const batch = this.#late[input].divert(all, out);
    const { columns, eventTime: times, sequence, selection: rows, selected: count } = batch;
    const kept = this.#waiting[input].map((field) => columns[field]);
    if (input === RIGHT && this.#numbered) {
      kept.push({ type: 'double', values: sequence, valid: null });
    }
    const waiting = { ...NO_KEYS, times, rows, count };
    this.#state.sides[WAITING[input]].append(waiting, kept, null);
  }

  onTime({ inputs }: Marks, out: Emitter): Watermark {
    const { floor } = this.#state.sides[WAITING[LEFT]];
    const mark = least(inputs);
    if (mark <= floor) return floor;
    this.#pass(mark, out);
    for (const side of WAITING) this.#state.forget(side, mark);
    // Behind the end of all input no one asks any more, and those of a later run begin with nothing.
    this.#state.forget(VERSIONS, mark === END ? END : mark + 1 - this.#retention);
    return mark;
  }

  pending(): Watermark {
    const { sides } = this.#state;
    let first = sides[VERSIONS].earliest() + this.#retention - 1;
    for (const side of WAITING) first = Math.min(first, sides[side].earliest());
    return first;
  }

  /** Lets all records up to a mark go by. */
  #pass(mark: Watermark, out: Emitter): void {
    const [left, right] = WAITING.map((side) => this.#state.sides[side]);
    const asking = left.expired(mark);
    const coming = right.expired(mark);
    this.#settleTies(coming, right);
    let asked = 0;
    let came = 0;
    while (asked < asking.length || came < coming.length) {
      const ahead = asked < asking.length ? VERSIONS_AHEAD : BATCH_ROWS_MAX;
      const end = Math.min(coming.length, came + ahead);
      if (end > came) this.#renew(coming.subarray(came, end));
      came = end;
      const until = came < coming.length ? right.times[coming[came]] : END;
      const from = asked;
      while (asked < asking.length && left.times[asking[asked]] < until) asked++;
      for (let first = from; first < asked; first += BATCH_ROWS_MAX) {
        this.#leave(asking.subarray(first, Math.min(asked, first + BATCH_ROWS_MAX)), out);
      }
    }
  }

  /** Puts right records of equal times in the order in which one takes the place of another. */
  #settleTies(rows: Int32Array, waiting: RowSide): void {
    const { times } = waiting;
    let by: readonly Column[] | undefined;
    for (let from = 0, to = 0; from < rows.length; from = to) {
      const time = times[rows[from]];
      to = from + 1;
      while (to < rows.length && times[rows[to]] === time) to++;
      if (to - from === 1) continue;
      by ??= this.#ranks(waiting);
      const columns = by;
      rows.subarray(from, to).sort((a, b) => compareRows(columns, a, b));
    }
  }

  /** The columns that rank right records of equal times. */
  #ranks(waiting: RowSide): readonly Column[] {
    const columns = waiting.columns();
    return this.#numbered ? [...columns.slice(-1), ...columns.slice(0, -1)] : columns;
  }

  /** Right records become the newest versions of their keys. */
  #renew(rows: Int32Array): void {
    const { sides } = this.#state;
    const from = keptSource(sides[WAITING[RIGHT]], this.#waiting[RIGHT]);
    const kept = this.#kept.flatMap((field) => from.columns[field] ?? []);
    sides[VERSIONS].append(this.#keyed(RIGHT, from, rows), kept, null);
  }

  #leave(rows: Int32Array, out: Emitter): void {
    const { sides } = this.#state;
    const left = keptSource(sides[WAITING[LEFT]], this.#waiting[LEFT]);
    const versions = keptSource(sides[VERSIONS], this.#kept);
    this.#lookup.leave(this.#keyed(LEFT, left, rows), left, sides[VERSIONS], versions, out);
  }

  #keyed(input: number, { columns, times }: Source, rows: Int32Array): KeyedRows {
    const keys = keysOf(this.#checked, input).flatMap((key) => columns[key] ?? []);
    return this.#keys.of(keys, times, rows, rows.length);
  }
}
