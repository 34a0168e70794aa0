/**
 * Pairs of records that lie close enough in time, or at any time, or are results of the same window: these have the
 * same time, that of its end, and where it begins is part of their key.
 *
 *   a pair when      l - before <= r <= l + after, keys equal (NULL equals nothing), and `where` is TRUE
 *   kept until       a left record until W_r >= l + after, a right one until W_l >= r + before
 *   passes on        min(W_l, W_r - after); where right records leave alone, also W_r and W_l - before
 *
 * A pair leaves when the later of its two records arrives, with the left one's time. A record without a
 * partner leaves when it is kept no longer: then none can come. So what leaves does not depend on how the
 * log was cut into batches; who leaves alone does so in order of time, then of arrival.
 */
import assert from 'node:assert';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import type { Checked } from './join-check.ts';
import type { Bounds } from './join-form.ts';
import { JoinKeys } from './join-keys.ts';
import {
  choose,
  keptSource,
  keptTimes,
  Pairs,
  type Picked,
  type Source,
  sourceOf,
} from './join-pairs.ts';
import { keysOf, LEFT, leavesAlone, RIGHT, usedFields } from './join-sides.ts';
import { LateRecords } from './late.ts';
import type { Emitter, Marks, Operator } from './operator.ts';
import type { Candidates, KeyedRows, RowState } from './operator-state.ts';

const ALWAYS: Bounds = { before: END, after: END };
const AT_ONCE: Bounds = { before: 0, after: 0 };

function boundsOf(form: Checked['form']): Bounds {
  if (form.by === 'within') return form.bounds;
  return form.by === 'window' ? AT_ONCE : ALWAYS;
}

