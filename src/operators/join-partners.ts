/** What a left record has of partners: each is a group, and what is computed of it leaves as one record. */
import type { Program } from '../sql/expression.ts';
import { compile } from '../sql/program.ts';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import { END } from '../stream/watermark.ts';
import { Calls, kindsOf } from './aggregate-calls.ts';
import { readByCalls } from './aggregate-check.ts';
import type { Checked } from './join-check.ts';
import type { Bounds } from './join-form.ts';
import { choose, Pairs, type Source } from './join-pairs.ts';
import { layoutOf } from './join-scope.ts';
import type { Emitter } from './operator.ts';
import type { Candidates, KeyedRows, RowSide } from './operator-state.ts';
import { ScratchGroups } from './scratch-groups.ts';
import { readsOf } from './spec.ts';

export class Partners {
  readonly #checked: Checked;
  readonly #bounds: Bounds;
  readonly #pairs: Pairs;
  readonly #calls: Calls;
  readonly #groups: ScratchGroups;
  /** Columns of pairs that aggregates read, and of left records that fields read. */
  readonly #pairReads: readonly number[];
  readonly #leftReads: readonly number[];
  /** Where the results of aggregates stand: behind the columns of a pair. */
  readonly #first: number;
  readonly #fields: readonly Program[];
  /** By group: it has a partner. */
  readonly #matched = new Uint8Array(BATCH_ROWS_MAX);
  readonly #ids = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);
  readonly #ends = new Float64Array(BATCH_ROWS_MAX);
  readonly #found: Candidates = {
    probing: new Int32Array(BATCH_ROWS_MAX),
    kept: new Int32Array(BATCH_ROWS_MAX),
    count: 0,
    next: 0,
  };

  /** @param seed of hashes */
  constructor(checked: Checked, bounds: Bounds, seed: number) {
    const { calls, fields } = checked;
    this.#checked = checked;
    this.#bounds = bounds;
    this.#pairs = new Pairs(checked);
    this.#calls = new Calls(calls);
    this.#groups = new ScratchGroups(calls.flatMap(kindsOf), BATCH_ROWS_MAX, seed);
    this.#pairReads = [...readsOf(readByCalls(calls))];
    this.#first = layoutOf(checked).rightTime + 1;
    const expressions = fields.map(({ expression }) => expression);
    this.#leftReads = [...readsOf(expressions)].filter((index) => index < this.#first);
    this.#fields = expressions.map(compile);
  }

  /**
   * Takes the partners of no more than a batch of left records together.
   * @param asking rows of `left`, named one by one
   * @param ends by position in `left`: the latest time of a partner
   */
  find(asking: KeyedRows, left: Source, ends: Float64Array, side: RowSide, right: Source): void {
    const { before, after } = this.#bounds;
    const found = this.#found;
    this.#groups.begin(asking.count);
    this.#matched.fill(0, 0, asking.count);
    found.next = 0;
    let group = 0;
    while (found.next < asking.count) {
      found.count = 0;
      side.find(asking, -before, after, found, BATCH_ROWS_MAX, END);
      for (let first = 0; first < found.count; first += BATCH_ROWS_MAX) {
        const end = Math.min(found.count, first + BATCH_ROWS_MAX);
        const own = found.probing.subarray(first, end);
        const others = found.kept.subarray(first, end);
        const count = this.#meeting(left, own, ends, right, others);
        group = this.#group(asking, own, count, group);
        this.#fold(left, own, right, others, count);
      }
    }
  }

  /** Lets the left records leave of which the last call of `find` was. */
  leave(rows: Int32Array, left: Source, ends: Float64Array, out: Emitter): void {
    const count = this.#groups.size;
    const { kind, unmatchedTo } = this.#checked;
    const own = { source: left, at: rows };
    const columns = this.#pairs.columns(own, null, count, this.#leftReads);
    this.#calls.finishRunning(this.#groups).forEach((result, i) => {
      columns[this.#first + i] = result;
    });
    for (let k = 0; k < count; k++) this.#ends[k] = ends[rows[k]];
    const groups = this.#pairs.batch(columns, count, this.#ends, out.now, own);
    const results = { ...groups, columns: this.#fields.map((field) => field.evaluate(groups)) };
    if (kind === 'left') {
      out.emit(results);
      return;
    }
    let matched = 0;
    for (let k = 0; k < count; k++) if (this.#matched[k] === 1) this.#rows[matched++] = k;
    if (matched > 0) out.emit({ ...results, selection: this.#rows, selected: matched });
    if (matched === count || unmatchedTo === undefined) return;
    let alone = 0;
    for (let k = 0; k < count; k++) if (this.#matched[k] === 0) this.#rows[alone++] = rows[k];
    // They leave when their time is over, so that is the time they have.
    const over = { source: { ...left, times: ends }, at: this.#rows };
    out.emit(this.#pairs.unmatched(over, alone, out.now), unmatchedTo);
  }

  /** Picks the pairs that are in time and meet the condition. @returns how many, now the first of both */
  #meeting(
    left: Source,
    own: Int32Array,
    ends: Float64Array,
    right: Source,
    others: Int32Array,
  ): number {
    let count = 0;
    for (let k = 0; k < own.length; k++) {
      if (right.times[others[k]] > ends[own[k]]) continue;
      own[count] = own[k];
      others[count++] = others[k];
    }
    const [a, b] = [
      { source: left, at: own },
      { source: right, at: others },
    ];
    const meeting = this.#pairs.meeting(a, b, count, this.#rows);
    if (meeting === undefined) return count;
    choose(own, this.#rows, meeting);
    choose(others, this.#rows, meeting);
    return meeting;
  }

  /** Says of pairs to which group they belong; they come in the order of those who ask. */
  #group({ rows }: KeyedRows, own: Int32Array, count: number, from: number): number {
    let group = from;
    for (let k = 0; k < count; k++) {
      while ((rows === null ? group : rows[group]) !== own[k]) group++;
      this.#ids[k] = group;
      this.#matched[group] = 1;
    }
    return group;
  }

  #fold(left: Source, own: Int32Array, right: Source, others: Int32Array, count: number): void {
    if (count === 0 || this.#checked.calls.length === 0) return;
    const [a, b] = [
      { source: left, at: own },
      { source: right, at: others },
    ];
    const columns = this.#pairs.columns(a, b, count, this.#pairReads);
    this.#calls.evaluate(this.#pairs.batch(columns, count, this.#ends, 0, a));
    this.#calls.update(this.#groups, { rows: null, count, ids: this.#ids });
  }
}
