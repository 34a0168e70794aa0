/**
 * `session`: the records of a key that are no farther apart than the gap. A record spans [time, time + gap];
 * spans merge where they touch, ends included. The window is [first time, last time + gap) and closes once
 * the watermark has reached its end, for a record of that very time would still belong to it.
 *
 * Results leave by end, then in the order in which sessions began to arrive, with the time end - 1 us, which
 * is why a watermark is passed on less 1 us; they are numbered from 0 at each end.
 */
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { closingMark, least, type Watermark } from '../stream/watermark.ts';
import type { Checked } from './aggregate-check.ts';
import { Results } from './aggregate-results.ts';
import { IntoSessions } from './into-sessions.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { SessionState } from './operator-state.ts';

export class AggregateSession implements Operator {
  readonly #gap: Micros;
  readonly #state: SessionState;
  readonly #into: IntoSessions;
  readonly #results: Results;
  /** The end and the number of the last result. */
  readonly #last = { end: Number.NaN, sequence: 0 };

  constructor(checked: Checked, gap: Micros, state: SessionState) {
    this.#gap = gap;
    this.#state = state;
    this.#into = new IntoSessions(checked, state);
    this.#results = new Results(checked);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    this.#into.take(batch, out);
  }

  onTime({ inputs }: Marks, out: Emitter): Watermark {
    const mark = least(inputs);
    const ids = this.#state.ended(mark);
    for (let first = 0; first < ids.length; first += BATCH_ROWS_MAX) {
      this.#emit(ids.subarray(first, first + BATCH_ROWS_MAX), out);
    }
    if (ids.length > 0) this.#state.drop(ids);
    return mark - 1;
  }

  closingMark(time: Micros): Watermark {
    return closingMark(time + this.#gap);
  }

  pending(): Watermark {
    return this.#state.earliestEnd();
  }

  needs(_: number, mark: Watermark): Watermark {
    return mark + 1;
  }

  #emit(ids: Int32Array, out: Emitter): void {
    const { firsts, lasts } = this.#state;
    const { times, starts, ends, sequence } = this.#results;
    const fill = (): void => {
      for (let i = 0; i < ids.length; i++) {
        const end = lasts[ids[i]] + this.#gap;
        this.#last.sequence = end === this.#last.end ? this.#last.sequence + 1 : 0;
        this.#last.end = end;
        times[i] = closingMark(end);
        starts[i] = firsts[ids[i]];
        ends[i] = end;
        sequence[i] = this.#last.sequence;
      }
    };
    const groups = this.#state.pick(ids, ids.length);
    const results = this.#into.calls.finish(groups);
    this.#results.emit(groups.keys(), results, ids.length, fill, out);
  }
}
