/**
 * Left records that are looked up: each is paired with at most one version of the right side and leaves at once, in
 * its turn. A version that does not meet the condition is none, and an older one does not count in its stead.
 */
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { END } from '../stream/watermark.ts';
import type { Checked } from './join-check.ts';
import { choose, Pairs, type Picked, type Source } from './join-pairs.ts';
import type { Emitter } from './operator.ts';
import type { Candidates, KeyedRows, RowSide } from './operator-state.ts';

export class Lookup {
  readonly #checked: Checked;
  readonly #pairs: Pairs;
  /** The earliest time of a version that counts, less the time of who asks. */
  readonly #low: Micros;
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);
  readonly #partners = new Int32Array(BATCH_ROWS_MAX);
  readonly #found: Candidates = {
    probing: new Int32Array(BATCH_ROWS_MAX),
    kept: new Int32Array(BATCH_ROWS_MAX),
    count: 0,
    next: 0,
  };

  /** @param retention a version counts while it is less than this old; END: always */
  constructor(checked: Checked, retention: Micros) {
    this.#checked = checked;
    this.#pairs = new Pairs(checked);
    this.#low = 1 - retention;
  }

  /**
   * @param asking no more than a batch of left records; its times are compared with those of the versions
   * @param left where its rows lie
   */
  leave(asking: KeyedRows, left: Source, side: RowSide, versions: Source, out: Emitter): void {
    const found = this.#found;
    found.count = 0;
    found.next = 0;
    side.find(asking, this.#low, 0, found, END, 1);
    const own = { source: left, at: found.probing };
    const others = { source: versions, at: found.kept };
    const meeting = this.#pairs.meeting(own, others, found.count, this.#rows);
    if (meeting !== undefined) {
      choose(found.probing, this.#rows, meeting);
      choose(found.kept, this.#rows, meeting);
      found.count = meeting;
    }
    if (this.#checked.kind === 'left') this.#leaveAll(asking, own, versions, out);
    else this.#leaveApart(asking, own, others, out);
  }

  /** All leave on one stream, with NULL where no version was found. */
  #leaveAll({ rows, count }: KeyedRows, left: Picked, versions: Source, out: Emitter): void {
    const { probing, kept, count: pairs } = this.#found;
    const at = this.#rows;
    const partners = this.#partners;
    let next = 0;
    for (let k = 0; k < count; k++) {
      at[k] = rows === null ? k : rows[k];
      partners[k] = next < pairs && probing[next] === at[k] ? kept[next++] : -1;
    }
    const right = { source: versions, at: partners, sparse: next < count };
    out.emit(this.#pairs.results({ ...left, at }, right, count, out.now));
  }

  /** Pairs leave, and who is left over, if the author named a stream for them. */
  #leaveApart({ rows, count }: KeyedRows, left: Picked, right: Picked, out: Emitter): void {
    const { probing, count: pairs } = this.#found;
    if (pairs > 0) out.emit(this.#pairs.results(left, right, pairs, out.now));
    const { unmatchedTo } = this.#checked;
    if (unmatchedTo === undefined) return;
    let next = 0;
    let alone = 0;
    for (let k = 0; k < count; k++) {
      const row = rows === null ? k : rows[k];
      if (next < pairs && probing[next] === row) next++;
      else this.#rows[alone++] = row;
    }
    if (alone === 0) return;
    out.emit(this.#pairs.unmatched({ ...left, at: this.#rows }, alone, out.now), unmatchedTo);
  }
}
