/**
 * Each left record with the newest version of the right side that has come when it comes itself.
 *
 *   a version       the last right record of its key (NULL equals nothing) to arrive; it takes the place of the one
 *                   before it, whatever its event time
 *   counts while    log time < when it arrived + retention
 *   passes on       W_l: a left record leaves as it comes, with its own time
 *
 * Log time, and not W_r, because the right side may be a stream of revisions, which has no watermark.
 */
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import type { Checked } from './join-check.ts';
import { JoinKeys } from './join-keys.ts';
import { Lookup } from './join-lookup.ts';
import { keptSource, keptTimes, type Source, sourceOf } from './join-pairs.ts';
import { inputOf, keysOf, LEFT, RIGHT, readsRightTime, usedFields } from './join-sides.ts';
import { LateRecords } from './late.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { RowState } from './operator-state.ts';

/** The only side that is kept. */
const VERSIONS = 0;

export class JoinArrival implements Operator {
  readonly #checked: Checked;
  readonly #retention: Micros;
  readonly #state: RowState;
  readonly #keys: JoinKeys;
  readonly #lookup: Lookup;
  readonly #late: readonly LateRecords[];
  readonly #kept: readonly number[];
  readonly #keepsTime: boolean;
  /** Log time, for every row of a batch. */
  readonly #arrival = new Float64Array(BATCH_ROWS_MAX);

  constructor(checked: Checked, retention: Micros, state: RowState) {
    this.#checked = checked;
    this.#retention = retention;
    this.#state = state;
    this.#keys = new JoinKeys(state);
    this.#lookup = new Lookup(checked, retention);
    this.#late = [LEFT, RIGHT].map(
      (side) => new LateRecords(inputOf(checked, side), checked.lateTo[side]),
    );
    this.#kept = usedFields(checked, RIGHT);
    this.#keepsTime = readsRightTime(checked);
  }

  onBatch(all: Batch, input: number, out: Emitter): void {
    const batch = this.#late[input].divert(all, out);
    const { columns, eventTime, selection, selected } = batch;
    if (selected === 0) return;
    this.#arrival.fill(out.now, 0, batch.rows);
    const keys = keysOf(this.#checked, input).map((key) => columns[key]);
    const rows = this.#keys.of(keys, this.#arrival, selection, selected);
    const versions = this.#state.sides[VERSIONS];
    if (input === LEFT) {
      this.#lookup.leave(rows, sourceOf(batch), versions, this.#source(), out);
      return;
    }
    const kept = this.#kept.map((field) => columns[field]);
    if (this.#keepsTime) kept.push({ type: 'timestamp', values: eventTime, valid: null });
    versions.append(rows, kept, null);
  }

  onTime({ inputs, now }: Marks): Watermark {
    // Behind the end of all input no one asks any more.
    this.#state.forget(VERSIONS, now === END ? END : now - this.#retention);
    return inputs[LEFT];
  }

  due(): Micros {
    return this.#state.sides[VERSIONS].earliest() + this.#retention;
  }

  /** How far time has come on the right holds no one back. */
  needs(input: number, mark: Watermark): Watermark {
    return input === LEFT ? mark : BEGINNING;
  }

  #source(): Source {
    const side = this.#state.sides[VERSIONS];
    const source = keptSource(side, this.#kept);
    // Where no one reads their times it does not matter which they are.
    return { ...source, times: keptTimes(side, this.#kept) ?? source.times };
  }
}
