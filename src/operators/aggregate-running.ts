/**
 * Groups without a window: each multiple of `every` in log time lets those that have changed leave, as they
 * are then; with `emit: complete` it lets all of them leave if any has changed or was forgotten. With `retention: D` a group is a session of gap D: forgotten once the watermark is D behind its
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
import type { RunningGroups } from './aggregate-window.ts';
import { IntoSessions } from './into-sessions.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { SessionState } from './operator-state.ts';

export class AggregateRunning implements Operator {
  readonly #groups: RunningGroups;
  readonly #state: SessionState;
  readonly #into: IntoSessions;
  readonly #results: Results;

  constructor(checked: Checked, groups: RunningGroups, state: SessionState) {
    this.#groups = groups;
    this.#state = state;
    this.#into = new IntoSessions(checked, state, groups.most);
    this.#results = new Results(checked);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    if (this.#into.take(batch, out)) this.#changed(out.now);
  }

  onTime({ inputs, now }: Marks, out: Emitter): Watermark {
    const complete = this.#groups.emit === 'complete';
    if (now >= this.#state.due) {
      const changed = this.#state.changed();
      this.#emit(complete ? this.#state.newest() : changed, out);
      this.#state.due = END;
    }
    const ids = this.#state.ended(least(inputs));
    if (ids.length > 0) {
      // What was not due yet leaves before it is forgotten.
      const changed = this.#state.changed(ids);
      if (!complete) this.#emit(changed, out);
      this.#state.drop(ids);
      if (complete && now !== END) this.#changed(now);
    }
    if (!complete && !this.#state.hasChanges) this.#state.due = END;
    return BEGINNING;
  }

  /** Sees that something leaves at the next multiple of `every`: what was due at `now` itself has left. */
  #changed(now: Micros): void {
    const { every } = this.#groups;
    if (this.#state.due === END) this.#state.due = windowStart(now, every, 0) + every;
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
