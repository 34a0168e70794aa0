/**
 * Groups without a window: each multiple of `every` in log time lets those that have changed leave, as they
 * are then. With `retention: D` a group is a session of gap D: forgotten once the watermark is D behind its
 * last record, and a later record starts anew. Of a key with several sessions only the newest leaves.
 *
 * A result takes the place of the key's one before it and carries the time of the group's newest record.
 * Nothing is ever complete here, so no watermark is passed on.
 */
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, least, type Watermark } from '../stream/watermark.ts';
import { windowStart } from '../stream/window.ts';
import type { Checked } from './aggregate-check.ts';
import { Results } from './aggregate-results.ts';
import { IntoSessions } from './into-sessions.ts';
import type { Emitter, Marks, Operator, SessionState } from './operator.ts';

export class AggregateRunning implements Operator {
  readonly #every: Micros;
  readonly #state: SessionState;
  readonly #into: IntoSessions;
  readonly #results: Results;

  constructor(checked: Checked, every: Micros, state: SessionState) {
    this.#every = every;
    this.#state = state;
    this.#into = new IntoSessions(checked, state);
    this.#results = new Results(checked);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    if (!this.#into.take(batch, out) || this.#state.due !== END) return;
    // An entry comes after what was due at its own time.
    this.#state.due = windowStart(out.now, this.#every, 0) + this.#every;
  }

  onTime({ inputs, now }: Marks, out: Emitter): Watermark {
    if (now >= this.#state.due) {
      this.#emit(this.#state.changed(), out);
      this.#state.due = END;
    }
    const ids = this.#state.ended(least(inputs));
    if (ids.length > 0) {
      // What was not due yet leaves before it is forgotten.
      this.#emit(this.#state.changed(ids), out);
      this.#state.drop(ids);
    }
    return BEGINNING;
  }

  pending(): Watermark {
    return this.#state.earliestEnd();
  }

  due(): Micros {
    return this.#state.due;
  }

  #emit(all: Int32Array, out: Emitter): void {
    for (let from = 0; from < all.length; from += BATCH_ROWS_MAX) {
      const ids = all.subarray(from, from + BATCH_ROWS_MAX);
      const { lasts } = this.#state;
      const { times, sequence } = this.#results;
      const fill = (): void => {
        for (let i = 0; i < ids.length; i++) {
          times[i] = lasts[ids[i]];
          sequence[i] = from + i;
        }
      };
      const groups = this.#state.pick(ids, ids.length);
      const results = this.#into.calls.finishRunning(groups);
      this.#results.emit(groups.keys(), results, ids.length, fill, out);
    }
  }
}
