/**
 * The first records of each group so far: each multiple of `every` in log time lets those leave whose rank has
 * changed, as it is then. A group is forgotten as a running aggregate's is, and its records with it. Beside the
 * sessions that groups are, records are kept that are among the first; each says whose it is.
 *
 * A rank that changes is one at or behind a record that came since it was last looked at: records only come.
 * A result takes the place of the one of its group and rank before it, and carries its record's own time.
 */
import assert from 'node:assert';
import type { Program } from '../sql/expression.ts';
import { numbers } from '../sql/kernel.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { BOOLEAN, type DataType, LONG } from '../stream/schema.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, least, type Watermark } from '../stream/watermark.ts';
import { windowStart } from '../stream/window.ts';
import { LateRecords } from './late.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { SessionState } from './operator-state.ts';
import type { Checked } from './top-check.ts';
import { keptTypes, type Ranked, Ranking } from './top-ranking.ts';
import { TopResults } from './top-results.ts';

/** What is kept of a record behind what every `top` keeps: its session's id and order, whether it is new. */
export function runningTypes(checked: Checked): readonly DataType[] {
  return [...keptTypes(checked), LONG, LONG, BOOLEAN];
}

const NONE = new Int32Array(0);

interface Tags {
  readonly columns: readonly Column[];
  readonly ids: Float64Array;
  readonly orders: Float64Array;
  readonly news: Uint8Array;
}

export class TopRunning implements Operator {
  readonly #every: Micros;
  readonly #state: SessionState;
  readonly #keys: readonly Program[];
  readonly #late: LateRecords;
  readonly #ranking: Ranking;
  readonly #results: TopResults;
  readonly #sessions = new Int32Array(BATCH_ROWS_MAX);
  /** Of the batch at hand: sessions that are gone, and which they are now a part of. */
  readonly #joined = new Map<number, number>();
  /** By row of the batch at hand: what is kept of it. */
  readonly #ids = new Float64Array(BATCH_ROWS_MAX);
  readonly #orders = new Float64Array(BATCH_ROWS_MAX);
  readonly #news = new Uint8Array(BATCH_ROWS_MAX).fill(1);

  constructor(checked: Checked, every: Micros, state: SessionState) {
    this.#every = every;
    this.#state = state;
    this.#keys = checked.keys.map(({ expression }) => compile(expression));
    this.#late = new LateRecords(checked.input, checked.lateTo);
    this.#ranking = new Ranking(checked);
    this.#results = new TopResults(checked);
  }

  onBatch(batch: Batch, _: number, out: Emitter): void {
    const { eventTime, selection, selected } = this.#late.divert(batch, out);
    if (selected === 0) return;
    const keys = this.#keys.map((program) => program.evaluate(batch));
    this.#state.begin(keys, eventTime, selection, selected);
    this.#place(selected);
    const { orders, rows } = this.#state;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      const id =
        this.#joined.size === 0 ? this.#sessions[row] : this.#joinedTo(this.#sessions[row]);
      this.#ids[row] = id;
      this.#orders[row] = orders[id];
    }
    if (this.#joined.size > 0) this.#moveJoined();
    const tags: readonly Column[] = [
      { type: 'long', values: this.#ids, valid: null },
      { type: 'long', values: this.#orders, valid: null },
      { type: 'boolean', values: this.#news, valid: null },
    ];
    rows.append([...this.#ranking.columnsOf(batch), ...tags], selection, selected);
    this.#ranking.prune(rows, () => this.#sessionOf(), orders.length);
    // An entry comes after what was due at its own time.
    if (this.#state.due === END) {
      this.#state.due = windowStart(out.now, this.#every, 0) + this.#every;
    }
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
      // While others are there, what is left of these goes with what they lose.
      if (this.#state.earliestEnd() === END) this.#state.rows.keep(NONE, 0);
    }
    return BEGINNING;
  }

  pending(): Watermark {
    return this.#state.earliestEnd();
  }

  due(): Micros {
    return this.#state.due;
  }

  /** Finds sessions for the rows of a batch, and notes which became one on the way. */
  #place(count: number): void {
    this.#joined.clear();
    for (let from = 0; ; ) {
      from = this.#state.place(from, this.#sessions, Number.POSITIVE_INFINITY);
      if (from === count) return;
      const { into, gone } = this.#state.joining;
      this.#joined.set(gone, into);
      this.#state.join();
    }
  }

  #joinedTo(session: number): number {
    let id = session;
    for (let into = this.#joined.get(id); into !== undefined; into = this.#joined.get(id))
      id = into;
    return id;
  }

  /** Rows of sessions that became one are of that one, and new to it. */
  #moveJoined(): void {
    const { orders, rows } = this.#state;
    const grown = new Set([...this.#joined.values()].map((id) => this.#joinedTo(id)));
    const { ids, orders: of, news } = this.#tags();
    for (let row = 0; row < rows.size; row++) {
      if (of[row] !== orders[ids[row]]) continue;
      const id = this.#joinedTo(ids[row]);
      if (!grown.has(id)) continue;
      ids[row] = id;
      of[row] = orders[id];
      news[row] = 1;
    }
  }

  #tags(): Tags {
    const columns = this.#state.rows.columns();
    const [ids, orders, news] = columns.slice(this.#ranking.width);
    assert(news.type === 'boolean', 'what is kept last is a flag');
    return { columns, ids: numbers(ids), orders: numbers(orders), news: news.values };
  }

  /** By row: the id of its session; -1: that has been forgotten. */
  #sessionOf({ ids, orders } = this.#tags()): Int32Array {
    const of = new Int32Array(this.#state.rows.size);
    const present = this.#state.orders;
    for (let row = 0; row < of.length; row++) {
      of[row] = present[ids[row]] === orders[row] ? ids[row] : -1;
    }
    return of;
  }

  #emit(ids: Int32Array, out: Emitter): void {
    if (ids.length === 0) return;
    const placeOf = new Int32Array(this.#state.orders.length).fill(-1);
    for (let i = 0; i < ids.length; i++) placeOf[ids[i]] = i;
    const tags = this.#tags();
    const groupOf = this.#sessionOf(tags).map((id) => (id < 0 ? -1 : placeOf[id]));
    const changed = changedOf(this.#ranking.first(tags.columns, groupOf, ids.length), tags.news);
    for (let row = 0; row < groupOf.length; row++) if (groupOf[row] >= 0) tags.news[row] = 0;
    const kept = numbers(tags.columns[this.#ranking.times]);
    const { times } = this.#results;
    const fill = (first: number, rows: number): void => {
      for (let i = 0; i < rows; i++) times[i] = kept[changed.rows[first + i]];
    };
    this.#results.emit(tags.columns, changed, fill, out);
  }
}

/** Of each group the rows from the first on that is new. */
function changedOf({ count, rows, ranks, groups }: Ranked, news: Uint8Array): Ranked {
  const at = new Int32Array(count);
  let changed = 0;
  for (let i = 0, group = -1; i < count; i++) {
    if (news[rows[i]] === 1) group = groups[i];
    if (groups[i] === group) at[changed++] = i;
  }
  const places = at.subarray(0, changed);
  return {
    count: changed,
    rows: places.map((i) => rows[i]),
    ranks: Float64Array.from(places, (i) => ranks[i]),
    groups: places.map((i) => groups[i]),
  };
}