export class JoinWithin implements Operator {
  readonly #checked: Checked;
  readonly #state: RowState;
  readonly #bounds: Bounds;
  readonly #keys: JoinKeys;
  readonly #pairs: Pairs;
  readonly #late: readonly LateRecords[];
  /** By side: which fields are kept, and whether it matters who has a partner. */
  readonly #kept: readonly (readonly number[])[];
  readonly #noted: readonly boolean[];
  /** By side: a record wants no more than one partner, and it does not matter which. */
  readonly #one: readonly boolean[];
  /** By row of the batch at hand: it has found a partner. */
  readonly #matched = new Uint8Array(BATCH_ROWS_MAX);
  readonly #keep = new Int32Array(BATCH_ROWS_MAX);
  readonly #alone = new Int32Array(BATCH_ROWS_MAX);
  readonly #rows = new Int32Array(BATCH_ROWS_MAX);
  readonly #candidates: Candidates = {
    probing: new Int32Array(BATCH_ROWS_MAX),
    kept: new Int32Array(BATCH_ROWS_MAX),
    count: 0,
    next: 0,
  };

  constructor(checked: Checked, state: RowState) {
    this.#checked = checked;
    this.#state = state;
    this.#bounds = boundsOf(checked.form);
    this.#keys = new JoinKeys(state);
    this.#pairs = new Pairs(checked);
    this.#late = [
      new LateRecords(checked.left, checked.lateTo[LEFT]),
      new LateRecords(checked.right, checked.lateTo[RIGHT]),
    ];
    this.#kept = [usedFields(checked, LEFT), usedFields(checked, RIGHT)];
    const isSemi = checked.kind === 'semi';
    const asksWhether = (isSemi || checked.kind === 'anti') && checked.where === undefined;
    this.#one = [asksWhether, false];
    this.#noted = [leavesAlone(checked, LEFT) || isSemi, leavesAlone(checked, RIGHT)];
  }

  onBatch(all: Batch, input: number, out: Emitter): void {
    const batch = this.#late[input].divert(all, out);
    if (batch.selected === 0) return;
    const { columns, eventTime, selection, selected } = batch;
    const keys = keysOf(this.#checked, input).map((key) => columns[key]);
    if (this.#checked.windowed) keys.push(startOf(batch));
    const probing = this.#keys.of(keys, eventTime, selection, selected);
    if (this.#noted[input]) this.#matched.fill(0, 0, batch.rows);
    this.#find(batch, probing, input, out);
    this.#append(batch, probing, input, out);
  }

  onTime({ inputs: [left, right], now }: Marks, out: Emitter): Watermark {
    if (this.#checked.form.by === 'forever') return BEGINNING;
    const { before, after } = this.#bounds;
    this.#forget(LEFT, right - after, now, out);
    this.#forget(RIGHT, left - before, now, out);
    // What is forgotten never falls, not even when an edit widens the bounds.
    const [ofLeft, ofRight] = this.#state.sides;
    return Math.min(ofLeft.floor, leavesAlone(this.#checked, RIGHT) ? ofRight.floor : left);
  }

  pending(input: number): Watermark {
    const { before, after } = this.#bounds;
    return input === LEFT
      ? this.#state.sides[RIGHT].earliest() + before
      : this.#state.sides[LEFT].earliest() + after;
  }

  needs(input: number, mark: Watermark): Watermark {
    const { before, after } = this.#bounds;
    if (input === RIGHT) return mark + after;
    return leavesAlone(this.#checked, RIGHT) ? mark + before : mark;
  }

  /** Pairs the rows of a batch with those kept on the other side. */
  #find(batch: Batch, probing: KeyedRows, input: number, out: Emitter): void {
    const { before, after } = this.#bounds;
    const [low, high] = input === LEFT ? [-before, after] : [-after, before];
    const other = this.#state.sides[1 - input];
    const found = this.#candidates;
    found.next = 0;
    const each = this.#one[input] ? 1 : END;
    while (found.next < probing.count) {
      found.count = 0;
      other.find(probing, low, high, found, BATCH_ROWS_MAX, each);
      for (let first = 0; first < found.count; first += BATCH_ROWS_MAX) {
        const end = Math.min(found.count, first + BATCH_ROWS_MAX);
        this.#pair(batch, input, first, end, out);
      }
    }
  }

  /** Judges candidates first..end-1, notes who has a partner, and lets pairs leave. */
  #pair(batch: Batch, input: number, first: number, end: number, out: Emitter): void {
    const found = this.#candidates;
    const own = found.probing.subarray(first, end);
    const others = found.kept.subarray(first, end);
    const [leftAt, rightAt] = input === LEFT ? [own, others] : [others, own];
    const sources = [LEFT, RIGHT].map((side) =>
      side === input ? sourceOf(batch) : this.#source(side),
    );
    const left = { source: sources[LEFT], at: leftAt };
    const right = { source: sources[RIGHT], at: rightAt };
    let count = end - first;
    const meeting = this.#pairs.meeting(left, right, count, this.#rows);
    if (meeting !== undefined) {
      count = meeting;
      choose(leftAt, this.#rows, count);
      choose(rightAt, this.#rows, count);
    }
    for (const side of [LEFT, RIGHT]) {
      if (!this.#noted[side]) continue;
      const matched = side === input ? this.#matched : this.#state.sides[side].matched;
      const fresh = note(matched, side === LEFT ? leftAt : rightAt, count, this.#rows);
      if (this.#checked.kind !== 'semi') continue;
      choose(leftAt, this.#rows, fresh);
      count = fresh;
    }
    if (count === 0 || this.#checked.kind === 'anti') return;
    const partner = this.#checked.kind === 'semi' ? null : right;
    out.emit(this.#pairs.results(left, partner, count, batch.ingestTime));
  }

  /** Keeps the rows of a batch that may still find a partner; the others leave alone, if they are alone. */
  #append(batch: Batch, probing: KeyedRows, input: number, out: Emitter): void {
    const side = this.#state.sides[input];
    const { times, rows } = probing;
    const noted = this.#noted[input];
    const { kind } = this.#checked;
    // A record of these has said all it can once it has a partner.
    const once = input === LEFT && (kind === 'semi' || kind === 'anti');
    let kept = noted ? 0 : later(times, side.floor, rows, probing.count, this.#keep);
    let alone = 0;
    for (let k = 0; noted && k < probing.count; k++) {
      const row = rows === null ? k : rows[k];
      const matched = this.#matched[row];
      if (once && matched === 1) continue;
      if (times[row] > side.floor) this.#keep[kept++] = row;
      else if (matched === 0) this.#alone[alone++] = row;
    }
    const all = kept === batch.rows;
    const keep = { ...probing, rows: all ? null : this.#keep, count: kept };
    const columns = this.#kept[input].map((field) => batch.columns[field]);
    if (this.#checked.windowed) columns.push(startOf(batch));
    side.append(keep, columns, noted ? this.#matched : null);
    if (alone === 0 || !leavesAlone(this.#checked, input)) return;
    const picked = { source: sourceOf(batch), at: this.#alone };
    this.#leave(picked, input, alone, batch.ingestTime, out);
  }

  #forget(side: number, through: Watermark, now: Micros, out: Emitter): void {
    if (leavesAlone(this.#checked, side)) {
      const expired = this.#state.sides[side].expired(through);
      const source = expired.length > 0 ? this.#source(side) : undefined;
      for (let first = 0; source !== undefined && first < expired.length; first += BATCH_ROWS_MAX) {
        const at = expired.subarray(first, first + BATCH_ROWS_MAX);
        this.#leave({ source, at }, side, at.length, now, out);
      }
    }
    this.#state.forget(side, through);
  }

  /** Lets records of a side leave without a partner. */
  #leave(picked: Picked, side: number, count: number, now: Micros, out: Emitter): void {
    const { unmatchedTo } = this.#checked;
    if (unmatchedTo !== undefined) {
      out.emit(this.#pairs.unmatched(picked, count, now), unmatchedTo);
    } else if (side === LEFT) {
      out.emit(this.#pairs.results(picked, null, count, now));
    } else {
      out.emit(this.#pairs.results(null, picked, count, now));
    }
  }

  /** The kept records of a side. */
  #source(side: number): Source {
    const rows = this.#state.sides[side];
    const fields = this.#kept[side];
    const starts = this.#checked.windowed ? keptTimes(rows, fields) : null;
    return { ...keptSource(rows, fields), starts };
  }
}

function startOf({ windowStart }: Batch): Column {
  assert(windowStart !== null, 'results of windows have their bounds');
  return { type: 'timestamp', values: windowStart, valid: null };
}

/** Picks those of rows[0..count-1] (null: rows 0..count-1) that are later than a time. @returns how many */
function later(
  times: Float64Array,
  floor: Watermark,
  rows: Int32Array | null,
  count: number,
  into: Int32Array,
): number {
  const n = count | 0;
  const least = +floor;
  let picked = 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    into[picked] = row;
    picked += times[row] > least ? 1 : 0;
  }
  return picked;
}

/** Notes that positions have a partner. @returns how many had none before, whose places go to `fresh` */
function note(matched: Uint8Array, at: Int32Array, count: number, fresh: Int32Array): number {
  let found = 0;
  for (let k = 0; k < count; k++) {
    if (matched[at[k]] === 0) fresh[found++] = k;
    matched[at[k]] = 1;
  }
  return found;
}
