/**
 * What windows without a fixed size share, `session` and running groups: records are taken into the sessions
 * of their keys in the order of the log, also where one joins two sessions, so that the bits of a sum depend
 * on the log and not on how it was cut into batches.
 */
import type { Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { Calls } from './aggregate-calls.ts';
import type { Checked } from './aggregate-check.ts';
import { LateRecords } from './late.ts';
import type { Emitter } from './operator.ts';
import type { SessionState } from './operator-state.ts';

export class IntoSessions {
  readonly calls: Calls;
  readonly #state: SessionState;
  readonly #keys: readonly Program[];
  readonly #late: LateRecords;
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);
  readonly #refused = new Int32Array(BATCH_ROWS_MAX);
  readonly #one = new Int32Array(1);
  readonly #most: number;

  /** @param most groups there may be; the first record of another is rejected */
  constructor(
    { input, keys, calls, lateTo }: Checked,
    state: SessionState,
    most = Number.POSITIVE_INFINITY,
  ) {
    this.#most = most;
    this.calls = new Calls(calls);
    this.#state = state;
    this.#keys = keys.map(({ expression }) => compile(expression));
    this.#late = new LateRecords(input, lateTo);
  }

  /** @returns whether there was a record to take */
  take(batch: Batch, out: Emitter): boolean {
    const { eventTime, selection, selected } = this.#late.divert(batch, out);
    if (selected === 0) return false;
    this.calls.evaluate(batch);
    const keys = this.#keys.map((program) => program.evaluate(batch));
    this.#state.begin(keys, eventTime, selection, selected);
    let refused = 0;
    for (let from = 0; ; ) {
      const to = this.#state.place(from, this.#ids, this.#most);
      this.#update(selection, from, to, selected);
      if (to === selected) break;
      from = to;
      if (this.#state.joining.into >= 0) this.#join();
      else this.#refused[refused++] = selection === null ? from++ : selection[from++];
    }
    if (refused > 0) {
      const detail = `it would open a group beyond max_groups: ${this.#most}`;
      out.reject('too-many-groups', detail, batch, this.#refused, refused);
    }
    return refused < selected;
  }

  #update(selection: Int32Array | null, from: number, to: number, count: number): void {
    if (from === to) return;
    let rows = selection;
    if (from > 0 || to < count) {
      for (let k = from; k < to; k++) this.#rows[k - from] = selection === null ? k : selection[k];
      rows = this.#rows;
    }
    this.calls.update(this.#state, { rows, count: to - from, ids: this.#ids });
  }

  #join(): void {
    const { into, gone } = this.#state.joining;
    this.#one[0] = gone;
    const from = this.#state.pick(this.#one, 1);
    this.#one[0] = into;
    this.calls.merge(this.#state, from, { rows: null, count: 1, ids: this.#one });
    this.#state.join();
  }
}
